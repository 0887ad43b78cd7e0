/* The page in the frame: ties the line, the log, the composer and the shop's page together. */
import { Shell, Wire } from "./lines.js";
import { Log } from "./log.js";
import { byId, h, icon, makeText, makeWords } from "./parts.js";

const LOST_SHOWN_AFTER = 1500;

const config = JSON.parse(byId("config").textContent);
const words = makeWords(config);
const origins = new Set([location.origin, ...config.origins, ...(config.shop ? [new URL(config.shop).origin] : [])]);
const input = byId("words");
const send = byId("send");
const stop = byId("stop");
const banner = byId("banner");
const newer = byId("newer");
let turn = 0;
let unread = 0;
let lost = 0;
let line = "";
let erasing = "";

/* One polite region speaks; the list itself is silent, so a replayed conversation is not read out. */
const announce = (text, { news = false } = {}) => {
  const spoken = byId("spoken");
  spoken.textContent = "";
  requestAnimationFrame(() => (spoken.textContent = text));
  if (!news || (shell.isOpen && !document.hidden)) return;
  shell.tell({ t: "unread", count: ++unread });
};

const shell = new Shell({
  key: config.key,
  onStart: () => wire.connect(),
  onJoin: () => wire.join(),
  onOpen: (focus) => {
    shell.tell({ t: "unread", count: (unread = 0) });
    log.end();
    if (focus) input.focus();
    if (!log.isEmpty) shell.tell({ t: "begun" });
  },
});

const say = (text) => {
  const cid = crypto.randomUUID();
  shell.keep();
  log.write(cid, text, line === "open" ? "sending" : "waiting");
  welcome();
  wire.say(cid, text);
};

const log = new Log({
  list: byId("log"),
  scroller: byId("scroller"),
  words,
  text: makeText({ origins }),
  announce,
  act: {
    choose: (text) => {
      say(text);
      input.focus();
    },
    again: (cid, text) => {
      log.mark(cid, line === "open" ? "sending" : "waiting");
      wire.say(cid, text);
      input.focus();
    },
    decide: (decision) => wire.send({ t: "confirm", ...decision }),
    rate: (rating) => wire.send({ t: "feedback", cid: crypto.randomUUID(), ...rating }) || announce(words.say("lost")),
  },
  onBusy: (running) => {
    turn = running;
    stop.hidden = !running;
    refresh();
  },
  onNews: (isNew) => (newer.hidden = !isNew),
});

const wire = new Wire({
  config,
  hello: () => ({
    resume: shell.resume,
    lang: config.lang,
    client: { v: String(config.v), page: shell.page },
  }),
  onFrame: (frame) => {
    log.apply(frame);
    if (frame.cid === erasing && frame.t === "ack") return leave();
    if (frame.cid === erasing && frame.t === "error") banner.textContent = frame.text;
    if (frame.t === "ack") shell.begin(frame.resume);
    if (frame.conversation) shell.keep();
    if (frame.t === "user" || frame.t === "welcome") welcome();
  },
  onReset: () => log.clear(),
  onLine: (state) => {
    line = state;
    clearTimeout(lost);
    if (state === "open") {
      banner.textContent = "";
      log.markAll("waiting", "sending");
      return;
    }
    log.markAll("sending", "waiting");
    lost = setTimeout(() => (banner.textContent = words.say(state)), state === "lost" ? LOST_SHOWN_AFTER : 0);
    if (state === "refused") input.disabled = true;
  },
});

const leave = () => {
  shell.forget();
  log.clear({ all: true });
  wire.restart();
  welcome();
  input.focus();
};

const save = () => {
  const text = JSON.stringify(wire.kept, (name, value) => (name === "token" ? undefined : value), 2);
  const href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  h("a", { href, download: "chat.json" }).click();
  setTimeout(() => URL.revokeObjectURL(href), 1000);
};

/* Deleting is asked twice. */
const erase = ({ target }) => {
  if (!target.dataset.sure) return (target.textContent = words.say((target.dataset.sure = "erase_sure")));
  menu.hidePopover();
  erasing = crypto.randomUUID();
  return wire.send({ t: "erase", cid: erasing }) || (banner.textContent = words.say("lost"));
};

const menu = byId("menu");
const fillMenu = () => {
  const choice = (key, onclick) => h("button", { type: "button", onclick }, words.say(key));
  const close = (act) => () => {
    menu.hidePopover();
    act();
  };
  const own = log.isEmpty ? [] : [choice("fresh", close(leave)), choice("save", close(save)), choice("erase", erase)];
  menu.replaceChildren(choice("person", close(() => say(words.say("person")))), ...own);
};

const welcome = () => {
  byId("welcome").hidden = !log.isEmpty;
};

const refresh = () => {
  const over = input.value.trim().length - config.limit;
  byId("toolong").textContent = over > 0 ? words.say("too_long", { over }) : "";
  send.disabled = !input.value.trim() || over > 0;
  send.hidden = Boolean(turn) && !input.value.trim();
  input.style.setProperty("block-size", "auto");
  input.style.setProperty("block-size", `${Math.min(input.scrollHeight, 132)}px`);
};

const submit = () => {
  const text = input.value.trim();
  if (!text || text.length > config.limit || input.disabled) return;
  input.value = "";
  refresh();
  say(text);
};

byId("more").append(icon("more"));
menu.addEventListener("beforetoggle", fillMenu);
byId("close").append(icon("close"));
byId("close").hidden = !shell.isEmbedded;
byId("close").addEventListener("click", () => shell.tell({ t: "close" }));
send.append(icon("send"));
stop.append(icon("stop"));
stop.addEventListener("click", () => wire.send({ t: "stop", turn }));
newer.append(icon("down"), words.say("newer"));
newer.addEventListener("click", () => log.end({ all: true }));
byId("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  submit();
});
input.addEventListener("input", refresh);
input.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  submit();
});
addEventListener("keydown", (event) => event.key === "Escape" && !event.isComposing && !menu.matches(":popover-open") && shell.tell({ t: "close" }));
byId("ideas").append(...config.suggestions.map((text) =>
  h("li", {}, h("button", { type: "button", class: "idea", onclick: () => say(text) }, text))));
