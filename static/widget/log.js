/* The conversation as it is seen: applies frames to the list, one after the other. */
import { h, icon, makeCard, makeCart, makeProposal, makeQuickReplies, makeRail, makeTable, makeTools } from "./parts.js";

const NEAR_END = 96;
const ANCHOR_GAP = 14;

export class Log {
  #replies = new Map();
  #bubbles = new Map();
  #cards = new Map();
  #proposals = new Map();
  #decisions = new Map();
  #day = "";
  #old = null;
  #turn = 0;
  #anchor = null;

  constructor({ list, scroller, words, text, act, announce, onBusy, onNews }) {
    Object.assign(this, { list, scroller, words, text, act, announce, onBusy, onNews });
    this.follows = true;
    scroller.addEventListener("scroll", () => this.#look(), { passive: true });
    new ResizeObserver(() => this.follows && this.end()).observe(list);
  }

  get isEmpty() {
    return !this.list.childElementCount;
  }

  clear({ all = false } = {}) {
    if (all) this.#bubbles.clear();
    this.list.replaceChildren(...[...this.#bubbles.values()].filter((b) => b.dataset.state !== "sent"));
    for (const map of [this.#replies, this.#cards, this.#proposals, this.#decisions]) map.clear();
    this.#day = "";
    this.#old = null;
    this.onBusy((this.#turn = 0));
  }

  /* To the end, but never past the start of the running answer. */
  end({ all = false } = {}) {
    if (all) this.#anchor = null;
    this.scroller.scrollTop = this.#findEnd();
    this.#look();
  }

  #findEnd() {
    const { scrollHeight, clientHeight } = this.scroller;
    const end = scrollHeight - clientHeight;
    return this.#anchor ? Math.min(end, this.#anchor.offsetTop - ANCHOR_GAP) : end;
  }

  write(cid, text, state = "sending") {
    const again = h("button", { type: "button", class: "plain", onclick: () => this.act.again(cid, text) }, this.words.say("again"));
    const bubble = h("li", { class: "mine" },
      h("span", { class: "unseen" }, this.words.say("you")),
      h("p", { class: "bubble", dir: "auto" }, text),
      h("p", { class: "fate" }, h("span", {}), again));
    this.#bubbles.set(cid, bubble);
    this.list.append(bubble);
    this.mark(cid, state);
    this.follows = true;
    this.#anchor = bubble;
    this.end();
  }

  mark(cid, state, told) {
    const bubble = this.#bubbles.get(cid);
    if (!bubble) return;
    bubble.dataset.state = state;
    bubble.querySelector(".fate span").textContent = state === "sent" ? "" : (told ?? this.words.say(state));
    bubble.querySelector(".fate").hidden = state === "sent" || state === "sending";
    bubble.querySelector("button").hidden = state !== "failed";
  }

  markAll(from, to) {
    for (const [cid, bubble] of this.#bubbles) if (bubble.dataset.state === from) this.mark(cid, to);
  }

  apply(frame) {
    const fresh = this.#old !== null && "seq" in frame && frame.seq > this.#old;
    const show = this[frame.t];
    if (show) show.call(this, frame, fresh);
    if (this.follows) this.end();
    else if (fresh && frame.t !== "user" && frame.t !== "turn") this.onNews(true);
  }

  welcome({ head }) {
    this.#old ??= head;
    for (const made of this.#decisions.values()) made.reopen();
  }

  user({ cid, text, at, seq }) {
    this.#separate(at);
    for (const quick of this.list.querySelectorAll(".quick")) quick.remove();
    const waiting = this.#bubbles.get(cid);
    if (!waiting) this.write(cid, text, "sent");
    const bubble = this.#bubbles.get(cid);
    bubble.querySelector(".bubble").textContent = text;
    bubble.dataset.seq = seq;
    this.mark(cid, "sent");
    this.#place((this.#anchor = bubble));
  }

  ack({ cid }) {
    if (this.#decisions.has(cid)) this.#decisions.delete(cid);
    else this.mark(cid, "sent");
  }

  turn({ turn }, fresh) {
    this.#getReply(turn);
    this.#setBusy(turn);
    if (fresh) this.announce(this.words.say("replying"));
  }

  status({ turn, stage }) {
    if (!this.#isRunning(turn)) return;
    const reply = this.#getReply(turn);
    reply.stage.textContent = this.words.say(stage) || this.words.say("thinking");
  }

  delta({ turn, off, text }) {
    if (!this.#isRunning(turn)) return;
    const reply = this.#getReply(turn);
    if (off > reply.said.length) return;
    reply.said = reply.said.slice(0, off) + text;
    reply.words.replaceChildren(...this.text(reply.said));
    reply.element.classList.add("speaking");
  }

  done({ turn, text, status }, fresh) {
    const reply = this.#getReply(turn);
    this.#close(turn);
    reply.element.dataset.status = status;
    reply.words.replaceChildren(...this.text(text));
    if (turn && text) {
      const { act, announce, words } = this;
      reply.tools = makeTools({ text, words, announce, rate: (rating) => act.rate({ turn, ...rating }) });
      reply.element.append(reply.tools.element);
    }
    if (status === "stopped") reply.words.append(h("p", { class: "hint" }, this.words.say("stopped")));
    if (this.#turn === turn) this.#setBusy(0);
    if (fresh) this.announce(`${this.words.say("assistant")} ${text}`, { news: true });
  }

  feedback({ turn, score }) {
    this.#replies.get(turn)?.tools?.mark(score);
  }

  part(frame) {
    const { parts } = this.#getReply(frame.turn);
    if (frame.kind === "cards") parts.append(this.#makeCards(frame.cards ?? []));
    else if (frame.kind === "table") parts.append(makeTable({ columns: frame.columns ?? [], rows: frame.rows ?? [], words: this.words }));
    else if (frame.kind === "cart") parts.append(makeCart({ lines: frame.lines ?? [], sums: frame.sums, words: this.words }));
    else if (frame.kind === "quick_replies") {
      parts.append(makeQuickReplies({ replies: frame.replies ?? [], choose: this.act.choose, words: this.words }));
    }
  }

  stock({ sku, stock, availability, ...frame }, fresh) {
    this.#patch(sku, { stock: stock ?? null, availability: availability ?? "unknown" });
    this.#notice(frame, "bell", fresh);
  }

  price({ sku, price, ...frame }, fresh) {
    if (price) this.#patch(sku, { price });
    this.#notice(frame, "bell", fresh);
  }

  policy(frame, fresh) {
    this.#notice(frame, "bell", fresh);
  }

  agent({ at, text, left }, fresh) {
    this.#notice({ at, text: text || this.words.say(left ? "agent_left" : "agent") }, "person", fresh);
  }

  proposal(frame) {
    const decide = (decision) => {
      const cid = crypto.randomUUID();
      this.#decisions.set(cid, made);
      if (!this.act.decide({ cid, ...decision })) made.reopen();
    };
    const made = makeProposal({ proposal: frame, words: this.words, decide });
    this.#proposals.set(frame.id, made);
    const { parts } = this.#getReply(frame.turn);
    parts.querySelector(".cart")?.remove();
    parts.append(made.element);
  }

  resolved(frame, fresh) {
    const told = this.#proposals.get(frame.id)?.resolve(frame) ?? frame.text;
    if (fresh) this.announce(told, { news: true });
  }

  error({ cid, code, text, kept, retry_after }) {
    const told = this.words.say(code) || text;
    this.#decisions.get(cid)?.[retry_after ? "reopen" : "resolve"]({ status: "failed", text });
    if (this.#bubbles.has(cid)) this.mark(cid, kept ? "waiting" : "failed", told);
    this.announce(told);
  }

  #makeCards(shown) {
    const cards = shown.map((card) => {
      const made = makeCard(card, this.words, this.act.choose);
      this.#cards.set(card.ref.key, [...(this.#cards.get(card.ref.key) ?? []), made]);
      return made;
    });
    return makeRail({ cards, label: this.words.say("products") });
  }

  #patch(sku, change) {
    for (const card of this.#cards.get(sku) ?? []) card.patch(change);
  }

  #notice({ at, text }, sign, fresh) {
    this.#separate(at);
    this.#place(h("li", { class: "notice" }, icon(sign), h("p", { dir: "auto" }, h("span", { class: "unseen" }, `${this.words.say("notice")}: `), text)));
    this.#anchor = null;
    if (fresh) this.announce(text, { news: true });
  }

  /* Outside a turn (0): it stands by itself. */
  #getReply(turn) {
    if (!turn) this.#replies.delete(turn);
    if (!this.#replies.has(turn)) {
      const said = h("div", { class: "said" });
      const parts = h("div", { class: "parts" });
      const stage = h("span", {}, this.words.say("thinking"));
      const waiting = h("p", { class: "stage" }, h("span", { class: "dots", "aria-hidden": true }, h("i"), h("i"), h("i")), stage);
      const element = h("li", { class: "reply busy" }, h("span", { class: "unseen" }, this.words.say("assistant")), said, parts, waiting);
      this.#replies.set(turn, { element, words: said, parts, stage, waiting, said: "", isDone: false });
      this.#place(element);
      if (!turn) this.#close(turn);
    }
    return this.#replies.get(turn);
  }

  #close(turn) {
    const reply = this.#replies.get(turn);
    reply.isDone = true;
    reply.element.classList.remove("busy", "speaking");
    reply.waiting.remove();
  }

  #isRunning(turn) {
    return !this.#replies.get(turn)?.isDone;
  }

  #setBusy(turn) {
    this.#turn = turn;
    this.list.setAttribute("aria-busy", String(Boolean(turn)));
    this.onBusy(turn);
  }

  #place(element) {
    const waiting = [...this.list.children].find((row) => row !== element && row.matches(".mine:not([data-state=sent])"));
    this.list.insertBefore(element, waiting ?? null);
  }

  #separate(at) {
    const day = this.words.day(at);
    if (day === this.#day) return;
    if (this.#day || day !== this.words.say("today")) this.#place(h("li", { class: "day" }, h("span", {}, day)));
    this.#day = day;
  }

  #look() {
    this.follows = Math.abs(this.#findEnd() - this.scroller.scrollTop) < NEAR_END;
    if (this.follows) this.onNews(false);
  }
}
