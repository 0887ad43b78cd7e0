/* The embed script: a launcher on the shop's page and, once it is wanted, the chat in a frame of our own origin.
   <script async src="https://chat.example/static/loader.js" data-key="your-key"></script>
   Optional: data-lang, data-theme (light, dark, auto), data-accent (#rrggbb), data-position (end, start), data-label. */
(() => {
  "use strict";
  const script = document.currentScript;
  if (!script || !script.dataset.key || window.ShopChat) return;
  const { key, accent, label } = script.dataset;
  const origin = new URL(script.src).origin;
  const lang = (script.dataset.lang || document.documentElement.lang || "en").slice(0, 2).toLowerCase();
  const WORDS = {
    en: ["Open the chat", "Close the chat", "unread"],
    de: ["Chat öffnen", "Chat schließen", "ungelesen"],
    es: ["Abrir el chat", "Cerrar el chat", "sin leer"],
    fr: ["Ouvrir le chat", "Fermer le chat", "non lus"],
  };
  const words = WORDS[lang] || WORDS.en;
  const OPEN = `shopchat:${key}:open`;
  const HANDLE = `shopchat:${key}:resume`;
  const CSS = `:host{all:initial!important;display:block!important}
*{box-sizing:border-box}
button,.panel{position:fixed;z-index:2147483000;inset-block-end:max(20px,env(safe-area-inset-bottom))}
button{inline-size:56px;block-size:56px;padding:0;border:0;border-radius:50%;cursor:pointer;background:var(--accent,#1f4d3f);
color:var(--on,#fff);display:grid;place-items:center;box-shadow:0 1px 2px #0003,0 8px 24px #0003;transition:transform .18s,box-shadow .18s}
button:hover{transform:translateY(-2px);box-shadow:0 2px 4px #0003,0 12px 32px #0004}
button:active{transform:none}
button:focus-visible{outline:3px solid var(--accent,#1f4d3f);outline-offset:3px}
svg{inline-size:26px;block-size:26px;fill:none;stroke:currentColor;stroke-width:1.75;stroke-linecap:round;stroke-linejoin:round}
.shut svg:last-of-type,.open svg:first-of-type,[hidden]{display:none}
.end{inset-inline-end:20px}.start{inset-inline-start:20px}
b{position:absolute;inset-block-start:-3px;inset-inline-end:-3px;min-inline-size:21px;block-size:21px;padding-inline:6px;border-radius:11px;
background:#b3261e;color:#fff;font:600 12px/21px system-ui,sans-serif;text-align:center}
.panel{inset-block-end:calc(max(20px,env(safe-area-inset-bottom)) + 70px);inline-size:400px;max-inline-size:calc(100vw - 40px);
block-size:min(680px,calc(100vh - 110px));border-radius:20px;overflow:hidden;background:#fff;
box-shadow:0 0 0 1px #0000000f,0 8px 20px #0000001a,0 24px 64px #00000029;transform-origin:100% 100%;
transition:opacity .18s,transform .22s cubic-bezier(.2,.9,.3,1),visibility .18s}
.dark{background:#171614;box-shadow:0 0 0 1px #ffffff1f,0 24px 64px #0009}
.panel.shut{opacity:0;visibility:hidden;transform:translateY(12px) scale(.97);pointer-events:none}
iframe{display:block;inline-size:100%;block-size:100%;border:0;color-scheme:normal}
@media (max-width:480px){.panel{inset:0!important;inline-size:100%;max-inline-size:none;block-size:100vh;block-size:var(--tall,100dvh);
border-radius:0}button.open{display:none}}
@media (prefers-reduced-motion:reduce){*{transition:none!important}}
@media (forced-colors:active){button{border:2px solid ButtonText}}`;

  const host = document.createElement("div");
  const root = host.attachShadow({ mode: script.hasAttribute("data-test-open") ? "open" : "closed" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(CSS);
  root.adoptedStyleSheets = [sheet];
  const side = script.dataset.position === "start" ? "start" : "end";
  const button = document.createElement("button");
  const badge = document.createElement("b");
  const panel = document.createElement("div");
  const small = matchMedia("(max-width:480px)");
  let frame = null;
  let port = null;
  let isOpen = false;
  let unread = 0;
  let focusWanted = false;

  const draw = (...lines) => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    for (const d of lines) svg.appendChild(document.createElementNS(svg.namespaceURI, "path")).setAttribute("d", d);
    return svg;
  };
  const store = (area, name, value) => {
    try {
      if (value === undefined) return window[area].getItem(name);
      if (value === null) window[area].removeItem(name);
      else window[area].setItem(name, value);
    } catch { /* Storage may be switched off; the chat then lasts as long as the page. */ }
    return null;
  };
  const tell = (message) => port && port.postMessage(message);
  const emit = (name, detail) => document.dispatchEvent(new CustomEvent(`shopchat:${name}`, { detail }));
  const brightness = (colour) => {
    const [r, g, b] = colour.map((c) => (c / 255 <= 0.04 ? c / 3294.6 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  /* The shop's own look decides, not the system's: a light shop stays light at night. */
  const findTheme = () => {
    const wished = script.dataset.theme;
    if (wished === "light" || wished === "dark") return wished;
    for (const element of [document.body, document.documentElement]) {
      const [r, g, b, a = 1] = (getComputedStyle(element).backgroundColor.match(/[\d.]+/g) || [0, 0, 0, 0]).map(Number);
      if (a > 0.5) return brightness([r, g, b]) < 0.2 ? "dark" : "light";
    }
    return "light";
  };
  const paint = () => {
    const theme = findTheme();
    panel.classList.toggle("dark", theme === "dark");
    tell({ t: "theme", theme, accent });
  };
  const show = () => {
    button.className = `${side} ${isOpen ? "open" : "shut"}`;
    panel.className = `panel ${side} ${isOpen ? "open" : "shut"}`;
    button.setAttribute("aria-expanded", String(isOpen));
    const said = isOpen ? words[1] : label || words[0];
    button.setAttribute("aria-label", unread && !isOpen ? `${said}, ${unread} ${words[2]}` : said);
    badge.textContent = unread > 9 ? "9+" : String(unread);
    badge.hidden = !unread || isOpen;
    paint();
  };
  const hear = ({ data }) => {
    if (data.t === "ready") tell({ t: isOpen ? "open" : "shut", focus: focusWanted });
    else if (data.t === "close") close();
    else if (data.t === "store") store("localStorage", HANDLE, data.value);
    else if (data.t === "begun") store("sessionStorage", OPEN, isOpen ? "1" : null);
    else if (data.t === "unread") { unread = data.count; show(); }
    else if (data.t === "event") emit("event", data.detail);
  };
  const prepare = () => {
    if (frame) return;
    frame = document.createElement("iframe");
    frame.title = label || words[0];
    frame.allow = "clipboard-write";
    frame.src = `${origin}/w/${encodeURIComponent(key)}/?lang=${lang}`;
    frame.addEventListener("load", () => {
      const channel = new MessageChannel();
      if (port) port.close();
      port = channel.port1;
      port.onmessage = hear;
      const init = { t: "init", theme: findTheme(), accent, page: location.href.slice(0, 2000), resume: store("localStorage", HANDLE) };
      frame.contentWindow.postMessage(init, origin, [channel.port2]);
    });
    panel.appendChild(frame);
  };
  const open = ({ focus = true } = {}) => {
    prepare();
    if (isOpen) return;
    isOpen = true;
    focusWanted = focus;
    show();
    if (focus) frame.focus();
    tell({ t: "open", focus });
    emit("open");
  };
  const close = () => {
    if (!isOpen) return;
    isOpen = false;
    store("sessionStorage", OPEN, null);
    show();
    tell({ t: "shut" });
    button.focus();
    emit("close");
  };
  const start = () => {
    if (accent && /^#[0-9a-f]{6}$/i.test(accent)) {
      const parts = [1, 3, 5].map((at) => parseInt(accent.slice(at, at + 2), 16));
      host.style.setProperty("--accent", accent);
      host.style.setProperty("--on", brightness(parts) > 0.3 ? "#14130f" : "#fff");
    }
    button.type = "button";
    button.append(draw("M21 11.5a8.4 8.4 0 0 1-12.2 7.5L3.5 20.5l1.5-5A8.4 8.4 0 1 1 21 11.5z", "M8.5 11.5h.01M12.5 11.5h.01M16.5 11.5h.01"), draw("M6 9.5l6 6 6-6"), badge);
    button.addEventListener("click", () => (isOpen ? close() : open()));
    for (const hint of ["pointerenter", "focus"]) button.addEventListener(hint, prepare, { once: true });
    host.addEventListener("keydown", (event) => event.key === "Escape" && close());
    const fit = () => small.matches && panel.style.setProperty("--tall", `${window.visualViewport.height}px`);
    if (window.visualViewport) window.visualViewport.addEventListener("resize", fit);
    matchMedia("(prefers-color-scheme:dark)").addEventListener("change", () => setTimeout(paint, 50));
    root.append(panel, button);
    show();
    document.body.appendChild(host);
    if (store("sessionStorage", OPEN) && !small.matches) open({ focus: false });
    emit("ready");
  };
  window.ShopChat = Object.freeze({ open, close });
  if (document.body) start();
  else document.addEventListener("DOMContentLoaded", start);
})();
