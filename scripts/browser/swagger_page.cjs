// A person registers, logs in, authorizes, looks at their account and logs out, all in the Swagger page.
//
//   node swagger_page.cjs http://127.0.0.1:8080 /usr/bin/chromium DIRECTORY-FOR-PICTURES

"use strict";

const assert = require("node:assert/strict");
const path = require("node:path");
const { chromium } = require("playwright-core");

const [base, executablePath, pictures] = process.argv.slice(2);

const QUIET = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const person = { username: "ada@example.com", password: "correct horse batt" };

// What the page does without being asked: requests to anybody else, and complaints.
const watched = { elsewhere: [], complaints: [] };

function watch(page) {
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.origin !== base && !["data:", "blob:"].includes(url.protocol)) watched.elsewhere.push(request.url());
  });
  page.on("console", (message) => {
    // A refusal that the test asks for is told by the browser too.
    const isRefusal = message.text().startsWith("Failed to load resource") && message.text().includes("401");
    if (message.type() === "error" && !isRefusal) watched.complaints.push(message.text());
  });
  page.on("pageerror", (error) => watched.complaints.push(String(error)));
}

async function open(page, query = "") {
  const answer = await page.goto(`${base}/docs/${query}`);
  await page.locator(".opblock").first().waitFor();
  return answer;
}

function operation(page, tag, id) {
  return page.locator(`#operations-${tag}-${id}`);
}

// Opens an operation, sends its request and answers what the page shows.
async function execute(page, tag, id, body) {
  const block = operation(page, tag, id);
  if (!(await block.getAttribute("class")).includes("is-open")) {
    await block.locator(".opblock-summary-control").click();
  }
  if (body) await block.locator("textarea.body-param__text").fill(JSON.stringify(body, null, 2));
  const [answer] = await Promise.all([
    page.waitForResponse((response) => response.url().startsWith(`${base}/api/`)),
    block.locator("button.execute").click(),
  ]);
  await block.locator(".live-responses-table .response-col_status").first().waitFor();
  const shown = await block.locator(".live-responses-table tbody .response-col_status").first().innerText();
  assert.equal(Number.parseInt(shown, 10), answer.status(), `${id} shows another status than it got`);
  const { message, results } = await answer.json();
  return { status: answer.status(), message, results };
}

async function close(page, tag, id) {
  await operation(page, tag, id).locator(".opblock-summary-control").click();
}

async function authorize(page, token) {
  await page.locator(".auth-wrapper button.authorize").click();
  const form = page.locator(".auth-container", { hasText: "access_token" }).first();
  await form.locator("input").fill(token);
  await form.locator("button.authorize").click();
  await page.locator(".dialog-ux .btn-done").first().click();
}

// A picture of the page from the top of one thing to the bottom of another.
async function picture(page, name, from, to) {
  await page.mouse.move(0, 0);
  await page.evaluate(() => (document.activeElement.blur(), window.scrollTo(0, 0)));
  const [top, bottom] = [await from.boundingBox(), await to.boundingBox()];
  const clip = { x: 0, y: Math.max(0, top.y - 6), width: page.viewportSize().width };
  clip.height = bottom.y + bottom.height + 8 - clip.y;
  await page.screenshot({ path: path.join(pictures, name), fullPage: true, clip });
}

async function walkThrough(page) {
  const page_answer = await open(page);
  const policy = page_answer.headers()["content-security-policy"] ?? "";
  assert.match(policy, /default-src 'none'/);
  assert.match(policy, /script-src 'self'(;|$)/);
  assert.equal(await page.locator(".info .title").innerText().then((text) => text.split(/\s/)[0]), "Doorward");

  const registered = await execute(page, "User", "register_user", {
    ...person,
    password_confirm: person.password,
    profile: { fullname: "Ada Lovelace", city: "London" },
    played_games: ["Mobile Legends"],
  });
  assert.equal(registered.status, 201, JSON.stringify(registered));
  await close(page, "User", "register_user");

  const login = await execute(page, "Auth", "login", person);
  assert.equal(login.status, 200, JSON.stringify(login));
  await close(page, "Auth", "login");

  await authorize(page, login.results.access_token);
  const me = await execute(page, "User", "me");
  assert.equal(me.status, 200, JSON.stringify(me));
  assert.equal(me.results.username, person.username);
  const block = operation(page, "User", "me");
  await picture(page, "swagger-me.png", block, block.locator(".live-responses-table .highlight-code"));
  await close(page, "User", "me");
  await picture(page, "swagger.png", page.locator(".info"), operation(page, "Service", "readiness"));

  const logout = await execute(page, "Auth", "logout");
  assert.equal(logout.status, 200, JSON.stringify(logout));
  const afterwards = await execute(page, "User", "me");
  assert.equal(afterwards.status, 401);
  assert.equal(afterwards.results.code, "token_revoked");
}

// The page forgets the token with a reload, and has put nothing anywhere else.
async function forgets(page) {
  await open(page);
  const me = await execute(page, "User", "me");
  assert.equal(me.results.code, "token_missing");
  const kept = await page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie]);
  assert.deepEqual(kept, [0, 0, ""]);
}

// The page's own address cannot make it show another description.
async function showsNothingElse(page) {
  const other = encodeURIComponent("http://elsewhere.example/openapi.json");
  for (const query of [`?url=${other}`, `?configUrl=${other}`, `?urls=${other}&urls.primaryName=x`, `?validatorUrl=${other}`]) {
    await open(page, query);
    assert.equal(await page.locator(".info .title").innerText().then((text) => text.split(/\s/)[0]), "Doorward", query);
  }
}

async function main() {
  const browser = await chromium.launch({ executablePath, headless: true, args: QUIET });
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.setDefaultTimeout(15_000);
    watch(page);
    for (const part of [walkThrough, forgets, showsNothingElse]) {
      await part(page);
      console.log(`ok: ${part.name}`);
    }
    assert.deepEqual(watched, { elsewhere: [], complaints: [] });
  } finally {
    await browser.close();
  }
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
