/* What a phone keeps until the server has said yes to it: forms, each with an id that makes it count once.
   Pages and the service worker share this file. It never sends a form without a fresh proof of whose
   session it is, so nothing goes out as somebody else; and it removes nothing that was not answered. */
const Keeping = (() => {
  "use strict";
  const SEND_MS = 10000, CLAIM_MS = 30000, TOLD_MS = 3 * 86400000;
  const PASSING = new Set([408, 425, 429]);
  let opened;

  // Also where a page came over plain HTTP, and the browser makes no ids of its own.
  function fresh() {
    if (crypto.randomUUID) return crypto.randomUUID();
    const sign = (c) => (Number(c) ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (Number(c) / 4)))).toString(16);
    return "10000000-1000-4000-8000-100000000000".replace(/[018]/g, sign);
  }

  function database() {
    opened ??= new Promise((yes, no) => {
      const asked = indexedDB.open("evenhour", 1);
      asked.onupgradeneeded = () => {
        asked.result.createObjectStore("kept", { keyPath: "id" });
        asked.result.createObjectStore("facts");
      };
      asked.onblocked = asked.onerror = () => no(asked.error);
      asked.onsuccess = () => {
        asked.result.onclose = asked.result.onversionchange = () => { asked.result.close(); opened = undefined; };
        yes(asked.result);
      };
    }).catch((error) => { opened = undefined; throw error; });
    return opened;
  }

  // One transaction; `work` may chain requests, and what `done` was given last is the answer.
  async function within(store, mode, work) {
    const base = await database();
    return new Promise((yes, no) => {
      const transaction = base.transaction(store, mode);
      let found;
      transaction.oncomplete = () => yes(found);
      transaction.onabort = transaction.onerror = () => no(transaction.error);
      work(transaction.objectStore(store), (value) => { found = value; });
    });
  }

  const all = () => within("kept", "readonly", (store, done) => {
    const asked = store.getAll();
    asked.onsuccess = () => done(asked.result.sort((a, b) => a.order - b.order));
  });
  const put = (item) => within("kept", "readwrite", (store) => { store.put(item); });
  const remove = (id) => within("kept", "readwrite", (store) => { store.delete(id); });
  const fact = (name) => within("facts", "readonly", (store, done) => {
    const asked = store.get(name);
    asked.onsuccess = () => done(asked.result);
  });
  const learn = (name, value) => within("facts", "readwrite", (store) => { store.put(value, name); });

  // Read, decide and write as one, so that of several tabs only one decides.
  const change = (id, decide) => within("kept", "readwrite", (store, done) => {
    const asked = store.get(id);
    asked.onsuccess = () => {
      const changed = asked.result && decide(asked.result);
      if (changed) { store.put(changed); done(changed); }
    };
  });

  // A claim ends with its time, or with the page that made it: a closed page lets go of its lock at once.
  const holder = fresh();
  const hold = (work) => (navigator.locks ? navigator.locks.request(holder, work) : work());
  const holders = async () => navigator.locks && new Set((await navigator.locks.query()).held.map((lock) => lock.name));
  const isClaimed = (item, alive) => {
    const left = (item.claimed || 0) - Date.now();
    return left > 0 && left <= CLAIM_MS && (!alive || alive.has(item.holder));
  };
  const claim = (id, alive) => change(id, (item) => item.state === "waiting" && !isClaimed(item, alive) &&
    { ...item, claimed: Date.now() + CLAIM_MS, holder, tries: item.tries + 1 });

  async function ask(url, options, read) {
    const stop = new AbortController(), clock = setTimeout(() => stop.abort(), SEND_MS);
    try {
      const answer = await fetch(url, { credentials: "same-origin", cache: "no-store", ...options, signal: stop.signal });
      return [answer, await read(answer)];
    } finally { clearTimeout(clock); }
  }

  function moment(at = new Date()) {
    const pad = (number) => String(Math.floor(Math.abs(number))).padStart(2, "0"), off = -at.getTimezoneOffset();
    return new Date(at.getTime() + off * 60000).toISOString().slice(0, 19) + (off < 0 ? "-" : "+") + pad(off / 60) + ":" + pad(off % 60);
  }

  // What a person would read on the page that came back. The page is ours; it is read, never run.
  function sentence(page) {
    const said = /<li data-said>(?:<a[^>]*>)?([^<]+)/.exec(page) || /class="lead"[^>]*>([^<]+)/.exec(page);
    const marks = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'", "#34": '"' };
    return said ? said[1].replace(/&(#?\w+);/g, (whole, name) => marks[name] ?? whole).trim() : "";
  }

  // Send one: {state: told | refused | waiting, …}. Only an answer that is surely ours decides anything.
  async function send(item, ownProof) {
    try {
      let proof = ownProof;
      if (!proof) {
        const [, who] = await ask("/kept/proof", {}, (answer) => answer.json());
        if (who.member !== item.member) return { state: "waiting", needs: who.member ? "owner" : "sign-in" };
        proof = who.proof;
      }
      const fields = [...item.fields, ["sent_at", moment()], ["proof", proof]];
      if (!ownProof) fields.push(["kept", "1"]);
      const [answer, page] = await ask(item.action, { method: "POST", body: new URLSearchParams(fields) }, (a) => a.text());
      return read(answer, page);
    } catch { return { state: "waiting", needs: "signal" }; }
  }

  function read(answer, page) {
    const isOurs = answer.headers.has("content-security-policy"), rule = answer.headers.get("x-rule");
    const path = new URL(answer.url).pathname;
    if (!isOurs || answer.status >= 500 || PASSING.has(answer.status)) return { state: "waiting", needs: "time" };
    if (answer.status === 401 || (answer.redirected && path === "/sign-in")) return { state: "waiting", needs: "sign-in" };
    if (rule === "form_not_ours") return { state: "waiting", needs: "proof" };
    if (answer.ok) return { state: "told", url: answer.redirected ? answer.url : "" };
    return { state: "refused", sentence: sentence(page) };
  }

  const settled = { told: (item, out) => ({ ...item, ...out, fields: [], settled: Date.now(), claimed: 0 }) };
  const settle = (id, out) => change(id, (item) => (settled[out.state] || ((i, o) => ({ ...i, ...o, claimed: 0 })))(item, out));

  // Send what waits, oldest first. A form that the server chokes on does not hold up the others; no signal does.
  let flushing;
  const flush = () => (flushing ??= hold(sendAll).finally(() => { flushing = undefined; }));
  async function sendAll() {
    let isChanged = false;
    for (const { id, state, settled: at } of await all()) {
      if (state === "told" && at < Date.now() - TOLD_MS) await remove(id);
      if (state !== "waiting") continue;
      const item = await claim(id, await holders());
      if (!item) continue;
      const out = await send(item);
      await settle(id, out);
      isChanged = true;
      tell();
      if (out.needs === "signal" || out.needs === "sign-in") break;
    }
    return isChanged;
  }

  const channel = "BroadcastChannel" in self ? new BroadcastChannel("evenhour-kept") : null;
  const watchers = [];
  function tell() { channel?.postMessage("changed"); for (const watcher of watchers) watcher(); }
  function watch(watcher) { watchers.push(watcher); if (channel) channel.onmessage = () => watchers.forEach((each) => each()); }

  return { CLAIM_MS, fresh, holder, hold, all, put, remove, change, claim, settle, send, flush, fact, learn, moment, tell, watch };
})();
