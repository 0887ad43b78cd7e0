/* A launcher and, once wanted, the chat in a frame of our own origin. */
(() => {
  const script = document.currentScript;
  if (!script?.dataset.key || window.ShopChat) return;
  const { key, accent = "", label, theme, position } = script.dataset;
  const page = document.documentElement;
  const origin = new URL(script.src).origin;
  const lang = (script.dataset.lang || page.lang || "en").slice(0, 2).toLowerCase();
  const words = {
    de: ["Chat öffnen", "Chat schließen", "ungelesen"],
    es: ["Abrir el chat", "Cerrar el chat", "sin leer"],
    fr: ["Ouvrir le chat", "Fermer le chat", "non lus"],
  }[lang] || ["Open the chat", "Close the chat", "unread"];
  const OPEN = `shopchat:${key}:open`;
  const RESUME = `shopchat:${key}:resume`;
  const side = position === "start" ? "start" : "end";
  const CSS = `:host{all:initial!important;display:block!important}
*{box-sizing:border-box}
button,.panel{position:fixed;z-index:2147483000;bottom:max(20px,env(safe-area-inset-bottom));inset-inline-${side}:20px}
button{width:56px;height:56px;padding:0;border:0;border-radius:50%;cursor:pointer;background:var(--accent,#1f4d3f);
color:var(--on,#fff);display:grid;place-items:center;box-shadow:0 8px 24px #0004;transition:.18s}
button:hover{transform:translateY(-2px)}
button:focus-visible{outline:3px solid var(--accent,#1f4d3f);outline-offset:3px}
svg{width:26px;fill:none;stroke:currentColor;stroke-width:1.75;stroke-linecap:round;stroke-linejoin:round}
.shut .down,.open .talk,[hidden]{display:none}
b{position:absolute;top:-3px;right:-3px;min-width:21px;padding:0 6px;border-radius:11px;background:#b3261e;color:#fff;font:600 12px/21px system-ui}
.panel{margin-bottom:70px;width:400px;height:min(680px,100vh - 110px);border-radius:20px;
overflow:hidden;background:#fff;box-shadow:0 0 0 1px #8883,0 8px 24px #0004;transition:.18s}
.dark{background:#171614}
.panel.shut{opacity:0;visibility:hidden;transform:translateY(12px)}
iframe{display:block;width:100%;height:100%;border:0;color-scheme:normal}
@media(max-width:480px){.panel{inset:0;margin:0;width:100%;height:var(--tall,100dvh);border-radius:0}button.open{display:none}}
@media(prefers-reduced-motion:reduce){*{transition:none!important}}
@media(forced-colors:active){button{border:2px solid}}`;

  const make = (tag) => document.createElement(tag);
  const host = make("div");
  const root = host.attachShadow({ mode: "testOpen" in script.dataset ? "open" : "closed" });
  const sheet = new CSSStyleSheet();
  const button = make("button");
  const badge = make("b");
  const panel = make("div");
  const small = matchMedia("(max-width:480px)");
  let frame;
  let port;
  let isOpen = false;
  let unread = 0;
  let focus = false;
  let on;

  const draw = (name, d) => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const path = document.createElementNS(svg.namespaceURI, "path");
    svg.setAttribute("class", name);
    svg.setAttribute("viewBox", "0 0 24 24");
    path.setAttribute("d", d);
    svg.append(path);
    return svg;
  };
  /* Storage may be switched off. */
  const store = (area, name, value) => {
    try {
      if (value === undefined) return window[area].getItem(name);
      if (value) window[area].setItem(name, value);
      else window[area].removeItem(name);
    } catch {}
    return null;
  };
  const tell = (message) => port?.postMessage(message);
  const emit = (name) => document.dispatchEvent(new Event(`shopchat:${name}`));
  const isLight = ([r, g, b]) => r * 0.3 + g * 0.59 + b * 0.11 > 140;
  /* The shop's look decides, not the system's. */
  const findTheme = () => {
    if (theme === "light" || theme === "dark") return theme;
    for (const element of [document.body, page]) {
      const [r, g, b, a = 1] = getComputedStyle(element).backgroundColor.match(/[\d.]+/g).map(Number);
      if (a > 0.5) return isLight([r, g, b]) ? "light" : "dark";
    }
    return "light";
  };
  const show = () => {
    const state = isOpen ? "open" : "shut";
    const said = isOpen ? words[1] : label || words[0];
    const chosen = findTheme();
    button.className = state;
    panel.className = `panel ${state} ${chosen}`;
    button.setAttribute("aria-expanded", isOpen);
    button.setAttribute("aria-label", unread ? `${said}, ${unread} ${words[2]}` : said);
    badge.textContent = unread > 9 ? "9+" : unread;
    badge.hidden = !unread;
    tell({ t: "theme", theme: chosen, accent, on });
  };
  const hear = ({ data }) => {
    if (data.t === "ready") tell({ t: isOpen ? "open" : "shut", focus });
    if (data.t === "close") close();
    if (data.t === "store") store("localStorage", RESUME, data.value);
    if (data.t === "begun") store("sessionStorage", OPEN, isOpen && "1");
    if (data.t === "unread") {
      unread = data.count;
      show();
    }
  };
  const prepare = () => {
    if (frame) return;
    frame = make("iframe");
    frame.title = label || words[0];
    frame.allow = "clipboard-write";
    frame.src = `${origin}/w/${encodeURIComponent(key)}/?lang=${lang}`;
    frame.onload = () => {
      const channel = new MessageChannel();
      port = channel.port1;
      port.onmessage = hear;
      const resume = store("localStorage", RESUME);
      const init = { t: "init", theme: findTheme(), accent, on, resume, page: location.href.slice(0, 2000) };
      frame.contentWindow.postMessage(init, origin, [channel.port2]);
    };
    panel.append(frame);
  };
  const turn = (open, wanted) => {
    if (open === isOpen) return;
    isOpen = open;
    focus = wanted;
    prepare();
    show();
    if (!open) store("sessionStorage", OPEN, null);
    if (wanted) (open ? frame : button).focus();
    tell({ t: open ? "open" : "shut", focus });
    emit(open ? "open" : "close");
  };
  const open = () => turn(true, true);
  const close = () => turn(false, true);
  const start = () => {
    sheet.replaceSync(CSS);
    root.adoptedStyleSheets = [sheet];
    if (/^#[0-9a-f]{6}$/i.test(accent)) {
      host.style.setProperty("--accent", accent);
      on = isLight([1, 3, 5].map((at) => parseInt(accent.substr(at, 2), 16))) ? "#14130f" : "#fff";
      host.style.setProperty("--on", on);
    }
    button.type = "button";
    button.append(draw("talk", "M21 11.5a8.4 8.4 0 0 1-12.2 7.5L3.5 20.5l1.5-5A8.4 8.4 0 1 1 21 11.5zM8.5 11.5h.01M12.5 11.5h.01M16.5 11.5h.01"), draw("down", "M6 9.5l6 6 6-6"), badge);
    button.onclick = () => turn(!isOpen, true);
    button.onpointerenter = button.onfocus = prepare;
    host.addEventListener("keydown", (event) => event.key === "Escape" && close());
    const view = window.visualViewport;
    view?.addEventListener("resize", () => panel.style.setProperty("--tall", `${view.height}px`));
    matchMedia("(prefers-color-scheme:dark)").addEventListener("change", () => setTimeout(show, 50));
    root.append(panel, button);
    show();
    document.body.append(host);
    if (store("sessionStorage", OPEN) && !small.matches) turn(true, false);
    emit("ready");
  };
  window.ShopChat = { open, close };
  document.body ? start() : addEventListener("DOMContentLoaded", start);
})();
