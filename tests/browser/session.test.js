// Renewal that never races, and logout that is real.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Visitor, stage } from "./demo.js";

const here = stage();
const loggedIn = { name: "Logged in as ada" };

test("ten parallel renewals all succeed and leave one session that works", async () => {
  const ada = await Visitor.open(here);
  await ada.logIn();
  const { value: csrf } = await ada.cookie("__Host-csrf");
  const { value: first } = await ada.cookie("__Host-session");

  const answers = await ada.page.evaluate((csrf) => {
    const renew = () =>
      fetch("/auth/refresh", { method: "POST", headers: { "X-CSRF-Token": csrf } });
    const read = async (response) => ({ status: response.status, ...(await response.json()) });
    return Promise.all(Array.from({ length: 10 }, () => renew().then(read)));
  }, csrf);

  assert.deepEqual(
    answers.map(({ status }) => status),
    Array(10).fill(200),
  );
  assert.deepEqual(
    answers.map(({ csrf_token }) => csrf_token),
    Array(10).fill(csrf),
  );
  assert.notEqual((await ada.cookie("__Host-session")).value, first);
  assert.deepEqual(await ada.press("Read"), ["200 OK Hello, ada."]);
  assert.match((await ada.press("Write")).join(), /^200 OK /);
  await ada.leave();
});

test("after logout the saved cookie is refused as revoked", async () => {
  const ada = await Visitor.open(here);
  await ada.logIn();
  const saved = await ada.cookie("__Host-session");
  await ada.press("Renew");
  const renewed = await ada.cookie("__Host-session");

  await ada.page.getByRole("button", { name: "Log out", exact: true }).click();
  await ada.page.getByRole("heading", { name: "Log in" }).waitFor();
  assert.deepEqual(await ada.context.cookies(), []);

  for (const stolen of [saved, renewed]) {
    await ada.context.addCookies([stolen]);
    assert.match((await ada.press("Read")).join(), /^401 token_revoked /);
    await ada.context.clearCookies();
  }
  await ada.leave("GET /api/hello 401", "GET /api/hello 401");
});

test("the demo replays the cookie for you, and is refused", async () => {
  const ada = await Visitor.open(here);
  await ada.logIn();
  const [logout, replay] = await ada.press("Log out, replay");
  assert.match(logout, /^204 /);
  assert.match(replay, /^401 token_revoked /);
  await ada.page.getByRole("heading", { name: "Log in" }).waitFor();
  assert.deepEqual(await ada.context.cookies(), []);
  await ada.leave();
});

test("logging out ends one session and not another of the same user", async () => {
  const [laptop, phone] = [await Visitor.open(here), await Visitor.open(here)];
  await laptop.logIn();
  await phone.logIn();
  await laptop.press("Log out, replay");
  assert.deepEqual(await phone.press("Read"), ["200 OK Hello, ada."]);
  await laptop.leave();
  await phone.leave();
});

test("two tabs share a session: one renews, the other acts", async () => {
  const ada = await Visitor.open(here);
  await ada.logIn();
  const second = await ada.openTab();
  await second.getByRole("heading", loggedIn).waitFor();

  assert.match((await ada.press("Renew")).join(), /^200 OK /);
  assert.match((await ada.press("Write", second)).join(), /^200 OK /);
  assert.match((await ada.press("Renew", second)).join(), /^200 OK /);
  assert.match((await ada.press("Write")).join(), /^200 OK /);
  await ada.leave();
});

test("two tabs share a logout: one logs out, the other is refused and says so", async () => {
  const ada = await Visitor.open(here);
  await ada.logIn();
  const second = await ada.openTab();
  await second.getByRole("heading", loggedIn).waitFor();

  await ada.page.getByRole("button", { name: "Log out", exact: true }).click();
  await ada.page.getByRole("heading", { name: "Log in" }).waitFor();
  assert.match((await ada.press("Write", second)).join(), /^401 token_missing /);
  await second.getByRole("heading", { name: "Log in" }).waitFor();

  // A login in one tab is a login in both, with the new session's anti-CSRF token.
  await ada.logIn(second);
  await ada.page.getByRole("heading", loggedIn).waitFor();
  assert.match((await ada.press("Write")).join(), /^200 OK /);
  await ada.leave("POST /api/notes 401");
});
