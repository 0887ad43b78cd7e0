/* The page in the frame: what ties the line to the server, the shop's page and the view together. */
import { byId, h, icon } from "./elements.js";
import { makeId, Wire } from "./lines.js";
import { Log } from "./log.js";
import { makeMemory } from "./memory.js";
import { Shell } from "./shell.js";
import { isNews, makeWords } from "./words.js";

const LOST_SHOWN_AFTER = 1500;
const READ_AFTER = 500;
const SPOKEN_AFTER = 100;

const config = JSON.parse(byId("config").textContent);
const words = makeWords(config);
const [input, send, stop, banner, newer, menu, role] = ["words", "send", "stop", "banner", "newer", "menu", "role"].map(byId);
const assistant = role.textContent;
let turn = 0;
let unread = [];
let seen = 0;
let reading = 0;
let lost = 0;
let due = "";
let line = "";
let erasing = "";
let identifying = "";
let caps = [];
let about;
let isAsked = false;
let token = "";

/* One polite region speaks; the list itself is silent, so a replayed conversation is not read out. What comes at nearly the
   same time is said together, for the last would take the place of all before. */
const announce = (text) => {
  if (!due) {
    const spoken = byId("spoken");
    spoken.textContent = "";
    setTimeout(() => {
      spoken.textContent = due;
      due = "";
    }, SPOKEN_AFTER);
  }
  due += `${text} `;
};

/* Everything up to there was seen, here or in another tab. */
const see = (seq) => {
  seen = Math.max(seen, seq);
  unread = unread.filter((one) => one > seen);
  shell.tell({ t: "unread", count: unread.length });
};

const isSeen = () => shell.isOpen && !document.hidden;

const tellRead = () => {
  if (wire.last > seen && wire.send({ t: "read", seq: wire.last })) see(wire.last);
};

const read = () => {
  clearTimeout(reading);
  if (isSeen()) reading = setTimeout(tellRead, READ_AFTER);
};

const count = (frame) => {
  if (isSeen()) read();
  else if (isNews(frame) && frame.seq > seen) {
    unread.push(frame.seq);
    see(0);
  }
};

const identify = (jwt) => {
  token = jwt;
  identifying = makeId();
  if (!jwt) return shell.isKnown && logOut({ keep: true });
  return wire.send({ t: "identify", cid: identifying, jwt, resume: shell.find() });
};

const logOut = (options) => {
  shell.part(options);
  leave(options);
};

const shell = new Shell({
  config,
  onJoin: () => wire.join(),
  start: () => wire.start(),
  identify,
  logout: () => {
    token = "";
    if (shell.isKnown) logOut();
  },
  show: (focus) => {
    input.disabled = line === "refused";
    log.look();
    /* What comes after the panel was shut is not seen, though a remark of having read was due. */
    read();
    if (!shell.isOpen) return tellRead();
    log.end();
    if (focus) input.focus();
    if (!log.isEmpty) shell.tell({ t: "begun" });
  },
});

const can = (what) => caps.includes(what);

/* What the next message replies to; nothing, to take it back. */
const quote = (what) => {
  about = what;
  byId("about").hidden = !about;
  byId("title").textContent = about?.title;
};

const pointAt = (what) => {
  quote(what);
  input.focus();
};

const getFate = () => ({ open: "sending", refused: line })[line] ?? "waiting";

/* `of`: what the words reply to, or whose button says them. What failed is said again in words, to what it replied to. */
const say = (text, { title, ...of } = {}) => {
  const cid = makeId();
  const said = { t: "msg", cid, text, hint: shell.hint };
  const again = (quoted) => {
    log.mark(cid, getFate());
    wire.say({ ...said, reply_to: quoted ? of.reply_to : undefined });
    input.focus();
  };
  shell.keep();
  log.write(cid, text, { state: getFate(), about: title, again });
  welcome();
  wire.say({ ...said, ...of });
};

const ask = (frame) => wire.send({ cid: makeId(), ...frame }) || announce(words.say("lost"));

const save = async (of) => {
  try {
    const answer = await wire.ask(`export/?of=${of}`);
    const href = URL.createObjectURL(await answer.blob());
    if (answer.ok) h("a", { href, download: "chat.json" }).click();
    setTimeout(() => URL.revokeObjectURL(href), 1000);
    banner.textContent = answer.ok ? "" : words.say("unsaved");
  } catch {
    banner.textContent = words.say("lost");
  }
};

/* Deleting is asked twice. */
const erase = (everything) => ({ target }) => {
  if (!target.dataset.sure) return (target.textContent = words.say((target.dataset.sure = "sure")));
  menu.hidePopover();
  memory.close();
  erasing = makeId();
  return wire.send({ t: "erase", cid: erasing, everything }) || (banner.textContent = words.say("lost"));
};

const memory = makeMemory({ say: words.say, ask, save: () => save("everything"), erase: erase(true) });

