/* The page in the frame: what ties the line to the server, the shop's page and the view together. */
import { byId, h, icon } from "./elements.js";
import { makeId, Shell, Wire } from "./lines.js";
import { Log } from "./log.js";
import { makeMemory } from "./memory.js";
import { makeWords } from "./words.js";

const LOST_SHOWN_AFTER = 1500;

const config = JSON.parse(byId("config").textContent);
const words = makeWords(config);
const [input, send, stop, banner, newer, menu, role] = ["words", "send", "stop", "banner", "newer", "menu", "role"].map(byId);
const assistant = role.textContent;
let turn = 0;
let unread = 0;
let lost = 0;
let line = "";
let erasing = "";
let identifying = "";
let token = "";

/* One polite region speaks; the list itself is silent, so a replayed conversation is not read out. */
const announce = (text, { news = false } = {}) => {
  const spoken = byId("spoken");
  spoken.textContent = "";
  requestAnimationFrame(() => (spoken.textContent = text));
  if (!news || (shell.isOpen && !document.hidden)) return;
  shell.tell({ t: "unread", count: ++unread });
};

const identify = (jwt) => {
  token = jwt;
  identifying = makeId();
  if (!jwt) return shell.isKnown && logOut({ keep: true });
  return wire.send({ t: "identify", cid: identifying, jwt, resume: shell.find() });
};

const logOut = (options) => {
  shell.part();
  leave(options);
};

const shell = new Shell({
  key: config.key,
  onJoin: () => wire.join(),
  start: () => wire.connect(),
  identify,
  logout: () => {
    token = "";
    if (shell.isKnown) logOut();
  },
  open: (focus) => {
    shell.tell({ t: "unread", count: (unread = 0) });
    log.end();
    if (focus) input.focus();
    if (!log.isEmpty) shell.tell({ t: "begun" });
  },
});

const deliver = (cid, text) => wire.say(cid, { text, page: shell.hint });

const say = (text) => {
  const cid = makeId();
  shell.keep();
  log.write(cid, text, line === "open" ? "sending" : "waiting");
  welcome();
  deliver(cid, text);
};

const ask = (frame) => wire.send({ cid: makeId(), ...frame }) || announce(words.say("lost"));

const memory = makeMemory({ say: words.say, ask });

const log = new Log({
  list: byId("log"),
  scroller: byId("scroller"),
  words,
  announce,
  act: {
    choose: (text) => {
      say(text);
      input.focus();
    },
    again: (cid, text) => {
      log.mark(cid, line === "open" ? "sending" : "waiting");
      deliver(cid, text);
      input.focus();
    },
    decide: (decision) => wire.send({ t: "confirm", ...decision }),
    rate: (rating) => ask({ t: "feedback", ...rating }),
    explain: (of) => ask({ t: "why", ...of }),
  },
  onBusy: (running) => {
    turn = running;
    stop.hidden = !running;
    refresh();
  },
  onNews: (isNew) => (newer.hidden = !isNew),
  onPerson: (name = "") => {
    role.textContent = name ? words.say("talking_to", { name }) : assistant;
    byId("automated").hidden = Boolean(name);
  },
  onFresh: (type) => shell.tell({ t: "event", type }),
});

/* Who was vouched for is asked for again where that has run out; what the shopper says meanwhile waits. */
const look = (frame) => {
  if (frame.identified) return shell.know(frame);
  if (token) return identify(token);
  if (!shell.isKnown) return;
  wire.hold();
  shell.tell({ t: "ask" });
};

const refuse = ({ cid, code, text, retry_after }) => {
  if (cid === erasing) banner.textContent = text;
  if (code === "vouch_again") shell.tell({ t: "ask" });
  if (cid !== identifying) return;
  if (retry_after) return setTimeout(() => identify(token), retry_after * 1000);
  token = "";
  shell.tell({ t: "event", type: "identify_failed", code });
  if (shell.isKnown) logOut({ keep: true });
};

const wire = new Wire({
  ticket: config.ticket,
  hello: () => ({
    resume: shell.resume,
    proof: shell.proof,
    lang: config.lang,
    client: { v: String(config.v), page: shell.page },
  }),
  onFrame: (frame) => {
    if (frame.t === "error") refuse(frame);
    if (frame.cid === identifying) return frame.t === "ack" && shell.tell({ t: "event", type: (token = "") || "identified" });
    if (frame.t === "memories") return memory.show(frame);
    log.apply(frame);
    if (frame.cid === erasing && frame.t === "ack") return leave();
    if (frame.t === "ack") shell.begin(frame.resume);
    if (frame.t === "welcome") look(frame);
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

const leave = ({ keep = false } = {}) => {
  shell.forget();
  log.clear({ all: !keep });
  wire.restart({ keep });
  welcome();
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
  erasing = makeId();
  return wire.send({ t: "erase", cid: erasing }) || (banner.textContent = words.say("lost"));
};

const fillMenu = () => {
  const choice = (key, onclick) => h("button", { onclick }, words.say(key));
  const close = (act) => () => {
    menu.hidePopover();
    act();
  };
  const begin = () => {
    leave();
    input.focus();
  };
  const own = log.isEmpty ? [] : [choice("fresh", close(begin)), choice("save", close(save)), choice("erase", erase)];
  const known = shell.isKnown ? [choice("memory", close(memory.open))] : [];
  menu.replaceChildren(choice("person", close(() => say(words.say("person")))), ...known, ...own);
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

const submit = (event) => {
  event.preventDefault();
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
byId("composer").addEventListener("submit", submit);
input.addEventListener("input", refresh);
input.addEventListener("keydown", (event) => event.key === "Enter" && !event.shiftKey && !event.isComposing && submit(event));
addEventListener("keydown", (event) => event.key === "Escape" && !event.isComposing && !document.querySelector("dialog[open], :popover-open") && shell.tell({ t: "close" }));
byId("ideas").append(...config.suggestions.map((text) =>
  h("li", h("button.idea", { onclick: () => say(text) }, text))));
