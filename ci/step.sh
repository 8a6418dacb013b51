# shellcheck shell=bash
# Sourced by every group: how a step runs, how it is counted, and what it needs installed.
# A verdict is one line of $RUN/results: group, passed|failed|skipped, how many, what.

record() { printf '%s\t%s\t%d\t%s\n' "$GROUP" "$1" "$2" "$3" >>"$RUN/results"; }

# check WHAT COMMAND...: one verdict, from the exit status.
check() {
  local what=$1 started=$SECONDS
  shift
  printf '\n-- %s\n' "$what"
  if "$@"; then
    record passed 1 "$what"
    printf 'ok: %s (%d s)\n' "$what" $((SECONDS - started))
  else
    record failed 1 "$what"
    printf 'FAILED: %s (%d s)\n' "$what" $((SECONDS - started))
  fi
}

# tests WHAT COMMAND...: a verdict for every test that cargo's or node's runner reports.
# A run that stops early is a failure, and so is one in which nothing ran.
tests() {
  local what=$1 started=$SECONDS status=0 log passed failed skipped
  shift
  log=$(mktemp "$RUN/log.XXXXXX")
  printf '\n-- %s\n' "$what"
  timeout --kill-after=10s 40m "$@" 2>&1 | tee "$log" || status=$?
  read -r passed failed skipped < <(count_tests "$log")
  if ((status != 0 && failed == 0)); then
    failed=1 what="$what: stopped with status $status"
  elif ((passed + failed == 0)); then
    failed=1 what="$what: no test ran"
  fi
  record passed "$passed" "$what"
  ((failed == 0)) || record failed "$failed" "$what"
  failed_tests "$log" | while read -r name; do record failed 0 "  $name"; done
  ((skipped == 0)) || record skipped "$skipped" "$what: ignored by the runner"
  printf '%s: %d passed, %d failed, %d skipped (%d s)\n' \
    "$what" "$passed" "$failed" "$skipped" $((SECONDS - started))
}

# cargo: "test a::b ... FAILED"   node: "✖ what (12.3ms)"
failed_tests() {
  plain "$1" | sed -nE 's/^test (.+) \.\.\. FAILED$/\1/p; s/^ *✖ (.+) \([0-9.]+ms\)$/\1/p' | sort -u | head -n 20
}

# cargo: "test result: ok. 3 passed; 0 failed; 1 ignored; ..."   node: "# pass 3" or "ℹ pass 3"
count_tests() {
  plain "$1" | awk '
    /^test result: / { passed += $4; failed += $6; skipped += $8 }
    NF == 3 && $3 ~ /^[0-9]+$/ && $2 == "pass" { passed += $3 }
    NF == 3 && $3 ~ /^[0-9]+$/ && ($2 == "fail" || $2 == "cancelled") { failed += $3 }
    NF == 3 && $3 ~ /^[0-9]+$/ && ($2 == "skipped" || $2 == "todo") { skipped += $3 }
    END { print passed + 0, failed + 0, skipped + 0 }'
}

# A log without its colours.
plain() { sed 's/\x1b\[[0-9;]*m//g' "$1"; }

# skip WHAT WHY: cannot be done here, and that is nobody's mistake.
skip() {
  record skipped 1 "$1: $2"
  printf '\n-- %s\nSKIPPED: %s\n' "$1" "$2"
}

# missing WHAT WHY: a piece that a machine can have. Skipped on a person's machine, failed in CI.
missing() {
  if [[ ${CI:-} != true ]]; then
    skip "$1" "$2"
  else
    record failed 1 "$1: $2"
    printf '\n-- %s\nFAILED: %s\n' "$1" "$2"
  fi
}

# have COMMAND [PACKAGE]: whether COMMAND can be run, if need be from Debian's PACKAGE.
have() {
  command -v "$1" >/dev/null || { may_install && install_package "${2:-$1}" && command -v "$1" >/dev/null; }
}

# needs COMMAND[:PACKAGE]...: ends the group when one of them cannot be had.
needs() {
  local need lacking=()
  for need in "$@"; do
    have "${need%%:*}" "${need##*:}" || lacking+=("${need##*:}")
  done
  [[ ${#lacking[@]} -eq 0 ]] || {
    missing 'the group' "needs ${lacking[*]} (apt-get install ${lacking[*]})"
    exit 0
  }
}

may_install() { [[ $EUID -eq 0 ]] && command -v apt-get >/dev/null; }

install_package() {
  printf 'installing %s\n' "$1"
  [[ -e $RUN/apt-updated ]] || apt-get -qq update >"$RUN/apt.log" 2>&1 || true
  touch "$RUN/apt-updated"
  DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends -y "$1" \
    >>"$RUN/apt.log" 2>&1 || { tail -n 5 "$RUN/apt.log"; return 1; }
}
