"use strict";

const $ = (id) => document.getElementById(id);
const { csrfCookie, csrfHeader, ...lengths } = document.body.dataset;
const LOG_LENGTH = 40;
const PHRASES = { 200: "OK", 204: "No Content" };

let session = null;
let seenToken;
let askedAbout;

// Read anew for each call: a login in another tab replaces it.
function csrfToken() {
  const pair = document.cookie.split("; ").find((pair) => pair.startsWith(`${csrfCookie}=`));
  return pair?.slice(csrfCookie.length + 1);
}

async function call(method, path, { csrf = method !== "GET", body, said } = {}) {
  const headers = {};
  if (csrf && csrfToken()) headers[csrfHeader] = csrfToken();
  if (body) headers["Content-Type"] = "application/json";
  const answer = { request: `${method} ${path}`, status: 0, body: {} };
  try {
    const response = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
    answer.status = response.status;
    if (/json/.test(response.headers.get("Content-Type"))) answer.body = await response.json();
  } catch {
    answer.body.detail = "there was no answer: the demo may have been stopped";
  }
  return record({ ...answer, detail: isOk(answer) ? said?.(answer.body) : explain(answer.body) });
}

const isOk = ({ status }) => status >= 200 && status < 300;

function explain({ detail, title }) {
  const text = detail ?? title ?? "";
  return text && `${text[0].toUpperCase()}${text.slice(1)}.`;
}

function element(tag, className, ...children) {
  const made = document.createElement(tag);
  made.className = className;
  made.append(...children);
  return made;
}

function verdict({ status, body, detail }) {
  const ok = isOk({ status });
  const text = [status || "Failed", PHRASES[status] ?? body.code].filter(Boolean).join(" ");
  const line = element("p", "verdict", element("b", ok ? "accepted" : "refused", text));
  if (detail) line.append(" ", detail);
  return line;
}

function record(answer) {
  const time = element("time", "", new Date().toLocaleTimeString());
  $("log").prepend(element("li", "", element("code", "", answer.request), time, verdict(answer)));
  while ($("log").children.length > LOG_LENGTH) $("log").lastChild.remove();
  $("log-empty").hidden = true;
  return answer;
}

function show(next) {
  session = next;
  seenToken = csrfToken();
  $("logged-in").hidden = !session;
  $("logged-out").hidden = Boolean(session);
  $("subject").textContent = session?.subject ?? "";
  tick();
}

async function load() {
  seenToken = csrfToken();
  if (!seenToken) return show(null);
  const answer = await call("GET", "/auth/session", {
    said: ({ subject }) => `Logged in as ${subject}.`,
  });
  if (isOk(answer)) show(answer.body);
  else if (answer.status === 401) show(null);
}

function clock(seconds) {
  const whole = Math.max(0, Math.ceil(seconds));
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const shown = parts.slice(parts[0] ? 0 : 1);
  return shown.map((part, i) => String(part).padStart(i ? 2 : 1, "0")).join(":");
}

function see(id, text) {
  $(id).textContent = text || "empty";
  $(id).classList.toggle("empty", !text);
}

function tick() {
  see("sight-cookie", document.cookie);
  see("sight-local", Object.entries(localStorage).join("; "));
  see("sight-session", Object.entries(sessionStorage).join("; "));
  $("sight-note").hidden = !csrfToken();
  // Another tab logged in or out.
  if (csrfToken() !== seenToken) return load();
  if (!session) return;
  const { expires_at: access, idle_expires_at: idle, session_expires_at: absolute } = session;
  const now = Date.now() / 1000;
  for (const [id, end] of Object.entries({ access, idle, absolute })) {
    $(id).textContent = clock(end - now);
    const left = Math.min(1, Math.max(0, (end - now) / lengths[id]));
    $(id).parentElement.style.setProperty("--left", left);
  }
  const end = Math.min(idle, absolute);
  if (now >= end && askedAbout !== end) {
    askedAbout = end;
    load();
  }
}

const writes = ({ received: n }) => `${n} ${n === 1 ? "write" : "writes"}`;
const reached = (body) => `${writes(body)} reached the API so far.`;

const steps = {
  async read() {
    return [await call("GET", "/api/hello", { said: (body) => body.greeting })];
  },

  async write() {
    const body = { text: `Written at ${new Date().toLocaleTimeString()}` };
    return [await call("POST", "/api/notes", { body, said: reached })];
  },

  async forge() {
    const forged = await call("POST", "/api/notes", {
      csrf: false,
      body: { text: "Forged" },
      said: reached,
    });
    if (forged.status !== 403) return [forged];
    const said = (body) => `The API never saw it: still ${writes(body)}.`;
    return [forged, await call("GET", "/api/notes", { said })];
  },

  async renew() {
    const said = () => "A fresh token; the session and the anti-CSRF token stay.";
    const renewed = await call("POST", "/auth/refresh", { said });
    if (isOk(renewed)) show(renewed.body);
    return [renewed];
  },

  async replay() {
    const answer = await call("POST", "/demo/logout-and-replay", {
      said: () => "Logged out, and the old cookie sent again.",
    });
    if (!isOk(answer)) return [answer];
    const { logout, replay } = answer.body;
    const sent = [
      { ...logout, detail: "Logged out." },
      { ...replay, request: `${replay.request} with the old cookie`, detail: explain(replay) },
    ];
    await load();
    return sent.map((step) =>
      record({ ...step, request: `${step.request} (by the demo)`, body: step }),
    );
  },
};

for (const [id, step] of Object.entries(steps)) {
  $(id).addEventListener("click", async () => {
    const outcome = $(`${id}-outcome`);
    outcome.ariaBusy = "true";
    const answers = await step();
    outcome.replaceChildren(...answers.map(verdict));
    // Past half-time the server has renewed the token with one of these answers.
    const renewed = session && Date.now() / 1000 >= session.expires_at - lengths.access / 2;
    if (renewed || answers.some(({ status }) => status === 401)) await load();
    outcome.ariaBusy = "false";
  });
}

$("login").addEventListener("submit", async (event) => {
  event.preventDefault();
  const { username, password } = event.target.elements;
  $("login-failure").textContent = "";
  const body = { username: username.value, password: password.value };
  const answer = await call("POST", "/auth/login", {
    csrf: false,
    body,
    said: () => "Two cookies, and no token in the answer.",
  });
  password.value = "";
  username.ariaInvalid = password.ariaInvalid = answer.status === 401;
  if (isOk(answer)) {
    show(answer.body);
    $("session-title").focus();
  } else {
    $("login-failure").textContent =
      answer.detail || `The login failed with status ${answer.status}.`;
    password.focus();
  }
});

$("logout").addEventListener("click", async () => {
  await call("POST", "/auth/logout", { said: () => "Logged out; both cookies are gone." });
  await load();
  if (!session) $("login-title").focus();
});

setInterval(tick, 1000);
load();
