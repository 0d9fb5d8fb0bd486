/* The service worker: pages that were marked as useful without signal are at hand, kept forms are sent in
   the background where the browser allows it. It never keeps a page of somebody who signed out, and never
   answers anything but a look at a page: forms pass it by. */
(() => {
  "use strict";
  const PATIENCE_MS = 2500, PAGES_MAX = 40, FRESH_MS = 12 * 3600000, ALWAYS = ["/scan", "/hours/by-name"], INSTEAD = [[/^\/c\//, "/scan"], [/^\/hours\/new$/, "/hours/by-name"]], AT_HAND = / data-(keep|ahead|at-hand)[ =>]/;
  let generation = 0;

  addEventListener("install", (event) => {
    skipWaiting();
    event.waitUntil(caches.open("shell").then((cache) => cache.addAll(SHELL)));
  });
  addEventListener("activate", (event) => event.waitUntil(Promise.all([clients.claim(), sweep()])));
  addEventListener("sync", (event) => { if (event.tag === "kept") event.waitUntil(sendOrFail()); });
  addEventListener("message", (event) => event.waitUntil(prepare(event.data || {})));
  addEventListener("fetch", (event) => {
    const { request } = event, url = new URL(request.url);
    if (request.method !== "GET" || url.origin !== location.origin) return;
    if (url.pathname.startsWith("/static/")) event.respondWith(asset(request));
    else if (request.mode === "navigate") event.respondWith(visit(event));
  });

  // The browser tries again later when this fails.
  async function sendOrFail() {
    await Keeping.flush();
    if ((await Keeping.all()).some((item) => item.state === "waiting" && item.needs === "signal")) throw new Error("no signal yet");
  }

  async function sweep() {
    const shell = await caches.open("shell");
    for (const kept of await shell.keys()) {
      const { pathname, search } = new URL(kept.url);
      if (!SHELL.includes(pathname + search)) await shell.delete(kept);
    }
  }

  async function asset(request) {
    return (await caches.match(request)) || fetch(request).then((answer) => {
      if (answer.ok) { const copy = answer.clone(); caches.open("shell").then((cache) => cache.put(request, copy)); }
      return answer;
    });
  }

  async function visit(event) {
    const { request } = event;
    const asked = fetch(request);
    const kept = await (await caches.open("pages")).match(request.url);
    const live = asked.then((answer) => {
      if (answer.status >= 502 && answer.status <= 504) throw new Error("nobody behind the door");
      event.waitUntil(remember(request.url, answer.clone()));
      return answer;
    });
    const noSignal = () => instead(new URL(request.url).pathname);
    if (!kept) return live.catch(noSignal);
    const patience = new Promise((_, no) => { setTimeout(no, PATIENCE_MS); });
    event.waitUntil(live.catch(() => {}));
    return Promise.race([live, patience]).catch(() => marked(kept));
  }

  // A poster's link without signal: the scanner takes the code from the address and keeps the check-in. An hour
  // with somebody who cannot be looked up now is written down by name.
  async function instead(path) {
    const other = INSTEAD.find(([pattern]) => pattern.test(path));
    const page = other && (await (await caches.open("pages")).match(new URL(other[1], location.origin).href));
    if (page) return marked(page);
    return (await caches.match("/no-signal")) || Response.error();
  }

  async function marked(page) {
    const text = await page.text();
    return new Response(text.replace("<html ", "<html data-from-store "), { headers: page.headers });
  }

  async function remember(url, answer) {
    const now = generation, path = new URL(url).pathname;
    if (path === "/sign-in") { await forget(); return; }
    if (answer.status !== 200 || !(answer.headers.get("content-type") || "").startsWith("text/html")) return;
    const text = await answer.text();
    const member = / data-member="([^"]+)"/.exec(text);
    if (!member) return;
    if (await isSomebodyElse(member[1])) await forget();
    else if (now !== generation) return;
    if (!AT_HAND.test(text)) return;
    const cache = await caches.open("pages");
    await cache.put("/whose", new Response(member[1]));
    const headers = new Headers(answer.headers);
    headers.set("x-kept-at", String(Date.now()));
    await cache.put(url, new Response(text, { headers }));
    const keys = await cache.keys();
    for (const old of keys.slice(0, Math.max(0, keys.length - PAGES_MAX))) if (!old.url.endsWith("/whose")) await cache.delete(old);
  }

  async function isSomebodyElse(member) {
    const whose = await (await caches.open("pages")).match("/whose");
    return Boolean(whose) && (await whose.text()) !== member;
  }

  async function forget() { generation += 1; await caches.delete("pages"); }

  // The page that is open now, and the ones a tap away from it, before the signal goes.
  async function prepare({ here, ahead = [], language }) {
    const cache = await caches.open("pages");
    const wanted = [here, ...ahead.slice(0, 12), ...ALWAYS].filter(Boolean).map((path) => new URL(path, location.origin).href);
    for (const url of wanted) {
      const kept = await cache.match(url);
      const isFresh = kept && Date.now() - Number(kept.headers.get("x-kept-at")) < FRESH_MS;
      if (!isFresh) await fetch(url, { credentials: "same-origin" }).then((answer) => (answer.redirected ? null : remember(url, answer))).catch(() => {});
    }
    const shell = await caches.open("shell"), bare = await shell.match("/no-signal");
    if (!bare || !(await bare.text()).includes(`<html lang="${language}"`)) await shell.add("/no-signal").catch(() => {});
  }
})();