const log = new Log({
  list: byId("log"),
  scroller: byId("scroller"),
  words,
  announce,
  act: {
    choose: (text, of) => {
      say(text, of);
      input.focus();
    },
    decide: (decision) => wire.say({ t: "confirm", ...decision }),
    isShown: () => shell.isOpen,
    can,
    about: pointAt,
    earlier: () => (isAsked = wire.askAll()),
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
    role.textContent = name ? words.say("with", { name }) : assistant;
    byId("automated").hidden = name;
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
  hello: () => {
    const { resume, next, left, proof, client } = shell;
    return { resume, next, left, proof, client, lang: config.lang };
  },
  /* A server that is just being replaced takes less than the one that drew the cards, or more. */
  fit: ({ hint, reply_to, ...frame }) => ({
    ...frame,
    [can("context") ? "context" : "page"]: hint,
    ...(can("reply_to") && { reply_to }),
  }),
  onFrame: (frame) => {
    if (frame.t === "error") refuse(frame);
    if (frame.cid === identifying) return frame.t === "ack" && shell.tell({ t: "event", type: (token = "") || "identified" });
    if (frame.t === "memories") return memory.show(frame);
    if (frame.t === "read" || frame.t === "welcome") see(frame.read ?? 0);
    if (frame.t === "welcome") caps = frame.caps ?? [];
    log.apply(frame);
    if (frame.seq) count(frame);
    if (frame.cid === erasing && frame.t === "ack") return leave();
    if (frame.t === "ack") shell.begin(frame.resume);
    if (frame.t === "welcome") look(frame);
    if (frame.conversation) shell.keep(frame.identified ? undefined : (frame.token ?? frame.resume));
    if (frame.t === "user" || frame.t === "welcome") welcome();
  },
  onReset: () => {
    unread = [];
    seen = 0;
    /* A talk that is shown from its start is still the same one. */
    if (!isAsked) quote();
    log.clear();
  },
  onLine: (state) => {
    line = state;
    isAsked = false;
    clearTimeout(lost);
    log.markAll(getFate());
    if (state === "open") return (banner.textContent = "");
    lost = setTimeout(() => (banner.textContent = words.say(state)), state === "lost" ? LOST_SHOWN_AFTER : 0);
    if (state === "refused") input.disabled = true;
  },
});

const leave = ({ keep } = {}) => {
  if (!keep) shell.forget();
  seen = 0;
  quote();
  log.clear({ all: !keep });
  wire.restart({ keep });
  welcome();
};

const fillMenu = () => {
  const choice = (key, onclick) => h("button", { onclick }, words.say(key));
  const close = (key, act) => choice(key, () => {
    menu.hidePopover();
    act();
  });
  const begin = () => {
    leave();
    input.focus();
  };
  const own = !log.isEmpty && [close("fresh", begin), can("export") && close("save", () => save("")), choice("erase", erase(false))];
  const known = can("memory") && close("memory", memory.open);
  menu.replaceChildren(...[close("person", () => say(words.say("person"))), known, own].flat().filter(Boolean));
};

const welcome = () => {
  byId("welcome").hidden = !log.isEmpty;
};

const refresh = () => {
  const over = input.value.trim().length - config.limit;
  byId("toolong").textContent = over > 0 ? words.say("over", { over }) : "";
  send.disabled = !input.value.trim() || over > 0;
  send.hidden = turn && !input.value.trim();
  input.style.setProperty("block-size", "auto");
  input.style.setProperty("block-size", `${Math.min(input.scrollHeight, 132)}px`);
};

const submit = (event) => {
  event.preventDefault();
  const text = input.value.trim();
  if (!text || text.length > config.limit || input.disabled) return;
  input.value = "";
  refresh();
  const of = about;
  quote();
  say(text, of);
};

for (const id of ["more", "close", "send", "stop"]) byId(id).append(icon(id));
menu.onbeforetoggle = fillMenu;
byId("close").hidden = !shell.isEmbedded;
byId("close").onclick = () => shell.tell({ t: "close" });
stop.onclick = () => wire.say({ t: "stop", cid: makeId(), turn }) || announce(log.status({ turn, stage: getFate() }));
byId("about").prepend(icon("reply"));
byId("drop").append(icon("close"));
byId("drop").onclick = () => pointAt();
newer.append(icon("send"), words.say("newer"));
newer.onclick = () => log.end({ all: true });
byId("composer").onsubmit = submit;
input.oninput = refresh;
input.addEventListener("keydown", (event) => event.key === "Enter" && !event.shiftKey && !event.isComposing && submit(event));
addEventListener("keydown", (event) => event.key === "Escape" && !event.isComposing && !document.querySelector("dialog[open], :popover-open") && shell.tell({ t: "close" }));
document.addEventListener("visibilitychange", read);
byId("ideas").append(...config.suggestions.map((text) =>
  h("li", h("button.idea", { onclick: () => say(text) }, text))));
