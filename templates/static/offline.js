// Keeps My week and the next shifts on the telephone, and what was answered without a network until there is one.
// The server writes VERSION and SHELL (this version's files) before the first line.

const SHELF = `ayni-shelf-${VERSION}`;
const MINE = "ayni-mine";
const WEEK = "/week";
const KEPT = /^\/(week|invitations\/[a-z0-9]{20})$/;
const SHIFT = /href="(\/invitations\/[a-z0-9]{20})"/g;
const MOST_SHIFTS = 6;
const FRESH = 3_600_000;
const LONGEST = 14 * 86_400_000;
const PATIENCE = 8_000; // a network that is there and carries nothing
const FOR = "Ayni-Kept-For"; // whose page an answer is: a mark of the person, or "nobody"
const FORM = "application/x-www-form-urlencoded";

let turns = 0; // counts sign-ins and sign-outs: an answer asked for before one belongs to somebody else

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));
self.addEventListener("sync", (event) => event.tag === "answers" && event.waitUntil(send(true)));
self.addEventListener("message", (event) => event.waitUntil(hear(event.data, event.source)));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== location.origin) return;
  if (request.method === "GET" && SHELL.includes(url.pathname)) event.respondWith(fromShelf(request));
  else if (request.mode !== "navigate") return;
  else if (request.method === "GET") event.respondWith(open(event, request, url));
  else if (request.method === "POST") event.respondWith(post(event, request, url));
});

self.addEventListener("push", (event) => event.waitUntil(notify(event.data)));
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(self.clients.openWindow(event.notification.data));
});

async function install() {
  await (await caches.open(SHELF)).addAll(SHELL);
  await self.skipWaiting();
}

async function activate() {
  const old = (await caches.keys()).filter((name) => name.startsWith("ayni-shelf-") && name !== SHELF);
  await Promise.all([...old, MINE].map((name) => caches.delete(name))); // pages kept with files that are gone
  await self.clients.claim();
  await renew();
}

async function fromShelf(request) {
  return (await (await caches.open(SHELF)).match(request)) ?? fetch(request);
}

/** Say that there is something, and not what; the page it leads to does. */
async function notify(data) {
  const { title, text, to, id } = data?.json() ?? { title: location.host, text: "", to: "/notices", id: "" };
  const icon = SHELL.find((path) => path.endsWith("logo.svg"));
  await self.registration.showNotification(title, { body: text, tag: id, data: to, icon });
}

async function showNothing() {
  await (await self.registration.pushManager?.getSubscription())?.unsubscribe();
}

// Pages ---------------------------------------------------------------------------------------------------------------

async function open(event, request, url) {
  const turn = turns;
  const found = KEPT.test(url.pathname) && (await kept(url.pathname));
  try {
    const answer = await (found ? within(PATIENCE, fetch(request)) : fetch(request));
    if (answer.type === "basic") event.waitUntil(look(url, answer.clone(), turn));
    return answer;
  } catch {
    if (found && !url.search) return dated(found);
    if (url.pathname === "/" && (await kept(WEEK))) return Response.redirect(WEEK, 303);
    return away();
  }
}

function within(milliseconds, promise) {
  return new Promise((resolve, reject) => {
    setTimeout(reject, milliseconds);
    promise.then(resolve, reject);
  });
}

async function look(url, answer, turn) {
  const whose = answer.headers.get(FOR);
  if (whose === null || turn !== turns) return;
  await know(whose);
  if (whose === "nobody") return;
  if (answer.ok && !answer.redirected && KEPT.test(url.pathname) && !url.search) await keep(url.pathname, answer);
  await send();
}

/** Throw away what belongs to somebody else; what she still has to send waits until she, or another, signs in. */
async function know(whose) {
  const before = await rows("readonly", (table) => table("facts").get("whose"));
  if (whose === before) return;
  await caches.delete(MINE);
  if (whose === "nobody") return;
  if (before) await showNothing();
  await rows("readwrite", (table) => {
    table("answers").clear();
    table("facts").put(whose, "whose");
  });
}

async function forget() {
  turns += 1;
  await caches.delete(MINE);
  await showNothing();
  await rows("readwrite", (table) => {
    table("answers").clear();
    table("facts").clear();
  });
  await tell();
}

async function keep(path, answer) {
  const text = await answer.text();
  const headers = new Headers(answer.headers);
  headers.set("Ayni-Kept-At", Date.now());
  for (const name of ["Content-Encoding", "Content-Length"]) headers.delete(name);
  const cache = await caches.open(MINE);
  await cache.put(path, new Response(text, { headers }));
  if (path === WEEK) await keepShifts(cache, text);
}

/** Keep the pages of the shifts that stand in My week, and no others. */
async function keepShifts(cache, text) {
  const next = [...new Set([...text.matchAll(SHIFT)].map((found) => found[1]))].slice(0, MOST_SHIFTS);
  for (const request of await cache.keys()) {
    const { pathname } = new URL(request.url);
    if (pathname !== WEEK && !next.includes(pathname)) await cache.delete(request);
  }
  for (const path of next) {
    const known = await cache.match(path);
    if (!known || Date.now() - Number(known.headers.get("Ayni-Kept-At")) > FRESH) await bring(path);
  }
}

async function bring(path) {
  const turn = turns;
  const answer = await fetch(path, { headers: { Accept: "text/html", Purpose: "prefetch" } }).catch(() => null);
  const whose = await rows("readonly", (table) => table("facts").get("whose"));
  const hers = answer?.ok && !answer.redirected && answer.headers.get(FOR) === whose;
  if (hers && turn === turns) await keep(path, answer);
}

