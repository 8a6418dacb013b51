// What another page, another session or another origin can make a logged-in browser do: nothing.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, test } from "node:test";

import { Visitor, stage } from "./demo.js";

const here = stage();
const JSON_TYPE = { "Content-Type": "application/json" };
const NOTE = JSON.stringify({ text: "Forged" });

test("a write with the header reaches the API, and without it does not", async () => {
  const ada = await Visitor.open(here);
  await ada.logIn();
  const before = await ada.received();
  const [written] = await ada.press("Write");
  assert.match(written, /^200 OK /);
  assert.equal(await ada.received(), before + 1);

  const [refused, proof] = await ada.press("Forge a write");
  assert.match(refused, /^403 csrf_missing /);
  assert.match(proof, /^200 OK The API never saw it/);
  assert.equal(await ada.received(), before + 1);
  await ada.leave("POST /api/notes 403");
});

test("the token of another session is refused, alone and as a planted pair", async () => {
  const [ada, eve] = [await Visitor.open(here), await Visitor.open(here)];
  await ada.logIn();
  await eve.logIn();
  const before = await ada.received();
  const other = await eve.cookie("__Host-csrf");
  assert.notEqual(other.value, (await ada.cookie("__Host-csrf")).value);

  const headers = { ...JSON_TYPE, "X-CSRF-Token": other.value };
  const alone = await ada.send("POST", "/api/notes", headers, NOTE);
  assert.deepEqual([alone.status, alone.code], [403, "csrf_mismatch"]);

  // What a sibling subdomain could do without `__Host-`: header and cookie agree with each other.
  await ada.context.addCookies([other]);
  const pair = await ada.send("POST", "/api/notes", headers, NOTE);
  assert.deepEqual([pair.status, pair.code], [403, "csrf_mismatch"]);

  assert.equal(await ada.received(), before);
  await eve.leave();
  await ada.leave("POST /api/notes 403", "POST /api/notes 403");
});

for (const [path, body] of Object.entries({
  "/api/notes": NOTE,
  "/auth/refresh": undefined,
  "/auth/logout": undefined,
  "/demo/logout-and-replay": undefined,
})) {
  test(`POST ${path} without the header changes nothing`, async () => {
    const ada = await Visitor.open(here);
    await ada.logIn();
    const before = [await ada.received(), await ada.context.cookies()];
    const refused = await ada.send("POST", path, JSON_TYPE, body);
    assert.deepEqual([refused.status, refused.code], [403, "csrf_missing"]);
    assert.deepEqual([await ada.received(), await ada.context.cookies()], before);
    await ada.leave(`POST ${path} 403`);
  });
}

/** Somebody else's server, on another port. */
const attacker = createServer((_, response) => {
  response.setHeader("Content-Type", "text/html").end("<!doctype html><title>Kittens</title>");
});
const lureOn = (host) => `http://${host}:${attacker.address().port}/`;
before(() => once(attacker.listen(0, "127.0.0.1"), "listening"));
after(() => {
  attacker.close();
  attacker.closeAllConnections();
});

/** These run in the attacker's page. */
const attacks = {
  "a form that submits itself": (target) => {
    const form = Object.assign(document.createElement("form"), { method: "post", action: target });
    form.append(Object.assign(document.createElement("input"), { name: "text", value: "Forged" }));
    document.body.append(form);
    form.submit();
  },
  "a form that looks like JSON": (target) => {
    const form = Object.assign(document.createElement("form"), { method: "post", action: target });
    const [name, value] = ['{"text":"', 'Forged"}'];
    form.enctype = "text/plain";
    form.append(Object.assign(document.createElement("input"), { name, value }));
    document.body.append(form);
    form.submit();
  },
  "fetch with credentials": (target) => {
    const body = '{"text":"Forged"}';
    fetch(target, { method: "POST", credentials: "include", body }).catch(() => {});
  },
  "fetch without CORS": (target) => {
    const body = '{"text":"Forged"}';
    fetch(target, { method: "POST", mode: "no-cors", credentials: "include", body });
  },
};

// Another port of localhost is another origin of the same site: the browser sends the cookies along
// and only the gate is in the way. 127.0.0.1 is another site: there the cookies stay at home too.
const places = {
  localhost: { status: 403, carriesSession: true },
  "127.0.0.1": { status: 401, carriesSession: false },
};

for (const [host, expected] of Object.entries(places)) {
  for (const [attack, run] of Object.entries(attacks)) {
    test(`${attack}, on another port of ${host}, is refused`, async () => {
      const ada = await Visitor.open(here);
      await ada.logIn();
      const before = await ada.received();
      const lure = await ada.lure(lureOn(host));
      const target = `${here.demo.url}/api/notes`;

      const { answered } = await onTheWire(lure, target);
      await lure.evaluate(run, target);
      assert.deepEqual(await answered, expected);
      assert.equal(await ada.received(), before);
      await ada.leave();
    });
  }
}

/**
 * What goes over the wire for `POST url`: neither pages nor Playwright are told of an answer that
 * CORS withholds, and what is to be shown is that it was a refusal.
 */
async function onTheWire(page, url) {
  const wire = await page.context().newCDPSession(page);
  const requests = new Map();
  const answered = new Promise((resolve) => {
    // The three events of a request come in any order.
    const note = (id, seen) => {
      const request = Object.assign(requests.get(id) ?? {}, seen);
      requests.set(id, request);
      const { isAttack, carriesSession, status } = request;
      if (isAttack && carriesSession !== undefined && status) resolve({ status, carriesSession });
    };
    wire.on("Network.requestWillBeSent", ({ requestId, request }) => {
      note(requestId, { isAttack: request.url === url && request.method === "POST" });
    });
    wire.on("Network.requestWillBeSentExtraInfo", ({ requestId, headers }) => {
      const cookies = headers.Cookie ?? headers.cookie ?? "";
      note(requestId, { carriesSession: cookies.includes("__Host-session=") });
    });
    wire.on("Network.responseReceivedExtraInfo", ({ requestId, statusCode }) => {
      note(requestId, { status: statusCode });
    });
  });
  await wire.send("Network.enable");
  return { answered };
}

test("a preflight from another origin is not granted, so the request behind it is never sent", async () => {
  const ada = await Visitor.open(here);
  await ada.logIn();
  const before = await ada.received();
  const lure = await ada.lure(lureOn("localhost"));
  const { value } = await ada.cookie("__Host-csrf");
  const sent = await lure.evaluate(
    ([target, value]) => {
      const headers = { "Content-Type": "application/json", "X-CSRF-Token": value };
      const options = {
        method: "POST",
        credentials: "include",
        headers,
        body: '{"text":"Forged"}',
      };
      return fetch(target, options).then(
        () => true,
        () => false,
      );
    },
    [`${here.demo.url}/api/notes`, value],
  );
  assert.equal(sent, false);
  assert.equal(await ada.received(), before);
  await ada.leave();
});

test("another origin cannot frame the page", async () => {
  const ada = await Visitor.open(here);
  const lure = await ada.lure(lureOn("localhost"));
  await lure.evaluate((url) => {
    return new Promise((loaded) => {
      const frame = Object.assign(document.createElement("iframe"), { src: url, onload: loaded });
      document.body.append(frame);
    });
  }, here.demo.url);
  const frame = lure.frames().find((frame) => frame !== lure.mainFrame());
  assert.match(frame.url(), /^chrome-error:/);
  await ada.close();
});
