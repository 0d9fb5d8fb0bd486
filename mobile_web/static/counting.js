/* Counts a text's segments while it is written, as the provider bills them; the server counts again before it
   saves. Without this file "Show me" says the same. */
(() => {
  "use strict";
  const area = document.querySelector("textarea[data-count]"), out = document.getElementById("count");
  if (!area || !out) return;
  const examples = JSON.parse(out.dataset.examples), most = Number(out.dataset.most), pence = Number(out.dataset.pence);
  const letters = new Set("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà");
  const escaped = new Set("^{}\\[~]|€\f");
  const filled = () => area.value.replace(/\r\n/g, "\n").replace(/\(\(([a-z_]+)\)\)/g, (all, name) => examples[name] ?? all);

  function measure(text) {
    const signs = [...text], isPlain = signs.every((sign) => letters.has(sign) || escaped.has(sign));
    const widths = signs.map((sign) => isPlain ? (escaped.has(sign) ? 2 : 1) : sign.length);
    const units = widths.reduce((sum, width) => sum + width, 0), [one, shared] = isPlain ? [160, 153] : [70, 67];
    let segments = 1, used = 0;
    if (units > one) for (const width of widths) {
      if (used + width > shared) { segments += 1; used = 0; }
      used += width;
    }
    const dear = [...new Set(signs)].filter((sign) => !letters.has(sign) && !escaped.has(sign)).sort().join("");
    return { units, segments, dear };
  }

  function show() {
    const { units, segments, dear } = measure(filled());
    const fill = (name, text) => { out.querySelector(`[data-fill=${name}]`).textContent = text; };
    fill("units", units);
    fill("segments", segments);
    fill("pence", (segments * pence).toFixed(1));
    fill("dear", dear);
    out.querySelector("[data-when=dear]").hidden = !dear;
    out.querySelector("[data-when=over]").hidden = segments <= most;
    out.hidden = false;
  }
  area.addEventListener("input", show);
  show();
})();
