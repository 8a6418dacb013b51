// Starts the built `sealpass demo` and a Chromium, and gives each test visitors that remember
// everything their browser did.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { after, before } from "node:test";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";

const root = new URL("../../", import.meta.url);
/** The program under test. */
export const program =
  process.env.SEALPASS_BIN ?? fileURLToPath(new URL("target/debug/sealpass", root));

/** Where screenshots go. */
export const output = fileURLToPath(new URL("target/browser/", root));

/** A Chromium that does nothing on its own. */
export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** A demo and a browser for the tests of one file, started before them and stopped after them. */
export function stage(...demoArguments) {
  const stage = {};
  before(async () => {
    stage.demo = await startDemo(...demoArguments);
    stage.browser = await launch();
  });
  after(async () => {
    await stage.browser?.close();
    const code = await stage.demo?.stop();
    assert.equal(code, 0, "the demo did not end cleanly on an interrupt");
  });
  return stage;
}

/** Runs the program and collects what it says until it ends. */
export async function runToEnd(...args) {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], timeout: 60_000 });
  const said = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"]) {
    child[stream].on("data", (data) => (said[stream] += data));
  }
  const [code] = await once(child, "close");
  return { code, ...said };
}

/** Starts `sealpass demo` on a free port and reads where it is and who may log in. */
export async function startDemo(...args) {
  const { child, lines } = spawnDemo("--format", "json", ...args);
  const { value: line } = await lines.next();
  assert.ok(line, "the demo ended before it printed its address");
  return { ...JSON.parse(line), stop: () => interrupt(child) };
}

/** The process of a demo and the lines it prints; `interrupt` ends it. */
export function spawnDemo(...args) {
  const all = ["demo", "--listen", "127.0.0.1:0", ...args];
  // No demo outlives its tests, even when they are stuck.
  const child = spawn(program, all, { stdio: ["ignore", "pipe", "inherit"], timeout: 600_000 });
  child.on("error", ({ message }) => {
    console.error(`${message}: build the program first, or name it in SEALPASS_BIN`);
  });
  return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
}

/** Presses Ctrl-C; the exit status. */
export async function interrupt(child) {
  const ended = once(child, "exit");
  child.kill("SIGINT");
  const [code] = await ended;
  return code;
}

/** A person with a browser of their own: own cookies, and a memory of all that was sent. */
export class Visitor {
  /** The answers of 400 and above so far, as `POST /api/notes 403`. */
  refusals = [];
  #troubles = [];
  #lures = new Set();
  #exchanges = [];

  static async open(stage, options = {}) {
    const context = await stage.browser.newContext(options);
    const visitor = new Visitor(stage.demo, context);
    await visitor.#listen();
    visitor.page = await visitor.openTab();
    return visitor;
  }

  constructor(demo, context) {
    this.demo = demo;
    this.context = context;
  }

  async #listen() {
    const trouble = (what) => this.#troubles.push(what);
    await this.context.exposeBinding("reportViolation", (_, violation) => trouble(violation));
    await this.context.addInitScript(() => {
      addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => {
        reportViolation(`the page broke its own policy: ${violatedDirective} ${blockedURI}`);
      });
    });
    this.context.on("weberror", (error) => trouble(`uncaught: ${error.error()}`));
    this.context.on("console", (message) => {
      if (this.#lures.has(message.page())) return;
      // Chromium itself reports each refused answer; `refusals` has those.
      const isRefusal = message.text().startsWith("Failed to load resource: the server responded");
      if (["error", "warning"].includes(message.type()) && !isRefusal) trouble(message.text());
    });
    this.context.on("request", (request) => {
      if (this.#lures.has(request.frame().page())) return;
      if (new URL(request.url()).origin !== this.demo.url) trouble(`went to ${request.url()}`);
    });
    this.context.on("response", (response) => {
      const request = response.request();
      if (this.#lures.has(request.frame().page())) return;
      const text = `${request.method()} ${new URL(request.url()).pathname} ${response.status()}`;
      if (response.status() >= 400) this.refusals.push(text);
      const exchange = remember(text, response);
      exchange.catch(() => {}); // whoever asks for the exchanges is told
      this.#exchanges.push(exchange);
    });
  }

  async openTab() {
    const page = await this.context.newPage();
    await page.goto(this.demo.url);
    return page;
  }

  /** Opens a page of somebody else in this browser; what it asks for is not the visitor's doing. */
  async lure(url) {
    const page = await this.context.newPage();
    this.#lures.add(page);
    await page.goto(url);
    return page;
  }

  async close() {
    await this.context.close();
  }

  /** Every answer with its headers and its body. */
  exchanges() {
    return Promise.all(this.#exchanges);
  }

  /** Types the printed username and password. */
  async logIn(page = this.page) {
    await page.getByLabel("Username").pressSequentially(this.demo.username);
    await page.getByLabel("Password").pressSequentially(this.demo.password);
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByRole("heading", { name: `Logged in as ${this.demo.username}` }).waitFor();
  }

  /** Presses a button of "Try it" and returns the verdicts that appear beside it. */
  async press(name, page = this.page) {
    const button = page.getByRole("button", { name, exact: true });
    const step = page.getByRole("listitem").filter({ has: button });
    await button.click();
    await step.locator("[aria-busy=false]").waitFor();
    return step.locator(".verdict").allTextContents();
  }

  async cookie(name) {
    return (await this.context.cookies()).find((cookie) => cookie.name === name);
  }

  /** Sends a request from the page's own script. */
  send(method, path, headers = {}, body = undefined) {
    return this.page.evaluate(
      async ([method, path, headers, body]) => {
        const response = await fetch(path, { method, headers, body });
        const text = await response.text();
        return { status: response.status, ...(text && JSON.parse(text)) };
      },
      [method, path, headers, body],
    );
  }

  /** How many writes reached the API, whatever became of them. */
  async received() {
    const { status, received } = await this.send("GET", "/api/notes");
    assert.equal(status, 200);
    return received;
  }

  /** Ends the visit: nothing was refused but `refusals`, and nothing else went wrong. */
  async leave(...refusals) {
    await this.exchanges();
    await this.close();
    assert.deepEqual([...this.refusals].sort(), [...refusals].sort());
    assert.deepEqual(this.#troubles, []);
  }
}

async function remember(text, response) {
  const body = response.status() === 204 ? "" : (await response.body()).toString();
  const sent = await response.headersArray();
  return { text, body, headers: sent.map(({ name, value }) => [name.toLowerCase(), value]) };
}
