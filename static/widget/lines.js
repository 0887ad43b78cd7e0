/* The lines out of the frame: to the server, and to the shop's page around it. */
const VERSION = 1;
const FIRST_MS = 500;
const CAP_MS = 30_000;
const BEAT_MS = 25_000;
const ANSWER_MS = 10_000;
const TICKET_EXPIRED = 4401;
const TOO_MANY = 4029;
const SHOPPER = ":shopper";

export const makeId = () => crypto.randomUUID();

/* A number that brings the task's hash to so many noughts: what the server asks of who says a lot at once. */
const reckon = async (task) => {
  const { bits } = JSON.parse(atob(task.split(":")[0].replace(/-/g, "+").replace(/_/g, "/")));
  for (let number = 0; ; number++) {
    const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(`${task}:${number}`));
    if (new DataView(hash).getUint32() < 2 ** (32 - bits)) return `${task}:${number}`;
  }
};

/* A line of plain requests, for networks that let no socket through. It has a socket's own methods. */
class Poll {
  #isOpen = true;
  #isListening = false;
  #hello = "";
  #sending = Promise.resolve();

  constructor(getLast) {
    this.getLast = getLast;
    setTimeout(() => this.onopen());
  }

  close() {
    this.#isOpen = false;
  }

  send(text) {
    const isHello = JSON.parse(text).t === "hello";
    if (isHello) this.#hello = text;
    this.#sending = this.#sending.then(() => this.#ask(`messages/?after=${this.getLast()}`, { method: "POST", body: text }));
    if (isHello && !this.#isListening) this.#listen();
  }

  async #listen() {
    this.#isListening = true;
    await this.#sending;
    while (this.#isOpen) await this.#ask(`events/?after=${this.getLast()}&wait=25`);
  }

  async #ask(path, options) {
    try {
      const headers = { "Chat-Hello": encodeURIComponent(this.#hello) };
      const answer = await fetch(path, { credentials: "omit", cache: "no-store", headers, ...options });
      for (const frame of await answer.json()) {
        if (this.#isOpen) this.onmessage({ data: JSON.stringify(frame) });
        if (frame.t === "bye") this.#end(frame);
      }
    } catch {
      this.#end({});
    }
  }

  #end(reason) {
    if (this.#isOpen) this.onclose(reason);
    this.close();
  }
}

/* Keeps the order, and every message until it is acknowledged. */
export class Wire {
  #socket = null;
  #tries = 0;
  #timers = {};
  #ready = false;
  #held = false;
  #over = false;
  #hadSocket = false;
  #last = 0;
  #asked = false;
  #outbox = new Map();
  kept = [];

  constructor({ ticket, hello, onFrame, onLine, onReset }) {
    Object.assign(this, { ticket, hello, onFrame, onLine, onReset });
    const wake = () => (this.#ready ? this.#ping() : this.connect());
    addEventListener("online", () => this.connect());
    addEventListener("focus", wake);
    addEventListener("pageshow", (event) => event.persisted && wake());
    document.addEventListener("visibilitychange", () => document.hidden || wake());
    addEventListener("offline", () => this.#lose());
  }

  connect() {
    clearTimeout(this.#timers.retry);
    if (this.#over || this.#socket || navigator.onLine === false) return;
    const isPlain = !this.#hadSocket && this.#tries > 1 && this.#tries % 2 === 0;
    const url = new URL("/ws/chat/", location.href.replace("http", "ws"));
    const socket = (this.#socket = isPlain ? new Poll(() => this.#last) : new WebSocket(url));
    this.#wait("answer", ANSWER_MS, () => this.#lose());
    socket.onopen = () => socket === this.#socket && this.#greet();
    socket.onmessage = ({ data }) => socket === this.#socket && this.#take(JSON.parse(data));
    socket.onclose = ({ code }) => socket === this.#socket && this.#lose(code);
  }

  say(cid, said) {
    this.#outbox.set(cid, said);
    this.#deliver(cid);
  }

  send(frame) {
    if (this.#ready) this.#socket.send(JSON.stringify(frame));
    return this.#ready;
  }

  /* Begins anew, with whatever the next hello says. */
  restart({ keep = false } = {}) {
    if (!keep) this.#outbox.clear();
    this.kept = [];
    this.#last = this.#tries = 0;
    this.#lose();
  }

  /* Another tab has begun: join it, unless this one has. */
  join() {
    if (this.#ready && !this.#last) this.#greet();
  }

  /* Messages wait until the next welcome. */
  hold() {
    this.#held = true;
  }

  #wait(name, milliseconds, act) {
    clearTimeout(this.#timers[name]);
    this.#timers[name] = setTimeout(act, milliseconds);
  }

  #greet() {
    this.#socket.send(JSON.stringify({ t: "hello", v: VERSION, ticket: this.ticket, seq: this.#last, ...this.hello() }));
  }

  #ping() {
    if (!this.send({ t: "ping", seq: this.#last })) return;
    this.#wait("answer", ANSWER_MS, () => this.#lose());
    this.#wait("beat", BEAT_MS, () => this.#ping());
  }

  #deliver(cid) {
    const said = this.#outbox.get(cid);
    if (!said || this.#held || !this.send({ t: "msg", cid, ...said })) return;
    this.#wait("answer", ANSWER_MS, () => this.#lose());
  }

  #lose(code = 0) {
    const socket = this.#socket;
    this.#socket = null;
    this.#ready = false;
    for (const timer of Object.values(this.#timers)) clearTimeout(timer);
    socket?.close();
    if (this.#over) return this.onLine("refused");
    this.onLine(navigator.onLine === false ? "offline" : "lost");
    if (code === TICKET_EXPIRED && this.#tries < 3) return this.#renew();
    return this.#retry(code === TOO_MANY ? CAP_MS : 0);
  }

  #retry(least = 0) {
    const longest = Math.min(CAP_MS, FIRST_MS * 2 ** this.#tries++);
    this.#wait("retry", Math.max(least, longest * (0.5 + Math.random() / 2)), () => this.connect());
  }

  async #renew() {
    this.#tries++;
    try {
      const answer = await fetch("ticket/", { credentials: "omit", cache: "no-store" });
      this.#over = answer.status === 404;
      if (this.#over) return this.onLine("refused");
      this.ticket = (await answer.json()).ticket;
    } catch {
      return this.#retry();
    }
    return this.connect();
  }

  #take(frame) {
    clearTimeout(this.#timers.answer);
    if ("seq" in frame) this.#order(frame);
    else if (frame.t === "welcome") this.#begin(frame);
    else if (frame.t === "ack") this.#settle(frame);
    else if (frame.t === "error") this.#excuse(frame);
    else if (frame.t === "bye") this.#over = !frame.retry;
    else if (frame.t === "pong") frame.head > this.#last && this.#greet();
    else this.onFrame(frame);
  }

  /* Frames are applied one by one, each the successor of the last; a gap is asked for again. */
  #order(frame) {
    if (frame.seq <= this.#last) return;
    if (frame.seq > this.#last + 1) {
      if (!this.#asked) this.#greet();
      this.#asked = true;
      return;
    }
    this.#last = frame.seq;
    this.kept.push(frame);
    if (frame.t === "user") this.#outbox.delete(frame.cid);
    this.onFrame(frame);
  }

  #begin(frame) {
    this.#ready = true;
    this.#asked = this.#held = false;
    this.#tries = 0;
    this.#hadSocket ||= !(this.#socket instanceof Poll);
    if (frame.reset) {
      this.#last = 0;
      this.kept = [];
      this.onReset(frame);
    }
    this.onLine("open");
    this.onFrame(frame);
    this.#wait("beat", BEAT_MS, () => this.#ping());
    for (const cid of this.#outbox.keys()) this.#deliver(cid);
  }

  #settle(frame) {
    this.#outbox.delete(frame.cid);
    this.onFrame(frame);
  }

  async #work(cid, task) {
    this.#outbox.set(cid, { ...this.#outbox.get(cid), answer: await reckon(task) });
    this.#deliver(cid);
  }

  #excuse(frame) {
    const kept = this.#outbox.has(frame.cid);
    if (kept && frame.code === "step_up") return this.#work(frame.cid, frame.text);
    if (kept && frame.retry_after) setTimeout(() => this.#deliver(frame.cid), frame.retry_after * 1000);
    else this.#outbox.delete(frame.cid);
    this.onFrame({ ...frame, kept: kept && Boolean(frame.retry_after) });
  }
}

/* The shop's page around the frame. What finds a conversation again is kept apart for a shopper whom the shop vouches for. */
export class Shell {
  #port = null;
  #lent = {};
  #secret = null;
  #isKept = false;
  #who = "";
  isOpen = parent === window;
  hint;
  proof;

  constructor({ key, onJoin, ...heard }) {
    Object.assign(this, { key, heard });
    addEventListener("message", (event) => this.#meet(event));
    addEventListener("storage", (event) => event.key === this.#name() && event.newValue && onJoin());
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const follow = () => this.#dress({ theme: dark.matches ? "dark" : "light" });
    follow();
    if (this.isEmbedded) return;
    dark.addEventListener("change", follow);
    queueMicrotask(heard.start);
  }

  get isEmbedded() {
    return parent !== window;
  }

  get isKnown() {
    return Boolean(this.#who);
  }

  tell(message) {
    this.#port?.postMessage(message);
  }

  /* Offered with every hello, stored with the first message, then kept to. */
  get resume() {
    return this.#isKept ? this.#secret : (this.#secret = this.find(this.#who) ?? this.#secret ?? makeId() + makeId());
  }

  find(who = SHOPPER) {
    let found = null;
    try {
      found = localStorage.getItem(this.#name(who));
    } catch {}
    return found ?? this.#lent[who];
  }

  keep(secret = this.#secret ?? this.resume) {
    this.#secret = secret;
    this.#isKept = true;
    this.#store(secret);
  }

  forget() {
    this.#store(null);
    this.#isKept = false;
    this.#secret = makeId() + makeId();
  }

  /* Other tabs may join; they hear only of a change. */
  begin(secret) {
    this.#store(null);
    this.keep(secret);
    this.tell({ t: "begun" });
  }

  /* The shop has vouched for the shopper: what was anonymous is theirs now. */
  know({ proof, resume, conversation }) {
    this.proof = proof;
    if (!resume) return;
    if (!this.#who) this.#store(null);
    this.#who = SHOPPER;
    this.#secret = resume;
    if (conversation) this.keep();
  }

  part() {
    this.forget();
    this.#who = "";
    this.proof = undefined;
  }

  #name(who = this.#who) {
    return `shopchat:resume:${this.key}${who}`;
  }

  /* In our storage, or the shop's where ours is blocked. */
  #store(value) {
    this.#lent[this.#who] = value;
    try {
      if (value) localStorage.setItem(this.#name(), value);
      else localStorage.removeItem(this.#name());
    } catch {
      this.tell({ t: "store", name: this.#name(), value });
    }
  }

  #meet({ source, data, ports }) {
    if (source !== parent || data?.t !== "init" || !ports[0] || this.#port) return;
    this.#port = ports[0];
    this.#port.onmessage = (event) => this.#hear(event.data);
    const [lent, lentToShopper] = data.lent.map((secret) => (typeof secret === "string" ? secret : null));
    this.#lent = { "": lent, [SHOPPER]: lentToShopper };
    this.page = typeof data.page === "string" ? data.page : "";
    this.#dress(data);
    this.heard.start();
    this.tell({ t: "ready" });
  }

  #hear(message) {
    if (message.t === "theme") return this.#dress(message);
    if (message.t === "context") return (this.hint = message.context);
    if (message.t === "identify" || message.t === "logout") return this.heard[message.t](message.jwt);
    this.isOpen = message.t === "open";
    if (this.isOpen) this.heard.open(message.focus);
  }

  #dress({ theme, accent, on }) {
    const root = document.documentElement;
    root.dataset.theme = (root.dataset.scheme ?? theme) === "dark" ? "dark" : "light";
    if (!/^#[0-9a-f]{6}$/i.test(accent ?? "")) return;
    root.style.setProperty("--accent", accent);
    root.style.setProperty("--on-accent", on === "#fff" ? on : "#14130f");
  }
}
