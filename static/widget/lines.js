/* The line to the server. */
const VERSION = 1;
const FIRST_MS = 500;
const CAP_MS = 30_000;
const BEAT_MS = 25_000;
const ANSWER_MS = 10_000;
const STEADY_MS = 5000;
const TICKET_EXPIRED = 4401;
const REFUSED = 4403;
const TOO_MANY = 4029;

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
  #sending = Promise.resolve();

  constructor(wire) {
    this.wire = wire;
    setTimeout(() => this.onopen());
  }

  close() {
    this.#isOpen = false;
  }

  send(text) {
    this.#sending = this.#sending.then(() => this.#ask("messages/", { method: "POST", body: text }));
    if (!this.#isListening) this.#listen();
  }

  async #listen() {
    this.#isListening = true;
    await this.#sending;
    while (this.#isOpen) await this.#ask("events/?wait=25");
  }

  async #ask(path, options) {
    try {
      const answer = await this.wire.ask(path, options);
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
  #rest = 0;
  #hadSocket = false;
  #last = 0;
  #asked = false;
  #isStale = false;
  #isRenewed = false;
  #outbox = new Map();

  constructor(given) {
    Object.assign(this, given);
  }

  /* Nothing wakes a line that was never begun: a site that is not listed gets none. */
  start() {
    /* Who was sent away for a while stays away. */
    const wake = () => (this.#ready ? this.#ping() : performance.now() < this.#rest || this.connect());
    addEventListener("online", wake);
    addEventListener("focus", wake);
    addEventListener("pageshow", (event) => event.persisted && wake());
    document.addEventListener("visibilitychange", () => document.hidden || wake());
    addEventListener("offline", () => this.#lose());
    this.connect();
  }

  connect() {
    clearTimeout(this.#timers.retry);
    if (this.#over || this.#socket || !navigator.onLine) return;
    if (this.#isStale) return void this.#renew();
    const isPlain = !this.#hadSocket && this.#tries > 1 && this.#tries % 2 === 0;
    const url = new URL("/ws/chat/", location.href.replace("http", "ws"));
    const socket = (this.#socket = isPlain ? new Poll(this) : new WebSocket(url));
    this.#wait("answer", ANSWER_MS, () => this.#lose());
    socket.onopen = () => socket === this.#socket && this.#greet();
    socket.onmessage = ({ data }) => socket === this.#socket && this.#take(JSON.parse(data));
    socket.onclose = ({ code }) => socket === this.#socket && this.#lose(code);
  }

  get last() {
    return this.#last;
  }

  /* Kept until it is acknowledged, and fitted to the server of the moment; answers whether it is on its way. */
  say(frame) {
    this.#outbox.set(frame.cid, frame);
    return this.#deliver(frame.cid);
  }

  /* A plain request, which says who asks in a header. */
  ask(path, options) {
    const url = new URL(path, location.href);
    url.searchParams.set("after", this.#last);
    const headers = { "Chat-Hello": encodeURIComponent(JSON.stringify(this.#introduce())) };
    return fetch(url, { credentials: "omit", cache: "no-store", headers, ...options });
  }

  /* All of it again, from the first word. */
  askAll() {
    if (this.#ready) this.#greet({ whole: true });
    return this.#ready;
  }

  send(frame) {
    if (this.#ready) this.#socket.send(JSON.stringify(frame));
    return this.#ready;
  }

  /* Begins anew, with whatever the next hello says. */
  restart({ keep } = {}) {
    if (!keep) this.#outbox.clear();
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

  #introduce() {
    return { t: "hello", v: VERSION, ticket: this.ticket, seq: this.#last, ...this.hello() };
  }

  #greet(more) {
    this.#socket.send(JSON.stringify({ ...this.#introduce(), ...more }));
  }

  #ping() {
    if (!this.send({ t: "ping", seq: this.#last })) return;
    this.#wait("answer", ANSWER_MS, () => this.#lose());
    this.#wait("beat", BEAT_MS, () => this.#ping());
  }

  #deliver(cid) {
    const said = this.#outbox.get(cid);
    if (!said || this.#held || !this.send(this.fit(said))) return false;
    this.#wait("answer", ANSWER_MS, () => this.#lose());
    return true;
  }

  #lose(code = 0) {
    const socket = this.#socket;
    this.#socket = null;
    this.#ready = false;
    for (const timer of Object.values(this.#timers)) clearTimeout(timer);
    socket?.close();
    this.#over ||= code === REFUSED;
    if (this.#over) return this.onLine("refused");
    this.onLine(navigator.onLine ? "lost" : "offline");
    if (code === TICKET_EXPIRED) {
      this.#isStale = true;
      if (!this.#isRenewed) return this.connect();
    }
    if (code === TOO_MANY) this.#rest = performance.now() + CAP_MS;
    return this.#retry();
  }

  #retry() {
    const longest = Math.min(CAP_MS, FIRST_MS * 2 ** this.#tries++);
    this.#wait("retry", Math.max(this.#rest - performance.now(), longest * (0.5 + Math.random() / 2)), () => this.connect());
  }

  /* Once at once; where that does not help, no more often than anything else is tried. */
  async #renew() {
    this.#isRenewed = true;
    try {
      const answer = await fetch("ticket/", { credentials: "omit", cache: "no-store" });
      this.#over = answer.status === 404;
      if (this.#over) return this.onLine("refused");
      this.ticket = (await answer.json()).ticket;
      this.#isStale = false;
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
    else if (frame.t === "snapshot") this.#skip(frame);
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
    if (frame.t === "user") this.#outbox.delete(frame.cid);
    if (frame.t === "resolved") this.#forgetPresses(frame.id);
    this.onFrame(frame);
  }

  #skip(frame) {
    this.#last = frame.since;
    this.onFrame(frame);
  }

  /* What was pressed is asked for no more: it came to something, or its button will be drawn anew. */
  #forgetPresses(of) {
    for (const [cid, { proposal }] of this.#outbox) if (proposal && proposal === (of ?? proposal)) this.#outbox.delete(cid);
  }

  #begin(frame) {
    this.#ready = true;
    this.#asked = this.#held = this.#isRenewed = false;
    /* A line that is lost as soon as it stands is tried no faster than one that never stood. */
    this.#wait("steady", STEADY_MS, () => (this.#tries = 0));
    this.#hadSocket ||= !(this.#socket instanceof Poll);
    if (frame.reset) {
      this.#last = 0;
      this.#forgetPresses();
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
    const answer = await reckon(task);
    if (!this.#outbox.has(cid)) return;
    this.#outbox.set(cid, { ...this.#outbox.get(cid), answer });
    this.#deliver(cid);
  }

  #excuse(frame) {
    const kept = this.#outbox.has(frame.cid) && !this.#outbox.get(frame.cid).proposal;
    if (kept && frame.code === "step_up") return this.#work(frame.cid, frame.text);
    if (kept && frame.retry_after) setTimeout(() => this.#deliver(frame.cid), frame.retry_after * 1000);
    else this.#outbox.delete(frame.cid);
    this.onFrame({ ...frame, kept: kept && frame.retry_after });
  }
}
