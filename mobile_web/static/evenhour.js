/* Everything works without this file. It stops a slow phone from sending a form twice, moves the reader to
   what went wrong, and lets the phone keep a form until there is signal. The server counts once either way. */
(() => {
  "use strict";
  const root = document.documentElement, member = root.dataset.member || "";
  const mark = (form, isSent) => {
    form.toggleAttribute("data-sent", isSent);
    for (const button of form.querySelectorAll("button:not([type=button])")) {
      if (isSent) button.setAttribute("aria-disabled", "true"); else button.removeAttribute("aria-disabled");
    }
  };
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.hasAttribute("data-sent")) { event.preventDefault(); return; }
    mark(form, true);
    if (form.getAttribute("action") === "/sign-out") forget();
    if (form.dataset.keep && member && window.fetch && window.indexedDB) {
      event.preventDefault();
      Keeping.hold(() => press(form, event.submitter));
    }
  });
  addEventListener("pageshow", (event) => {
    for (const form of document.querySelectorAll("form[data-sent]")) mark(form, false);
    if (event.persisted) flush();
  });
  document.querySelector(".summary")?.focus();
  if (!member && !document.querySelector("[data-kept-list]")) return;

  const note = document.getElementById("kept"), list = document.querySelector("[data-kept-list]");
  const part = (name) => note?.querySelector(`[data-kept=${name}]`);
  const native = (form) => HTMLFormElement.prototype.submit.call(form);
  const isMine = (item, me) => item.member === me;
  let keptHere;

  // A page from the phone's own store was pressed before, perhaps: what it makes now is another thing.
  if (root.hasAttribute("data-from-store")) {
    for (const field of document.querySelectorAll("form[data-keep] [name=id]")) field.value = Keeping.fresh();
    const asked = document.querySelector("form[data-keep] [name=q]");
    if (asked) asked.value = new URLSearchParams(location.search).get("q") || "";
    say("old");
  }

  function say(...names) {
    if (!note) return;
    for (const each of note.querySelectorAll("[data-kept=just], [data-kept=full], [data-kept=sign-in], [data-kept=told]")) each.hidden = true;
    for (const name of names) part(name).hidden = false;
    note.hidden = false;
  }

  async function press(form, submitter) {
    const own = (name) => form.querySelector(`[name=${name}]`);
    if (own("device_at") && !own("device_at").value) own("device_at").value = Keeping.moment();
    const fields = [...new FormData(form)].filter(([name, value]) => name !== "proof" && typeof value === "string");
    if (submitter?.name) fields.push([submitter.name, submitter.value]);
    const item = {
      id: own("id")?.value || Keeping.fresh(), kind: form.dataset.keep, member, state: "waiting", tries: 1,
      action: new URL(form.action).pathname, said: form.dataset.said || document.querySelector("h1")?.textContent || "",
      at: Keeping.moment(), order: Date.now(), claimed: Date.now() + Keeping.CLAIM_MS, holder: Keeping.holder, fields,
    };
    const isKept = await Keeping.put(item).then(() => true, () => false);
    let out = await Keeping.send(item, own("proof").value);
    if (out.needs === "proof") out = await Keeping.send(item);
    if (out.state === "waiting") { await wait(form, item, out, isKept); return; }
    if (isKept) await Keeping.remove(item.id);
    Keeping.tell();
    // What went wrong is shown by the server's own page, with the answers in it; the same id does nothing twice.
    if (out.url) location.assign(out.url); else native(form);
  }

  async function wait(form, item, out, isKept) {
    if (!isKept) { say("full"); mark(form, false); note.focus(); return; }
    await Keeping.settle(item.id, out);
    keptHere = item.id;
    mark(form, false);
    form.hidden = true;
    form.before(note);
    say(out.needs === "sign-in" ? "sign-in" : "just");
    note.focus();
    const ready = await navigator.serviceWorker?.ready;
    await ready?.sync?.register("kept").catch(() => {});
    Keeping.tell();
  }

  async function show() {
    const me = member || (await Keeping.fact("member")) || "";
    const mine = (await Keeping.all()).filter((item) => isMine(item, me));
    for (const state of ["waiting", "refused"]) {
      const number = mine.filter((item) => item.state === state).length;
      const line = part(state);
      if (line) { line.hidden = !number; line.querySelector("b").textContent = number; }
    }
    const sent = mine.find((item) => item.id === keptHere && item.state !== "waiting");
    if (sent) cameThrough(sent);
    if (note && !list) note.hidden = !note.querySelector("[data-kept]:not([hidden])");
    if (list) draw(mine, (await Keeping.all()).length - mine.length);
  }

  // What was kept on this very page has been sent since; what was refused has a line of its own.
  function cameThrough(item) {
    keptHere = undefined;
    const isTold = item.state === "told";
    say(...(isTold ? ["told"] : []));
    part("told").querySelector("a").href = item.url || "/";
    for (const [name, shown] of [["n-done", isTold], ["n-warn", !isTold]]) note.classList.toggle(name, shown);
    for (const mark of note.querySelectorAll("[data-when]")) mark.hidden = (mark.dataset.when === "told") !== isTold;
  }

  function draw(mine, others) {
    const shapes = document.getElementById("kept-item").content;
    list.replaceChildren(...mine.map((item) => {
      const row = shapes.cloneNode(true), fill = (name, text) => { row.querySelector(`[data-fill=${name}]`).textContent = text; };
      fill("said", item.said);
      fill("at", new Date(item.at).toLocaleString(root.lang === "en" ? "en-GB" : root.lang, { dateStyle: "medium", timeStyle: "short" }));
      fill("sentence", item.sentence || "");
      const state = item.state === "waiting" && item.needs === "sign-in" ? "sign-in" : item.state;
      for (const each of row.querySelectorAll("[data-when]")) each.hidden = !each.dataset.when.split(" ").includes(state);
      if (item.url) row.querySelector("[data-do=open]").href = item.url; else row.querySelector("[data-do=open]").hidden = true;
      row.querySelector("[data-do=look]").addEventListener("click", () => look(item));
      row.querySelector("[data-do=drop]").addEventListener("click", () => Keeping.remove(item.id).then(Keeping.tell));
      return row;
    }));
    document.querySelector("[data-kept-none]").hidden = mine.length > 0;
    document.querySelector("[data-kept-others]").hidden = !others;
  }

  // The server shows its own page for what it refused, with the answers in it to be put right.
  async function look(item) {
    const form = document.getElementById("kept-look");
    const found = await fetch("/kept/proof").catch(() => null);
    if (!found) return;
    const { proof } = await found.json();
    form.action = item.action;
    form.replaceChildren();
    for (const [name, value] of [...item.fields, ["proof", proof]]) {
      form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    }
    native(form);
  }

  // Nothing personal stays on a phone that somebody signed out of, but what was not sent yet waits for its owner.
  function forget() {
    self.caches?.delete("pages");
    Keeping.learn("member", "").catch(() => {});
    Keeping.all().then((items) => items.forEach((item) => item.state === "told" && Keeping.remove(item.id))).catch(() => {});
  }

  let later, pause = 5000;
  async function flush() {
    clearTimeout(later);
    try {
      if (member) await Keeping.flush();
      await show();
      const left = (await Keeping.all()).some((item) => item.state === "waiting" && isMine(item, member));
      pause = left ? Math.min(pause * 2, 60000) : 5000;
      if (left) later = setTimeout(flush, pause);
    } catch { /* This browser keeps nothing: forms go the ordinary way. */ }
  }
  addEventListener("online", () => { pause = 5000; flush(); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) flush(); });
  Keeping.watch(() => show().catch(() => {}));
  if (member) Keeping.learn("member", member).catch(() => {});
  flush();

  addEventListener("load", async () => {
    if (!member || !navigator.serviceWorker) return;
    const ready = await navigator.serviceWorker.register("/worker.js").then(() => navigator.serviceWorker.ready).catch(() => null);
    const here = document.querySelector("form[data-keep], [data-ahead], [data-at-hand]") && !root.hasAttribute("data-from-store");
    const links = [...document.querySelectorAll("a[data-ahead]")].map((link) => link.href);
    ready?.active?.postMessage({ here: here ? location.href : "", ahead: links, language: root.lang });
  });
})();
