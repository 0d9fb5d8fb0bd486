/* The camera in the page. The browser reads codes itself where it can; else single frames go to the server,
   which reads and forgets them. What a code means is decided by the page it leads to; without signal the
   phone keeps the scan, with its time, and sends it later. No picture leaves for anybody else. */
(() => {
  "use strict";
  const part = document.querySelector("[data-scan]"), video = part?.querySelector("video");
  if (!part) return;
  const EVERY_MS = { own: 250, server: 700 }, WIDTH = 640, MISSES_MAX = 3;
  const OURS = /^\/c\/([A-Za-z0-9-]{4,60})\/?$/, TYPED = /^[A-Za-z0-9 -]{12,60}$/;
  const at = part.dataset.at;
  let stream, timer, misses = 0, isDone = false;

  function say(name) {
    for (const each of part.querySelectorAll("[data-scan-said]")) each.hidden = each.dataset.scanSaid !== name;
  }

  // Only codes that lead to our own pages: a sticker over a poster leads nowhere.
  function codeIn(text) {
    try {
      const url = new URL(text, location.origin);
      return url.origin === location.origin ? OURS.exec(url.pathname)?.[1] : undefined;
    } catch { return undefined; }
  }

  async function found(code) {
    if (isDone) return;
    isDone = true;
    stop();
    navigator.vibrate?.(80);
    const isThere = await fetch("/kept/proof", { cache: "no-store", signal: AbortSignal.timeout?.(2500) }).then((a) => a.ok, () => false);
    if (isThere) location.assign(`/c/${code}${at ? `?at=${encodeURIComponent(at)}` : ""}`);
    else keep(code);
  }

  // No signal: the same form that the code's page would show, to be kept and sent.
  function keep(code) {
    const shown = part.querySelector("[data-scan-found]"), form = shown.querySelector("form");
    const words = code.toUpperCase().replaceAll("-", "").replace(/(.{4})(?=.)/g, "$1-");
    form.setAttribute("action", `/c/${encodeURIComponent(code)}`);
    const title = form.querySelector("h2");
    title.textContent = title.textContent.replace("‹›", words);
    form.dataset.said = title.textContent;
    form.querySelector("[name=id]").value = Keeping.fresh();
    // A time note is used, everything else is a check-in.
    if (/^n/i.test(code)) form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "use", value: "yes" }));
    for (const each of part.querySelectorAll("[data-scan-typed], [data-scan-lead], [data-scan-said]")) each.hidden = true;
    shown.hidden = false;
    form.querySelector("button").focus();
  }

  async function reader() {
    const canRead = "BarcodeDetector" in self && (await BarcodeDetector.getSupportedFormats().catch(() => [])).includes("qr_code");
    if (canRead) {
      const own = new BarcodeDetector({ formats: ["qr_code"] });
      return [EVERY_MS.own, async () => (await own.detect(video)).map((code) => code.rawValue)];
    }
    return [EVERY_MS.server, onServer];
  }

  async function onServer() {
    const canvas = document.createElement("canvas"), scale = Math.min(1, WIDTH / video.videoWidth);
    canvas.width = video.videoWidth * scale;
    canvas.height = video.videoHeight * scale;
    canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
    const frame = await new Promise((yes) => { canvas.toBlob(yes, "image/jpeg", 0.7); });
    const answer = await fetch("/scan/frame", { method: "POST", body: frame, headers: { "content-type": "image/jpeg" } });
    if (answer.status === 401) location.assign("/sign-in?next=/scan");
    return answer.ok ? (await answer.json()).codes : [];
  }

  async function start() {
    try {
      const wish = { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 720 } };
      stream = await navigator.mediaDevices.getUserMedia({ video: wish, audio: false });
    } catch { say("none"); return; }
    if (isDone) { stop(); return; }
    video.srcObject = stream;
    part.querySelector("[data-scan-camera]").hidden = false;
    await video.play().catch(() => {});
    const [pause, read] = await reader();
    say("looking");
    look(pause, read);
  }

  async function look(pause, read) {
    if (isDone) return;
    try {
      const texts = video.videoWidth ? await read() : [];
      const codes = texts.map(codeIn).filter(Boolean);
      misses = 0;
      if (codes.length) { found(codes[0]); return; }
      say(texts.length ? "other" : "looking");
    } catch {
      misses += 1;
      if (misses >= MISSES_MAX) say("unread");
    }
    timer = setTimeout(look, pause, pause, read);
  }

  function stop() {
    clearTimeout(timer);
    for (const track of stream?.getTracks() || []) track.stop();
    part.querySelector("[data-scan-camera]").hidden = true;
  }

  part.querySelector("[data-scan-typed]").addEventListener("submit", (event) => {
    const typed = event.target.elements.code.value.trim();
    if (!TYPED.test(typed)) return;
    event.preventDefault();
    event.stopPropagation();
    found(typed.replace(/[ -]/g, ""));
  });
  document.addEventListener("visibilitychange", () => {
    if (isDone) return;
    if (document.hidden) stop(); else start();
  });
  // The phone's own camera opened a poster's link without signal: the service worker lent this page.
  const opened = codeIn(location.href);
  if (opened) { isDone = true; keep(opened); } else start();
})();
