// Logging in as a person does, by typing.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Visitor, stage } from "./demo.js";

const here = stage();

test("typing what the terminal printed logs in, with two cookies that conform", async () => {
  const ada = await Visitor.open(here);
  await ada.logIn();

  const shared = { domain: "localhost", path: "/", secure: true, expires: -1 };
  const session = await ada.cookie("__Host-session");
  assert.deepEqual(scope(session), { ...shared, httpOnly: true, sameSite: "Lax" });
  assert.equal(session.value.split(".").length, 5, "a JWE has five parts");
  const csrf = await ada.cookie("__Host-csrf");
  assert.deepEqual(scope(csrf), { ...shared, httpOnly: false, sameSite: "Strict" });

  assert.deepEqual(await ada.press("Read"), ["200 OK Hello, ada."]);
  await ada.leave();
});

test("127.0.0.1 leads to localhost, where the cookies belong", async () => {
  const ada = await Visitor.open(here);
  const elsewhere = here.demo.url.replace("localhost", "127.0.0.1");
  const page = await ada.lure(`${elsewhere}/?from=there`);
  assert.equal(page.url(), `${here.demo.url}/?from=there`);

  const post = await ada.context.request.post(`${elsewhere}/auth/login`, {
    data: {},
    maxRedirects: 0,
  });
  assert.equal(post.status(), 421);
  assert.equal((await post.json()).code, "wrong_host");
  await ada.leave();
});

test("a reload finds the session again, and a closed browser has none", async () => {
  const ada = await Visitor.open(here);
  await ada.logIn();
  await ada.exchanges();
  await ada.page.reload();
  await ada.page.getByRole("heading", { name: "Logged in as ada" }).waitFor();
  await ada.leave();

  const stranger = await Visitor.open(here);
  await stranger.page.getByRole("heading", { name: "Log in" }).waitFor();
  assert.match((await stranger.press("Read")).join(), /^401 token_missing /);
  await stranger.leave("GET /api/hello 401");
});

test("a wrong password is announced, and the next try is one field away", async () => {
  const ada = await Visitor.open(here);
  const { page, demo } = ada;
  await page.getByLabel("Username").fill(demo.username);
  await page.getByLabel("Password").fill("not-the-password");
  await page.keyboard.press("Enter");

  const alert = page
    .getByRole("alert")
    .filter({ hasText: "the username or the password is wrong" });
  await alert.waitFor();
  const password = page.getByLabel("Password");
  assert.equal(await password.getAttribute("aria-invalid"), "true");
  assert.equal(await password.inputValue(), "");
  assert.ok(await password.evaluate((field) => field === document.activeElement));
  assert.equal(await ada.cookie("__Host-session"), undefined);

  await page.keyboard.type(demo.password);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Logged in as ada" }).waitFor();
  await ada.leave("POST /auth/login 401");
});

test("an unknown user reads the same words as a wrong password", async () => {
  const eve = await Visitor.open(here);
  const said = [];
  for (const username of ["nobody", here.demo.username]) {
    const body = JSON.stringify({ username, password: "not-the-password" });
    said.push(await eve.send("POST", "/auth/login", { "Content-Type": "application/json" }, body));
  }
  assert.deepEqual(said[0], said[1]);
  assert.equal(said[0].code, "bad_credentials");
  await eve.leave("POST /auth/login 401", "POST /auth/login 401");
});

test("the keyboard alone logs in, acts and logs out", async () => {
  const ada = await Visitor.open(here);
  const { page, demo } = ada;
  const { keyboard } = page;
  const focused = () => page.evaluate(() => document.activeElement.id);

  await keyboard.press("Tab");
  assert.equal(await focused(), "username");
  await keyboard.type(demo.username);
  await keyboard.press("Tab");
  await keyboard.type(demo.password);
  await keyboard.press("Tab");
  await keyboard.press("Space");
  await page.locator("#session-title:focus").waitFor();

  await keyboard.press("Tab");
  assert.equal(await focused(), "logout");
  await keyboard.press("Tab");
  assert.equal(await focused(), "read");
  const ring = await page
    .locator("#read")
    .evaluate((button) => getComputedStyle(button).outlineStyle);
  assert.equal(ring, "solid", "the focus must be visible");
  await keyboard.press("Enter");
  await page.getByRole("log").getByText("Hello, ada.").waitFor();

  await keyboard.press("Shift+Tab");
  await keyboard.press("Enter");
  await page.locator("#login-title:focus").waitFor();
  assert.deepEqual(await ada.context.cookies(), []);
  await ada.leave();
});

test("the session counts down to its three ends", async () => {
  const ada = await Visitor.open(here);
  await ada.logIn();
  const { expires_at, idle_expires_at, session_expires_at } = await ada.send(
    "GET",
    "/auth/session",
  );
  assert.ok(expires_at < idle_expires_at && idle_expires_at < session_expires_at);

  const countdown = async (id, now, text) => {
    await ada.page.clock.setFixedTime(now * 1000);
    await ada.page
      .getByRole("timer")
      .and(ada.page.locator(`#${id}`))
      .filter({ hasText: text })
      .waitFor();
  };
  await countdown("access", expires_at - 42, /^0:42$/);
  await countdown("access", expires_at + 5, /^0:00$/);
  await countdown("idle", idle_expires_at - 61, /^1:01$/);
  // The page believes the server, not its clock: past the end it asks, and is still logged in.
  await countdown("absolute", session_expires_at - 3661, /^1:01:01$/);
  await ada.page.getByRole("log").getByText("GET /auth/session").first().waitFor();
  await ada.page.getByRole("heading", { name: "Logged in as ada" }).waitFor();
  await ada.leave();
});

/** The attributes of a cookie that decide who gets it. */
function scope({ domain, path, secure, expires, httpOnly, sameSite }) {
  return { domain, path, secure, expires, httpOnly, sameSite };
}
