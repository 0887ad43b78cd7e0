/* A launcher and, once wanted, the chat in a frame of our own origin. */
(() => {
  const script = document.currentScript;
  if (!script?.dataset.key || window.ShopChat) return;
  const { key, accent = "", label, theme, position } = script.dataset;
  const page = document.documentElement;
  const origin = new URL(script.src).origin;
  const lang = (script.dataset.lang || page.lang).slice(0, 2).toLowerCase();
  const speak = (code) => ({
    de: ["Chat öffnen", "Chat schließen", "ungelesen"],
    es: ["Abrir el chat", "Cerrar el chat", "sin leer"],
    fr: ["Ouvrir le chat", "Fermer le chat", "non lus"],
  })[code] || ["Open the chat", "Close the chat", "unread"];
  let words = speak(lang);
  const VERSION = "1";
  const OPEN = `shopchat:${key}:open`;
  const RESUME = `shopchat:resume:${key}`;
  const CSS = `:host{all:initial!important;display:block!important}
*{box-sizing:border-box}
button,.panel{position:fixed;z-index:2147483000;bottom:max(20px,env(safe-area-inset-bottom));inset-inline-${position === "start" ? position : "end"}:20px}
button{width:56px;height:56px;padding:0;border:0;border-radius:50%;cursor:pointer;background:var(--accent,#1f4d3f);
color:var(--on,#fff);display:grid;place-items:center;box-shadow:0 8px 24px #0004;transition:.18s}
button.open{box-shadow:none}
button:hover{transform:translateY(-2px)}
button:focus-visible{outline:3px solid var(--accent,#1f4d3f);outline-offset:3px}
button:before{content:"";width:26px;height:21px;border:2px solid;border-radius:11px;border-end-start-radius:2px;transition:.18s}
button.open:before{width:13px;height:13px;margin-top:-7px;border-width:0 2px 2px 0;border-radius:2px;rotate:45deg}
[hidden]{display:none}
b{position:absolute;top:-3px;right:-3px;min-width:21px;padding:0 6px;border-radius:11px;background:#b3261e;color:#fff;font:600 12px/21px system-ui}
.panel{margin-bottom:70px;width:400px;height:min(680px,100vh - 110px);border-radius:20px;
overflow:hidden;background:#fff;box-shadow:0 0 0 1px #8883,0 8px 24px #0004;transition:.18s}
.dark{background:#171614}
.panel.shut{opacity:0;visibility:hidden;transform:translateY(12px)}
iframe{display:block;width:100%;height:100%;border:0;color-scheme:normal}
@media(max-width:480px){.panel{inset:var(--top,0) 0 auto;margin:0;width:100%;height:var(--tall,100dvh);border-radius:0}button.open{display:none}}
@media(prefers-reduced-motion:reduce){*{transition:none!important}}
@media(forced-colors:active){button{border:2px solid}}`;

  /* A browser may count the launcher's shadow as lying over the panel, and then tells the frame that it is covered. */
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
  let signer;
  let hint;
  let covered = [];

  /* Storage may be switched off. */
  const store = (area, name, value) => {
    try {
      if (value === undefined) return window[area].getItem(name);
      if (value) window[area].setItem(name, value);
      else window[area].removeItem(name);
    } catch {}
  };
  const tell = (message) => port?.postMessage(message);
  const emit = (name, detail) => document.dispatchEvent(new CustomEvent(`shopchat:${name}`, { detail }));
  /* A token, or what fetches one; where that fails, it is asked again. */
  const vouch = async () => {
    let jwt;
    try {
      jwt = await (typeof signer === "function" ? signer() : signer);
    } catch {
      return setTimeout(vouch, 5000);
    }
    tell({ t: "identify", jwt });
  };
  const isLight = ([r, g, b]) => r * 0.3 + g * 0.59 + b * 0.11 > 140;
  const findTheme = () => {
    if (theme === "light" || theme === "dark") return theme;
    for (const element of [document.body, page]) {
      const color = getComputedStyle(element).backgroundColor;
      const [r, g, b, a = 1] = color.match(/[\d.]+/g).map(Number);
      if (a > 0.5) return (color > "r" ? isLight([r, g, b]) : r > 0.6) ? "light" : "dark";
    }
    return "light";
  };
  /* Behind a panel that fills the screen nothing can be reached. */
  const cover = () => {
    for (const element of covered) element.inert = false;
    covered = isOpen && small.matches ? [...document.body.children].filter((one) => one !== host && !one.inert) : [];
    for (const element of covered) element.inert = true;
  };
  const show = () => {
    const state = isOpen ? "open" : "shut";
    const said = isOpen ? words[1] : label || words[0];
    const chosen = findTheme();
    button.className = state;
    panel.className = `panel ${state} ${chosen}`;
    button.ariaExpanded = isOpen;
    button.ariaLabel = unread ? `${said}, ${unread} ${words[2]}` : said;
    badge.textContent = unread > 9 ? "9+" : unread;
    badge.hidden = !unread;
    tell({ t: "theme", theme: chosen, accent, on });
  };
  /* Who has begun to talk hears of news on the next page too. */
  const begun = () => store("sessionStorage", OPEN, isOpen ? "open" : "shut");
  const hear = ({ data }) => {
    if (data.t === "ready") {
      frame.title = data.title;
      words = speak(data.lang);
      show();
      context(hint);
      tell({ t: isOpen ? "open" : "shut", focus });
    }
    if (data.t === "ask" || (data.t === "ready" && signer)) vouch();
    if (data.t === "event") emit("event", data);
    if (data.t === "close") close();
    if (data.t === "store") store("localStorage", data.name, data.value);
    if (data.t === "begun") begun();
    if (data.t === "unread") {
      unread = data.count;
      show();
    }
  };
  const prepare = () => {
    if (frame) return;
    frame = make("iframe");
    frame.title = "Chat";
    frame.allow = "clipboard-write";
    frame.src = `${origin}/w/${encodeURIComponent(key)}/${lang && `?lang=${lang}`}`;
    frame.onload = () => {
      const channel = new MessageChannel();
      port = channel.port1;
      port.onmessage = hear;
      const lent = ["", ":shopper"].map((who) => store("localStorage", RESUME + who));
      const init = { t: "init", v: VERSION, theme: findTheme(), accent, on, lent, page: location.href.slice(0, 2000) };
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
    if (store("sessionStorage", OPEN)) begun();
    cover();
    if (wanted) (open ? frame : button).focus();
    tell({ t: open ? "open" : "shut", focus });
    emit(open ? "open" : "close");
  };
  const context = (given) => tell({ t: "context", context: (hint = given) });
  const identify = (given) => {
    signer = given;
    vouch();
  };
  const logout = () => {
    signer = null;
    tell({ t: "logout" });
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
    button.append(badge);
    button.onclick = () => turn(!isOpen, true);
    button.onpointerenter = button.onfocus = prepare;
    host.addEventListener("keydown", (event) => event.key === "Escape" && close());
    /* Beside a phone's keyboard. */
    const view = visualViewport;
    for (const moved of ["resize", "scroll"])
      view.addEventListener(moved, () => (panel.style = `--tall:${view.height}px;--top:${view.offsetTop}px`));
    matchMedia("(prefers-color-scheme:dark)").addEventListener("change", () => setTimeout(show, 50));
    root.append(panel, button);
    show();
    document.body.append(host);
    const before = store("sessionStorage", OPEN);
    if (before) setTimeout(prepare);
    if (before === "open" && !small.matches) turn(true, false);
    small.onchange = cover;
    addEventListener("storage", ({ key: name, oldValue, newValue }) => {
      if (name?.startsWith(RESUME)) tell({ t: "stored", key: name, oldValue, newValue });
    });
    emit("ready");
  };
  window.ShopChat = { open, close, context, identify, logout };
  document.body ? start() : addEventListener("DOMContentLoaded", start);
})();
