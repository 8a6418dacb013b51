// The page itself: for eyes, for keyboards and for screen readers, at any width.

import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { test } from "node:test";

import { Visitor, output, stage } from "./demo.js";

const here = stage();

const looks = {
  light: { colorScheme: "light", viewport: { width: 1280, height: 900 } },
  dark: { colorScheme: "dark", viewport: { width: 1280, height: 900 } },
  phone: {
    colorScheme: "light",
    viewport: { width: 360, height: 740 },
    deviceScaleFactor: 2,
    isMobile: true,
  },
  "phone-dark": {
    colorScheme: "dark",
    viewport: { width: 360, height: 740 },
    deviceScaleFactor: 2,
    isMobile: true,
  },
};

for (const [look, options] of Object.entries(looks)) {
  test(`${look}: everything fits, can be read and has its picture taken`, async () => {
    const ada = await Visitor.open(here, { ...options, reducedMotion: "reduce" });
    const { page } = ada;
    await mkdir(output, { recursive: true });
    const inspect = async (state) => {
      await page.screenshot({ path: `${output}${look}-${state}.png`, fullPage: true });
      assert.equal(await page.evaluate(overflow), 0, `${state}: the page scrolls sideways`);
      assert.deepEqual(await page.evaluate(faintTexts), [], `${state}: below 4.5:1 (WCAG 1.4.3)`);
      assert.deepEqual(await page.evaluate(smallTargets), [], `${state}: too small for a finger`);
    };

    await inspect("logged-out");
    await page.getByLabel("Username").fill("ada");
    await page.getByLabel("Password").fill("not-the-password");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").filter({ hasText: "wrong" }).waitFor();
    await inspect("wrong-password");
    await page.getByLabel("Username").fill("");
    await ada.logIn();
    await inspect("logged-in");
    for (const step of ["Read", "Write", "Forge a write", "Renew"]) await ada.press(step);
    await inspect("tried");
    await ada.press("Log out, replay");
    await inspect("replayed");
    await ada.leave("POST /auth/login 401", "POST /api/notes 403");
  });
}

test("every control has a name, every action says what it proves, headings make an outline", async () => {
  const ada = await Visitor.open(here);
  const { page } = ada;
  const outline = async () => {
    const lines = (await page.locator("body").ariaSnapshot())
      .split("\n")
      .map((line) => line.trim());
    return lines.filter((line) =>
      /^- (heading|textbox|button|log|alert|banner|main|contentinfo|region|timer)/.test(line),
    );
  };
  const steps = ["Read", "Write", "Forge a write", "Renew", "Log out, replay"].map(
    (name) => `- button "${name}"`,
  );
  assert.deepEqual(await outline(), [
    "- banner:",
    '- heading "A token this page cannot read" [level=1]',
    "- main:",
    '- region "Log in":',
    '- heading "Log in" [level=2]',
    '- textbox "Username"',
    '- textbox "Password"',
    "- alert",
    '- button "Log in"',
    '- region "What script can see":',
    '- heading "What script can see" [level=2]',
    '- region "Try it":',
    '- heading "Try it" [level=2]',
    ...steps,
    '- region "Log":',
    '- heading "Log" [level=2]',
    '- log "Log"',
    "- contentinfo:",
  ]);

  await ada.logIn();
  const afterLogin = await outline();
  assert.ok(afterLogin.includes('- heading "Logged in as ada" [level=2]'));
  assert.ok(afterLogin.includes('- button "Log out"'));
  assert.equal(afterLogin.filter((line) => line.startsWith("- timer")).length, 3);

  const undescribed = await page.evaluate(() => {
    const buttons = [...document.querySelectorAll("main section:not([hidden]) button")];
    const text = (id) => document.getElementById(id ?? "")?.textContent.trim();
    return buttons
      .filter((button) => !text(button.getAttribute("aria-describedby")))
      .map((button) => button.id);
  });
  assert.deepEqual(undescribed, []);
  assert.equal(await page.locator("html").getAttribute("lang"), "en");
  await ada.leave();
});

test("each outcome is added to the live log, newest first", async () => {
  const ada = await Visitor.open(here);
  await ada.logIn();
  await ada.press("Read");
  await ada.press("Forge a write");
  const entries = await ada.page
    .getByRole("log")
    .getByRole("listitem")
    .locator("code")
    .allTextContents();
  assert.deepEqual(entries, [
    "GET /api/notes",
    "POST /api/notes",
    "GET /api/hello",
    "POST /auth/login",
  ]);
  const meaning = await ada.page.getByRole("log").getByRole("listitem").nth(1).textContent();
  assert.match(meaning, /403 csrf_missing/, "colour is not what says that it was refused");
  await ada.leave("POST /api/notes 403");
});

test("motion is for those who want it", async () => {
  for (const [reducedMotion, animation] of [
    ["reduce", "none"],
    ["no-preference", "arrive"],
  ]) {
    const ada = await Visitor.open(here, { reducedMotion });
    await ada.logIn();
    const entry = ada.page.getByRole("log").getByRole("listitem").first();
    assert.equal(await entry.evaluate((entry) => getComputedStyle(entry).animationName), animation);
    await ada.leave();
  }
});

test("script and style that were not in the page do not run", async () => {
  const ada = await Visitor.open(here);
  const { page } = ada;
  const sent = Object.fromEntries(
    (await ada.exchanges()).find(({ text }) => text === "GET / 200").headers,
  );
  assert.match(
    sent["content-security-policy"],
    /^default-src 'none'; script-src 'nonce-[\w-]{22}'; /,
  );
  assert.equal(sent["x-content-type-options"], "nosniff");
  assert.equal(sent["referrer-policy"], "no-referrer");
  assert.equal(sent["cache-control"], "no-store");

  const blocked = page.evaluate(() => {
    return new Promise((resolve) => {
      addEventListener("securitypolicyviolation", (event) => resolve(event.effectiveDirective), {
        once: true,
      });
      const script = document.createElement("script");
      script.textContent = "document.title = 'owned'";
      document.body.append(script);
    });
  });
  assert.equal(await blocked, "script-src-elem");
  assert.equal(await page.title(), "Sealpass demo");
  await ada.close();
});

/** These run in the page. */

function overflow() {
  return document.documentElement.scrollWidth - document.documentElement.clientWidth;
}

function smallTargets() {
  const targets = [...document.querySelectorAll("button, input")].filter((target) =>
    target.checkVisibility(),
  );
  return targets
    .filter((target) => target.getBoundingClientRect().height < 44)
    .map((target) => target.id);
}

/** Texts whose contrast with what is painted behind them is below 4.5:1. */
function faintTexts() {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const paint = (colors) => {
    canvas.clearRect(0, 0, 1, 1);
    for (const color of colors) {
      canvas.fillStyle = color;
      canvas.fillRect(0, 0, 1, 1);
    }
    return [...canvas.getImageData(0, 0, 1, 1).data.slice(0, 3)];
  };
  const luminance = (rgb) => {
    const linear = rgb
      .map((byte) => byte / 255)
      .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  };
  const faint = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (
      !texts.currentNode.data.trim() ||
      !element.checkVisibility() ||
      element.matches("script, noscript *")
    )
      continue;
    const behind = [];
    for (let at = element; at; at = at.parentElement)
      behind.unshift(getComputedStyle(at).backgroundColor);
    const [ink, paper] = [paint([...behind, getComputedStyle(element).color]), paint(behind)].map(
      luminance,
    );
    const contrast = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
    if (contrast < 4.5) faint.push(`${contrast.toFixed(2)}: ${texts.currentNode.data.trim()}`);
  }
  return faint;
}
