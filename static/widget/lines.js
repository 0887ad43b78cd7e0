/* The line to the server: keeps the order, and every message until it is acknowledged. */
const VERSION = 1;
const FIRST_MS = 500;
const CAP_MS = 30_000;
const BEAT_MS = 25_000;
const ANSWER_MS = 10_000;
const TICKET_EXPIRED = 4401;
const TOO_MANY = 4029;

export class Wire {
  #socket = null;
  #tries = 0;
  #timers = {};
  #ready = false;
  #over = false;
  #last = 0;
  #asked = false;
  #outbox = new Map();
  kept = [];

  constructor({ config, hello, onFrame, onLine, onReset }) {
    Object.assign(this, { config, hello, onFrame, onLine, onReset });
    this.ticket = config.ticket;
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
    const url = new URL("/ws/chat/", location.href);
    url.protocol = url.protocol.replace("http", "ws");
    const socket = (this.#socket = new WebSocket(url));
    this.#wait("answer", ANSWER_MS, () => this.#lose());
    socket.onopen = () => this.#greet();
    socket.onmessage = ({ data }) => socket === this.#socket && this.#take(JSON.parse(data));
    socket.onclose = ({ code }) => socket === this.#socket && this.#lose(code);
  }

  say(cid, text) {
    this.#outbox.set(cid, text);
    this.#deliver(cid);
  }

  send(frame) {
    if (this.#ready) this.#socket.send(JSON.stringify(frame));
    return this.#ready;
  }

  /* Begins anew, with whatever the next hello says. */
  restart() {
    this.#outbox.clear();
    this.kept = [];
    this.#last = this.#tries = 0;
    this.#lose();
  }

  /* Another tab has begun: join it, unless this one has. */
  join() {
    if (this.#ready && !this.#last) this.#greet();
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
    const text = this.#outbox.get(cid);
    if (text === undefined || !this.send({ t: "msg", cid, text })) return;
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
    this.#asked = false;
    this.#tries = 0;
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

  #excuse(frame) {
    const kept = this.#outbox.has(frame.cid);
    if (kept && frame.retry_after) setTimeout(() => this.#deliver(frame.cid), frame.retry_after * 1000);
    else this.#outbox.delete(frame.cid);
    this.onFrame({ ...frame, kept: kept && Boolean(frame.retry_after) });
  }
}

/* The shop's page around the frame. */
export class Shell {
  #port = null;
  #lent = null;
  #secret = null;
  #isKept = false;

  constructor({ key, onOpen, onStart, onJoin }) {
    Object.assign(this, { onOpen, onStart, onJoin });
    this.name = `shopchat:resume:${key}`;
    this.page = "";
    this.isOpen = parent === window;
    addEventListener("message", (event) => this.#meet(event));
    addEventListener("storage", (event) => event.key === this.name && event.newValue && this.onJoin());
    const dark = matchMedia("(prefers-color-scheme: dark)");
    this.#dress({ theme: dark.matches ? "dark" : "light" });
    if (parent !== window) return;
    dark.addEventListener("change", () => this.#dress({ theme: dark.matches ? "dark" : "light" }));
    queueMicrotask(() => this.onStart());
  }

  get isEmbedded() {
    return parent !== window;
  }

  tell(message) {
    this.#port?.postMessage(message);
  }

  /* Finds the conversation again: offered with every hello, stored with the first message, then kept to. */
  get resume() {
    if (this.#isKept) return this.#secret;
    let stored = this.#lent;
    try {
      stored = localStorage.getItem(this.name) ?? stored;
    } catch {}
    return (this.#secret = stored ?? this.#secret ?? crypto.randomUUID() + crypto.randomUUID());
  }

  keep(secret = this.#secret ?? this.resume) {
    this.#secret = secret;
    this.#isKept = true;
    this.#store();
  }

  forget() {
    this.#store(null);
    this.#lent = null;
    this.#isKept = false;
    this.#secret = crypto.randomUUID() + crypto.randomUUID();
  }

  /* Other tabs may join; they hear only of a change. */
  begin(secret) {
    this.#store(null);
    this.keep(secret);
    this.tell({ t: "begun" });
  }

  /* In our storage, or the shop's where ours is blocked. */
  #store(value = this.#secret) {
    try {
      if (value) localStorage.setItem(this.name, value);
      else localStorage.removeItem(this.name);
    } catch {
      this.tell({ t: "store", value });
    }
  }

  #meet({ source, data, ports }) {
    if (source !== parent || data?.t !== "init" || !ports[0] || this.#port) return;
    this.#port = ports[0];
    this.#port.onmessage = (event) => this.#hear(event.data);
    this.#lent = typeof data.resume === "string" ? data.resume : null;
    this.page = typeof data.page === "string" ? data.page : "";
    this.#dress(data);
    this.onStart();
    this.tell({ t: "ready" });
  }

  #hear(message) {
    if (message.t === "theme") return this.#dress(message);
    this.isOpen = message.t === "open";
    if (this.isOpen) this.onOpen(message.focus);
  }

  #dress({ theme, accent, on }) {
    const root = document.documentElement;
    root.dataset.theme = theme === "dark" ? "dark" : "light";
    if (!/^#[0-9a-f]{6}$/i.test(accent ?? "")) return;
    root.style.setProperty("--accent", accent);
    root.style.setProperty("--on-accent", on === "#fff" ? on : "#14130f");
  }
}
