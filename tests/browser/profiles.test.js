// The cookie profiles, as a real browser keeps them, and the moves between them.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch } from "./demo.js";
import { Front, logIn, send } from "./server.js";

const [HOST, SIBLING, DOMAIN] = ["a.app.localhost", "b.app.localhost", "app.localhost"];
const SITE = `cookies.profile = "site"\ncookies.domain = "${DOMAIN}"\n`;

let browser;
let front;
before(async () => {
  browser = await launch();
  front = await Front.open();
});
after(async () => {
  await browser?.close();
  await front?.close();
});

/** A browser of its own, and a way to open a page of one of our hosts in it. */
async function visit() {
  const context = await browser.newContext();
  const open = async (host) => {
    const page = await context.newPage();
    await page.goto(`${front.origin(host)}/`);
    return page;
  };
  const cookies = async () => {
    const all = await context.cookies();
    const texts = all.map(({ name, domain, partitionKey }) =>
      [name, domain, partitionKey && "partitioned"].filter(Boolean).join(" "),
    );
    return texts.sort();
  };
  return { context, open, cookies };
}

const ON_HOST = [`__Host-csrf ${HOST}`, `__Host-session ${HOST}`];
const ON_SITE = [`__Secure-csrf .${DOMAIN}`, `__Secure-session .${DOMAIN}`];

test("the cookies of a site are sent from each of its hosts, and only its origin may write", async () => {
  await front.serve(HOST, SITE);
  const { context, open, cookies } = await visit();
  const own = await open(HOST);
  const csrf = await logIn(own);
  assert.deepEqual(await cookies(), ON_SITE);

  const sibling = await open(SIBLING);
  assert.equal((await send(sibling, "GET", "/auth/session")).subject, "ada");
  const forged = await send(sibling, "POST", "/auth/logout", { csrf });
  assert.deepEqual([forged.status, forged.code], [403, "cross_site"]);

  assert.equal((await send(own, "POST", "/auth/logout", { csrf })).status, 204);
  assert.deepEqual(await cookies(), []);
  assert.equal((await send(sibling, "GET", "/auth/session")).status, 401);
  await context.close();
});

for (const [name, from, to, [before, after]] of [
  ["from a host to its site", "", `${SITE}cookies.previous = ["host"]\n`, [ON_HOST, ON_SITE]],
  [
    "from a site to one host",
    SITE,
    `cookies.previous = ["site ${DOMAIN}"]\n`,
    [ON_SITE, ON_HOST],
  ],
]) {
  test(`a session moves ${name}, in several tabs at once`, async () => {
    await front.serve(HOST, from);
    const { context, open, cookies } = await visit();
    const tabs = [await open(HOST), await open(HOST), await open(HOST)];
    const csrf = await logIn(tabs[0]);
    assert.deepEqual(await cookies(), before);

    await front.serve(HOST, to);
    const renewed = await Promise.all(
      tabs.map((tab) => send(tab, "POST", "/auth/refresh", { csrf })),
    );
    for (const { status, csrf_token } of renewed) {
      assert.deepEqual([status, csrf_token], [200, csrf]);
    }
    assert.deepEqual(await cookies(), after);

    assert.equal((await send(tabs[1], "POST", "/auth/logout", { csrf })).status, 204);
    assert.deepEqual(await cookies(), []);
    await context.close();
  });
}

test("a cookie that a sibling plants for the domain changes nothing", async () => {
  await front.serve(HOST, `cookies.previous = ["site ${DOMAIN}"]\n`);
  const { context, open, cookies } = await visit();
  const own = await open(HOST);
  const csrf = await logIn(own);
  const sibling = await open(SIBLING);
  for (const name of ["__Secure-session", "__Secure-csrf", "__Host-session"]) {
    const planted = `${name}=evil; Domain=${DOMAIN}; Path=/; Secure`;
    await sibling.evaluate((cookie) => void (document.cookie = cookie), planted);
  }
  // The browser itself keeps nobody from planting the first two.
  assert.deepEqual(await cookies(), [...ON_HOST, ...ON_SITE].sort());
  assert.equal((await send(own, "GET", "/auth/session")).subject, "ada");
  assert.equal((await send(own, "POST", "/auth/refresh", { csrf })).status, 200);
  assert.equal((await send(own, "POST", "/auth/logout", { csrf })).status, 204);
  assert.deepEqual(await cookies(), []);
  await context.close();
});

test("an embedded page has a session of its own for each site that embeds it", async () => {
  await front.serve(HOST, 'cookies.profile = "cross-site"\n');
  const { context, open, cookies } = await visit();
  const outer = await context.newPage();
  await outer.goto(front.embed(`${front.origin(HOST)}/`));
  const frame = outer.frames()[1];
  await frame.waitForLoadState();
  assert.equal(await frame.evaluate(() => location.hostname), HOST);
  const csrf = await logIn(frame);
  assert.deepEqual(await cookies(), [
    `__Host-cross-csrf ${HOST} partitioned`,
    `__Host-cross-session ${HOST} partitioned`,
  ]);
  assert.equal((await send(frame, "GET", "/auth/session")).subject, "ada");
  assert.equal((await send(frame, "POST", "/auth/refresh", { csrf })).status, 200);

  // The same host, not embedded: another partition.
  assert.equal((await send(await open(HOST), "GET", "/auth/session")).code, "token_missing");

  // The page around it cannot write with the session: the cookie is there, its origin is not ours.
  const forged = await outer.evaluate(async (url) => {
    const options = { method: "POST", mode: "no-cors", credentials: "include" };
    return (await fetch(url, options)).type;
  }, `${front.origin(HOST)}/auth/logout`);
  assert.equal(forged, "opaque");
  assert.equal((await send(frame, "GET", "/auth/session")).subject, "ada");

  assert.equal((await send(frame, "POST", "/auth/logout", { csrf })).status, 204);
  assert.deepEqual(await cookies(), []);
  await context.close();
});
