// The promise in the title of the page: nothing that runs in it can read the token.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Visitor, stage } from "./demo.js";

const here = stage();

test("no script, no storage and no answer body holds a token, whatever is done with it", async () => {
  const ada = await Visitor.open(here);
  await ada.logIn();
  for (const step of ["Read", "Write", "Forge a write", "Renew", "Read"]) await ada.press(step);
  const current = await ada.cookie("__Host-session");
  const seen = await ada.page.evaluate(everythingScriptCanSee);
  await ada.press("Log out, replay");

  const exchanges = await ada.exchanges();
  const tokens = exchanges.flatMap(({ headers }) => headers).flatMap(tokenSetBy);
  assert.ok(tokens.length >= 2, "login and renewal each set a token");
  assert.ok(tokens.includes(current.value));
  assert.equal(new Set(tokens).size, tokens.length, "each renewal makes a new token");

  const open = [
    ...Object.entries(seen).map(([where, text]) => ({ where, text })),
    ...exchanges.flatMap(({ text: where, body, headers }) => [
      { where, text: body },
      ...headers.filter(([name]) => name !== "set-cookie").map(([, text]) => ({ where, text })),
    ]),
  ];
  // Whole or in part: the longest parts of a token are its ciphertext, its header and its tag.
  const secrets = tokens.flatMap((token) => [
    token,
    ...token.split(".").filter((part) => part.length >= 16),
  ]);
  for (const { where, text } of open) {
    for (const secret of secrets) assert.ok(!text.includes(secret), `${where} holds a token`);
  }

  // The same search finds what script may see: it would have found a token.
  const csrf = exchanges
    .flatMap(({ headers }) => headers)
    .map(csrfSetBy)
    .find(Boolean);
  assert.equal(seen["document.cookie"], `__Host-csrf=${csrf}`);
  assert.ok(
    open.some(({ where, text }) => where === "POST /auth/login 200" && text.includes(csrf)),
  );
  assert.ok(seen["the page"].includes(csrf));
  assert.equal(seen.localStorage, "{}");
  assert.equal(seen.sessionStorage, "{}");

  await ada.leave("POST /api/notes 403");
});

test("the page shows what script sees, as it is", async () => {
  const ada = await Visitor.open(here);
  const row = (id) => ada.page.locator(`#sight-${id}`);
  assert.equal(await row("cookie").textContent(), "empty");

  await ada.logIn();
  const { value } = await ada.cookie("__Host-csrf");
  await row("cookie")
    .filter({ hasText: `__Host-csrf=${value}` })
    .waitFor();
  assert.equal(await row("local").textContent(), "empty");
  await ada.page.evaluate(() => localStorage.setItem("token", "left by a careless page"));
  await row("local").filter({ hasText: "left by a careless page" }).waitFor();
  await ada.leave();
});

test("script can neither read, nor overwrite, nor expire the session cookie", async () => {
  const ada = await Visitor.open(here);
  await ada.logIn();
  const before = await ada.cookie("__Host-session");
  await ada.page.evaluate(() => {
    document.cookie = "__Host-session=planted; Path=/; Secure";
    document.cookie = "__Host-session=; Path=/; Secure; Max-Age=0";
  });
  assert.deepEqual(await ada.cookie("__Host-session"), before);
  assert.deepEqual(await ada.press("Read"), ["200 OK Hello, ada."]);
  await ada.leave();
});

/** Runs in the page. */
async function everythingScriptCanSee() {
  const session = await fetch("/auth/session");
  return {
    "document.cookie": document.cookie,
    "the cookie store": JSON.stringify((await globalThis.cookieStore?.getAll()) ?? []),
    localStorage: JSON.stringify(localStorage),
    sessionStorage: JSON.stringify(sessionStorage),
    "indexed databases": JSON.stringify(await indexedDB.databases()),
    caches: JSON.stringify(await caches.keys()),
    "the page": document.documentElement.outerHTML,
    "its address": location.href + document.referrer + window.name + JSON.stringify(history.state),
    "a fetched answer": JSON.stringify([...session.headers]) + (await session.text()),
  };
}

function tokenSetBy([name, value]) {
  const token = name === "set-cookie" && value.match(/^__Host-session=([^;]+)/)?.[1];
  return token ? [token] : [];
}

function csrfSetBy([name, value]) {
  return name === "set-cookie" && value.match(/^__Host-csrf=([^;]+)/)?.[1];
}
