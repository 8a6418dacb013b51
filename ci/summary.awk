# Reads seconds per group, then (group, verdict, count, what) lines; prints the closing summary.

FNR == NR { order[++groups] = $1; seconds[$1] = $2; next }

{ sum[$1, $2] += $3; total[$2] += $3 }
$2 == "failed" { failures = failures "failed   " $1 ": " $4 "\n" }
$2 == "skipped" { skips = skips "skipped  " $1 ": " $4 "\n" }

END {
  for (i = 1; i <= groups; i++) {
    group = order[i]
    printf "%-9s%5d passed %4d failed %4d skipped %6d s\n", group, sum[group, "passed"], sum[group, "failed"], sum[group, "skipped"], seconds[group]
  }
  printf "%s%s", skips, failures
  printf "%d passed, %d failed, %d skipped\n", total["passed"], total["failed"], total["skipped"]
  exit total["failed"] > 0
}
