// Starts `sealpass serve` behind a small front, so that its origin is known before it runs and stays
// the same when it is replaced by one with other settings.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { program } from "./demo.js";

export const username = "ada";
export const password = "correct horse battery staple";

const BLANK = "<!doctype html><title>Blank</title>";

/** A front on a free port; `/` is a page without a script, `/auth/` is whoever serves at the moment. */
export class Front {
  #server;
  #folder;
  #running;

  static async open() {
    const front = new Front();
    front.#folder = await mkdtemp(join(tmpdir(), "sealpass-"));
    front.#server = createServer((incoming, answer) => front.#pass(incoming, answer));
    await once(front.#server.listen(0, "127.0.0.1"), "listening");
    await front.#run(["user", "add", username, "--password-stdin", "--users", "users.toml"], password);
    await front.#run(["keys", "secret", "--out", "secret"]);
    return front;
  }

  /** The origin of a host name, all of which lead here. */
  origin(host) {
    return `http://${host}:${this.#server.address().port}`;
  }

  /** A page that embeds `url`, for a site of its own. */
  embed(url) {
    return `${this.origin("127.0.0.1")}/embed?${encodeURIComponent(url)}`;
  }

  /** Serves with `settings` from now on. Sessions go on: the secret and the journal are the same. */
  async serve(host, settings) {
    await this.#stop();
    const config = join(this.#folder, "sealpass.toml");
    await writeFile(
      config,
      `listen = "127.0.0.1:0"\norigin = "${this.origin(host)}"\nadmin.listen = "off"\n` +
        'backend.users = "users.toml"\nkeys.secret = "file:secret"\nrevocation.journal = "journal"\n' +
        settings,
    );
    const child = spawn(program, ["serve", "--config", config, "--log-format", "json"], {
      env: { ...process.env, SEALPASS_LOG_LEVEL: "info" },
      stdio: ["ignore", "inherit", "pipe"],
      timeout: 600_000,
    });
    this.#running = { child };
    const said = [];
    for await (const line of createInterface({ input: child.stderr })) {
      said.push(line);
      const { message, address } = JSON.parse(line);
      if (message !== "listening") continue;
      this.#running.address = address;
      child.stderr.resume();
      return;
    }
    assert.fail(`the server did not start: ${said.join("\n")}`);
  }

  async close() {
    await this.#stop();
    this.#server.close();
    this.#server.closeAllConnections();
    await rm(this.#folder, { recursive: true });
  }

  async #stop() {
    if (!this.#running) return;
    const ended = once(this.#running.child, "exit");
    this.#running.child.kill("SIGTERM");
    await ended;
    this.#running = undefined;
  }

  async #run(args, input = "") {
    const child = spawn(program, args, { cwd: this.#folder, stdio: ["pipe", "ignore", "inherit"] });
    child.stdin.end(`${input}\n`);
    const [code] = await once(child, "close");
    assert.equal(code, 0, args.join(" "));
  }

  #pass(incoming, answer) {
    const { url, method, headers } = incoming;
    if (!url.startsWith("/auth/")) {
      const [, embedded] = url.split("/embed?");
      const frame = embedded ? `<iframe src="${decodeURIComponent(embedded)}"></iframe>` : "";
      answer.setHeader("Content-Type", "text/html").end(BLANK + frame);
      return;
    }
    const [host, port] = this.#running.address.split(":");
    const outgoing = request({ host, port, path: url, method, headers }, (response) => {
      answer.writeHead(response.statusCode, response.rawHeaders);
      response.pipe(answer);
    });
    outgoing.on("error", () => answer.destroy());
    incoming.pipe(outgoing);
  }
}

/** Sends a request from the script of `frame`; the status and what the body says. */
export function send(frame, method, path, { csrf, body } = {}) {
  const headers = {
    ...(csrf && { "X-CSRF-Token": csrf }),
    ...(body && { "Content-Type": "application/json" }),
  };
  return frame.evaluate(
    async ([method, path, headers, body]) => {
      const response = await fetch(path, { method, headers, body });
      const text = await response.text();
      return { status: response.status, ...(text && JSON.parse(text)) };
    },
    [method, path, headers, body && JSON.stringify(body)],
  );
}

export async function logIn(frame) {
  const session = await send(frame, "POST", "/auth/login", { body: { username, password } });
  assert.equal(session.status, 200, JSON.stringify(session));
  return session.csrf_token;
}
