// The cookies for browsers that refuse `Secure` ones on loopback, as Safari does.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Visitor, stage } from "./demo.js";

const here = stage("--cookies", "dev");

test("the dev cookies are not Secure, and everything else about them is the same", async () => {
  const ada = await Visitor.open(here);
  await ada.logIn();
  const cookies = await ada.context.cookies();
  const scopes = cookies.map(({ name, secure, httpOnly, sameSite }) => ({
    name,
    secure,
    httpOnly,
    sameSite,
  }));
  assert.deepEqual(
    scopes.sort((a, b) => a.name.localeCompare(b.name)),
    [
      { name: "dev-csrf", secure: false, httpOnly: false, sameSite: "Strict" },
      { name: "dev-session", secure: false, httpOnly: true, sameSite: "Lax" },
    ],
  );
  assert.match(await ada.page.evaluate(() => document.cookie), /^dev-csrf=[\w-]{22}$/);

  assert.deepEqual(await ada.press("Read"), ["200 OK Hello, ada."]);
  assert.match((await ada.press("Write")).join(), /^200 OK /);
  assert.match((await ada.press("Forge a write")).join(), /^403 csrf_missing /);
  assert.match((await ada.press("Log out, replay")).at(-1), /^401 token_revoked /);
  await ada.leave("POST /api/notes 403");
});
