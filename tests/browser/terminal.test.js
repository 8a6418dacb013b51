// What the demo prints, pasted into a shell; and what it refuses to do.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";

import { interrupt, runToEnd, spawnDemo, startDemo } from "./demo.js";

test("the printed curl lines do what the printed words say", async () => {
  const { child, lines } = spawnDemo();
  const commands = [];
  const promised = [];
  for await (const line of lines) {
    const status = line.match(/^ {2}# .* (\d{3})$/)?.[1];
    if (status) promised.push(status);
    if (/^ {2}(curl |\w+=)/.test(line)) commands.push(line.trim());
    if (promised.at(-1) === "401" && commands.at(-1)?.startsWith("curl") && !status) break;
  }
  try {
    const script = [...commands, 'rm "$jar"'].join("\n");
    const { stdout } = await promisify(execFile)("sh", ["-euc", script]);
    const statuses = stdout.split("\n").filter((line) => /^\d{3}$/.test(line));
    assert.deepEqual(statuses, promised);
    assert.deepEqual(statuses, ["200", "200", "200", "403", "204", "401"]);
  } finally {
    assert.equal(await interrupt(child), 0);
  }
});

test("each start has a password of its own", async () => {
  const demos = [await startDemo(), await startDemo()];
  for (const { url, username, password } of demos) {
    assert.match(url, /^http:\/\/localhost:\d+$/);
    assert.equal(username, "ada");
    assert.match(password, /^([0-9a-hjkmnp-tv-z]{4}-){3}[0-9a-hjkmnp-tv-z]{4}$/);
  }
  assert.notEqual(demos[0].password, demos[1].password);
  for (const demo of demos) await demo.stop();
});

test("the demo does not leave this machine", async () => {
  for (const address of ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"]) {
    const { code, stdout, stderr } = await runToEnd("demo", "--listen", address);
    assert.notEqual(code, 0);
    assert.equal(stdout, "");
    assert.match(stderr, /loopback/);
  }
});