async function renew() {
  const here = await signedIn().catch(() => null);
  if (!here) return;
  await know(here.whose);
  if (here.whose !== "nobody") await bring(WEEK);
}

async function kept(path) {
  const found = await (await caches.open(MINE)).match(path);
  return found && Date.now() - Number(found.headers.get("Ayni-Kept-At")) < LONGEST ? found : null;
}

async function dated(found) {
  const text = await found.text();
  const at = `<body data-as-of="${Number(found.headers.get("Ayni-Kept-At"))}" `;
  return new Response(text.replace("<body ", at), { headers: found.headers });
}

async function away() {
  return (await (await caches.open(SHELF)).match("/offline")) ?? Response.error();
}

// Answers -------------------------------------------------------------------------------------------------------------

/** Send a form. One that may wait, and cannot be sent now, waits: it carries `kept`, the words for it. */
async function post(event, request, url) {
  if (url.pathname.startsWith("/sign-")) return pass(request, url);
  const ours = request.referrer.startsWith(`${location.origin}/`); // nobody else's page lets anything wait here
  const body = request.headers.get("Content-Type")?.startsWith(FORM) && ours ? await request.clone().text() : "";
  const said = new URLSearchParams(body);
  if (!said.get("kept")) return fetch(request);
  const key = crypto.randomUUID();
  const headers = { "Content-Type": FORM, "Idempotency-Key": key, Accept: "text/html" };
  try {
    const sending = fetch(url.href, { method: "POST", body, headers, redirect: "manual", referrer: request.referrer });
    return await within(PATIENCE, sending);
  } catch {
    if (said.has("at")) said.set("at", new Date().toISOString()); // when it was said: it is received later
    const one = { path: url.pathname, body: `${said}`, key, words: said.get("kept"), at: Date.now(), state: "waiting" };
    await rows("readwrite", (table) => table("answers").put(one));
    event.waitUntil(self.registration.sync?.register("answers").catch(() => null));
    return Response.redirect(`${WEEK}#kept`, 303);
  }
}

async function pass(request, url) {
  turns += 1;
  await caches.delete(MINE);
  if (url.pathname === "/sign-out") await forget();
  return fetch(request).catch(away);
}

async function signedIn() {
  return (await fetch("/me/here", { cache: "no-store", headers: { Accept: "application/json" } })).json();
}

/** Send what waits, each once: the server knows its key. `again` has the browser call back when it fails. */
async function send(again = false) {
  await navigator.locks.request("answers", async () => {
    const all = await rows("readonly", (table) => table("answers").getAll());
    const waiting = all.filter((one) => one.state === "waiting").sort((one, other) => one.at - other.at);
    if (!waiting.length) return;
    const here = await signedIn().catch(() => null);
    if (!here && again) throw new Error("no network");
    if (!here || here.whose === "nobody") return;
    await know(here.whose);
    for (const one of await rows("readonly", (table) => table("answers").getAll())) {
      if (one.state === "waiting" && !(await sendOne(one, here.csrf)) && again) throw new Error("not now");
    }
    await bring(WEEK);
    await tell(true);
  });
}

async function sendOne(one, csrf) {
  const headers = { "Content-Type": FORM, "Idempotency-Key": one.key, "X-CSRF-Token": csrf, Accept: "application/json" };
  const sending = fetch(`${one.path}.json`, { method: "POST", body: one.body, headers });
  const answer = await within(30_000, sending).catch(() => null);
  if (!answer || answer.status >= 500 || [401, 403, 408, 425, 429].includes(answer.status)) return false;
  const said = await answer.json().catch(() => ({})); // of a first time that was answered with a page there is none
  if (said.code === "under_way") return false;
  const state = answer.ok ? said.state || "sent" : "refused";
  const done = { ...one, body: "", state, detail: answer.ok ? "" : said.detail, came: Date.now() };
  await rows("readwrite", (table) => {
    const now = table("answers").get(one.path); // she may have answered anew meanwhile
    now.onsuccess = () => now.result?.key === one.key && table("answers").put(done);
  });
  return true;
}

async function hear(asked, page) {
  if (asked === "send") await send();
  if (asked === "seen") {
    const all = await rows("readonly", (table) => table("answers").getAll());
    const over = all.filter((one) => one.state !== "waiting");
    await rows("readwrite", (table) => over.forEach((one) => table("answers").delete(one.path)));
  }
  page?.postMessage(await told());
}

async function tell(anew = false) {
  for (const page of await self.clients.matchAll()) page.postMessage({ ...(await told()), anew });
}

async function told() {
  const whose = await rows("readonly", (table) => table("facts").get("whose"));
  const all = await rows("readonly", (table) => table("answers").getAll());
  const answers = all.map(({ path, words, at, state, detail, came }) => ({ path, words, at, state, detail, came }));
  return { whose, answers };
}

// The telephone's own rows: `answers`, one for each form, and `facts` ----------------------------------------------------

function database() {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open("ayni", 1);
    opening.onupgradeneeded = () => {
      opening.result.createObjectStore("answers", { keyPath: "path" });
      opening.result.createObjectStore("facts");
    };
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
}

async function rows(mode, work) {
  const opened = await database();
  try {
    return await new Promise((resolve, reject) => {
      const going = opened.transaction(["answers", "facts"], mode);
      const asked = work((name) => going.objectStore(name));
      going.oncomplete = () => resolve(asked?.result);
      going.onabort = () => reject(going.error);
    });
  } finally {
    opened.close();
  }
}
