/* Passkeys: the page carries what the device is asked, the device answers, and the form takes the answer to
   the server, which decides. Without a script, or where the browser has none, the page says what to do. */
(() => {
  "use strict";
  const part = document.querySelector("[data-passkey]"), form = part?.querySelector("form");
  if (!form) return;
  const show = (name) => { for (const each of part.querySelectorAll("[data-when]")) each.hidden = each.dataset.when !== name; };
  if (!self.PublicKeyCredential || !navigator.credentials) { show("none"); return; }

  const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
  const text = (buffer) => buffer && btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");

  function asked() {
    const options = JSON.parse(part.dataset.options);
    options.challenge = bytes(options.challenge);
    if (options.user) options.user.id = bytes(options.user.id);
    for (const key of [...(options.excludeCredentials || []), ...(options.allowCredentials || [])]) key.id = bytes(key.id);
    return { publicKey: options };
  }

  function said(key) {
    const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
    const response = Object.fromEntries(parts.map((name) => [name, text(key.response[name])]).filter(([, value]) => value));
    return JSON.stringify({ id: key.id, rawId: text(key.rawId), type: key.type, clientExtensionResults: {}, response });
  }

  // Before the page's own guard against a second press, which would hold the form back when the answer comes.
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    event.stopPropagation();
    const button = form.querySelector("button");
    if (button.disabled) return;
    button.disabled = true;
    try {
      const way = part.dataset.passkey;
      form.elements.answer.value = said(await navigator.credentials[way](asked()));
      form.submit();
    } catch { show("stopped"); button.disabled = false; }
  });
  show("ready");
})();
