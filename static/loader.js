/* Launcher. */
(() => {
  const page = document.documentElement;
  const { src, dataset } = document.currentScript ?? {};
  const { key, lang = page.lang, accent = "", label, theme, position = "end" } = dataset ?? {};
  if (!key || window.ShopChat) return;
  const { origin } = new URL(src);
  const speak = (code) => ({
    de: ["Chat öffnen", "ungelesen"],
    es: ["Abrir el chat", "sin leer"],
    fr: ["Ouvrir le chat", "non lus"],
  })[code.slice(0, 2)] || ["Open the chat", "unread"];
  const OPEN = `shopchat:${key}:open`;
  const RESUME = `shopchat:resume:${key}`;
  const isLight = ([r, g, b]) => r * 3 + g * 6 + b > 1000;
  const color = /^#[0-9a-f]{6}$/i.test(accent) ? accent : "#1f4d3f";
  const on = isLight(color.match(/\w\w/g).map((two) => parseInt(two, 16))) ? "#111" : "#fff";
  const CSS = `:host{all:initial!important;display:block!important;--top:0;--tall:100dvh}
button,.panel{position:fixed;z-index:2147483000;bottom:max(20px,env(safe-area-inset-bottom));inset-inline-${position}:20px}
button{width:56px;height:56px;padding:0;border:0;border-radius:50%;cursor:pointer;background:${color};
color:${on};display:grid;place-items:center;box-shadow:0 8px 24px #0004}
button.open{box-shadow:none}
button:hover{transform:translateY(-2px)}
button:focus-visible{outline:3px solid ${color};outline-offset:3px}
button:before{content:"";width:22px;height:17px;border:2px solid;border-radius:11px;border-end-start-radius:2px}
button.open:before{width:11px;height:11px;margin-top:-7px;border-width:0 2px 2px 0;border-radius:2px;rotate:45deg}
b:empty{display:none}
b{position:absolute;top:-3px;right:-3px;min-width:9px;padding:0 6px;border-radius:11px;background:#b3261e;color:#fff;font:600 12px/21px system-ui}
.panel{margin-bottom:70px;width:400px;height:min(680px,100vh - 110px);border-radius:20px;overflow:hidden;background:#fff;box-shadow:0 0 0 1px #8883,0 8px 24px #0004}
.dark{background:#171614}
.panel.shut{opacity:0;visibility:hidden;transform:translateY(12px)}
iframe{display:block;width:100%;height:100%;border:0;color-scheme:normal}
@media(max-width:480px){.panel{inset:var(--top) 0 auto;margin:0;width:100%;height:var(--tall);border-radius:0;
box-sizing:border-box;padding:env(safe-area-inset-top) 0 env(safe-area-inset-bottom)}button.open{display:none}}
@media(prefers-reduced-motion:no-preference){*,:before{transition:.18s}}
@media(forced-colors:active){button{border:2px solid}}`;
  const make = (tag) => document.createElement(tag);
  const host = make("div");
  const button = make("button");
  const badge = make("b");
  const panel = make("div");
  const small = matchMedia("(max-width:480px)");
  let words = speak(lang);
  let isOpen = false;
  let covered = [];
  let frame, port, unread, focus, signer, hint;
  const store = (area, name, value) => {
    try {
      if (value === undefined) return window[area].getItem(name);
      value ? window[area].setItem(name, value) : window[area].removeItem(name);
    } catch {}
  };
  const tell = (t, more) => port?.postMessage({ t, ...more });
  const emit = (name, detail) => document.dispatchEvent(new CustomEvent(`shopchat:${name}`, { detail }));
  const vouch = async () => {
    let jwt;
    try {
      jwt = await (signer?.call ? signer() : signer);
    } catch {
      return setTimeout(vouch, 5000);
    }
    tell("identify", { jwt });
  };
  const findTheme = () => {
    if (theme) return theme;
    for (const element of [document.body, page]) {
      const { backgroundColor } = getComputedStyle(element);
      const [r, g, b, a = 1] = backgroundColor.match(/[\d.]+/g).map(Number);
      if (a > 0.5) return (backgroundColor > "r" ? isLight([r, g, b]) : r > 0.6) ? "light" : "dark";
    }
    return "light";
  };
  const cover = () => {
    for (const one of covered) one.inert = false;
    covered = [...document.body.children].filter((one) => isOpen && small.matches && one !== host && !one.inert);
    for (const one of covered) one.inert = true;
  };
  const getState = () => (isOpen ? "open" : "shut");
  const show = () => {
    const said = (isOpen ? words[2] : label) || words[0];
    const chosen = findTheme();
    button.className = getState();
    panel.className = `panel ${getState()} ${chosen}`;
    button.ariaExpanded = isOpen;
    button.ariaLabel = unread ? `${said}, ${unread} ${words[1]}` : said;
    badge.textContent = unread > 9 ? "9+" : unread || "";
    tell("theme", { theme: chosen });
  };
  const context = (given) => tell("context", { context: (hint = given) });
  const close = () => turn(false);
  const begun = () => store("sessionStorage", OPEN, getState());
  const heard = {
    ready({ title, lang, close }) {
      frame.title = title;
      words = [...speak(lang), close];
      show();
      context(hint);
      tell(getState(), { focus });
      if (signer) vouch();
    },
    ask: vouch,
    event: (data) => emit("event", data),
    close,
    store: ({ name, value }) => store("localStorage", name, value),
    begun,
    unread({ count }) {
      unread = count;
      show();
    },
  };
  const prepare = () => {
    if (frame) return;
    frame = make("iframe");
    frame.title = "Chat";
    frame.allow = "clipboard-write";
    frame.src = `${origin}/w/${key}/?lang=${lang}&dir=${getComputedStyle(host).direction}&tag=${accent.slice(1)}`;
    frame.onload = () => {
      const { port1, port2 } = new MessageChannel();
      port = port1;
      port.onmessage = ({ data }) => heard[data.t]?.(data);
      const lent = ["", ":shopper"].map((who) => store("localStorage", RESUME + who));
      frame.contentWindow.postMessage({ t: "init", v: "1", lent }, origin, [port2]);
    };
    panel.append(frame);
  };
  const turn = (open, wanted = true) => {
    if (open === isOpen) return;
    isOpen = open;
    focus = wanted;
    prepare();
    show();
    if (store("sessionStorage", OPEN)) begun();
    cover();
    if (wanted) (open ? frame : button).focus();
    tell(getState(), { focus });
    emit(open ? "open" : "close");
  };
  const start = () => {
    const root = host.attachShadow({ mode: "closed" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(CSS);
    root.adoptedStyleSheets = [sheet];
    const { style } = sheet.cssRules[0];
    button.append(badge);
    button.onclick = () => turn(!isOpen);
    button.onpointerenter = button.onfocus = prepare;
    host.onkeydown = ({ key }) => {
      if (key === "Escape") close();
    };
    const view = visualViewport;
    for (const moved of ["resize", "scroll"])
      view.addEventListener(moved, () => {
        style.setProperty("--tall", `${view.height}px`);
        style.setProperty("--top", `${view.offsetTop}px`);
      });
    matchMedia("(prefers-color-scheme:dark)").onchange = () => setTimeout(show, 50);
    root.append(panel, button);
    show();
    document.body.append(host);
    const before = store("sessionStorage", OPEN);
    if (before) setTimeout(prepare);
    if (before === "open" && !small.matches) turn(true, false);
    small.onchange = cover;
    addEventListener("storage", ({ key, oldValue, newValue }) =>
      key?.startsWith(RESUME) && tell("stored", { key, oldValue, newValue }));
    emit("ready");
  };
  window.ShopChat = {
    open: () => turn(true),
    close,
    context,
    identify(given) {
      signer = given;
      vouch();
    },
    logout() {
      signer = null;
      tell("logout");
    },
  };
  document.body ? start() : addEventListener("DOMContentLoaded", start);
})();
