/* The conversation as it is seen: applies frames to the list, one after the other. */
import { h, icon, makeChips, makeTable, unseen } from "./elements.js";
import { makeCard, makeImage, makeRail, markChip } from "./goods.js";
import { makeId } from "./lines.js";
import { makeCart, makeOrders, makeProposal } from "./orders.js";
import { drawReply, isNews, isScarce, readText } from "./words.js";

const NEAR_END = 96;
const ANCHOR_GAP = 14;
const WRITES_SECONDS = 6;

/* Below a reply. A rating shows once it is kept. */
const makeTools = ({ text, say, announce, rate, explain }) => {
  const tool = (name, sign, onclick) =>
    h(`button.icon tool ${name}`, { "aria-label": say(name), title: say(name), onclick }, icon(sign));
  const copy = navigator.clipboard && tool("copy", "copy", async () => {
    await navigator.clipboard.writeText(text);
    copy.replaceChildren(icon("check"));
    announce(say("copied"));
  });
  const scores = ["good", "bad"].map((score) => tool(score, "good", () => rate({ score })));
  const reasons = makeChips("reasons", ["wrong", "misunderstood", "unhelpful"].map((reason) =>
    [say(reason), () => rate({ score: "bad", reason })]), say("reasons"));
  const mark = ({ score, reason } = {}) => {
    scores.forEach((button) => (button.ariaPressed = button.classList.contains(score)));
    reasons.hidden = score !== "bad" || reason;
  };
  mark();
  const because = h("p.hint because", { dir: "auto", hidden: true });
  const asked = explain && tool("why", "ask", () => (because.hidden ? explain() : (because.hidden = true)));
  const tell = (told) => {
    because.textContent = told;
    because.hidden = false;
    announce(told);
  };
  return { element: h("div.tools", copy, scores, asked, reasons, because), mark, tell };
};

const makeStage = (...what) =>
  h("p.stage", h("span.dots", { "aria-hidden": true }, h("i"), h("i"), h("i")), what);

/* The message replies to no card. */
const unquote = (bubble) => bubble?.querySelector(".quote")?.remove();

export class Log {
  #replies = new Map();
  #bubbles = new Map();
  #shown = new Map();
  #proposals = new Map();
  #decisions = new Map();
  #day = "";
  #old = null;
  #turn = 0;
  #anchor = null;
  #isBack = false;
  #at = 0;
  #writer = h("li.writes");
  #written = 0;

  constructor(given) {
    Object.assign(this, given);
    const { list, scroller } = given;
    this.follows = true;
    scroller.onscroll = () => this.#look();
    /* Words that still come make the list longer; a banner and a phone's keyboard make its window smaller. */
    const watch = new ResizeObserver(() => this.follows && this.end());
    watch.observe(list);
    watch.observe(scroller);
  }

  get isEmpty() {
    return !this.list.childElementCount;
  }

  clear({ all } = {}) {
    if (all) this.#bubbles.clear();
    this.#isBack &&= !all;
    this.list.replaceChildren(...[...this.#bubbles.values()].filter((bubble) => bubble.dataset.state !== "sent"));
    for (const map of [this.#replies, this.#shown, this.#proposals, this.#decisions]) map.clear();
    this.#day = "";
    this.#old = null;
    this.#setBusy(0);
    this.onPerson();
  }

  /* To the end, but never past the start of the running answer. */
  end({ all } = {}) {
    if (all) {
      this.#anchor = null;
      this.#isBack = false;
    }
    this.scroller.scrollTop = this.#findEnd();
    this.#at = this.scroller.scrollTop;
    this.#look();
  }

  #findEnd() {
    const { scrollHeight, clientHeight } = this.scroller;
    const end = scrollHeight - clientHeight;
    return this.#anchor ? Math.min(end, this.#anchor.offsetTop - ANCHOR_GAP) : end;
  }

  write(cid, text, { state = "sending", about, again }) {
    const retry = h("button.plain", { onclick: () => again(bubble.querySelector(".quote")) }, this.words.say("again"));
    const bubble = h("li.mine",
      unseen(this.words.say("you")),
      about && h("p.quote", { dir: "auto" }, icon("reply"), about),
      h("p.bubble", { dir: "auto" }, text),
      h("p.fate", h("span"), retry));
    this.#bubbles.set(cid, bubble);
    this.list.append(bubble);
    this.mark(cid, state);
    if (state === "sent") return;
    this.follows = true;
    this.#isBack = false;
    this.#anchor = bubble;
    this.end();
  }

  /* The panel was opened or shut. */
  look() {
    for (const made of this.#proposals.values()) made.watch();
  }

  mark(cid, state, told) {
    const bubble = this.#bubbles.get(cid);
    if (!bubble) return;
    bubble.dataset.state = state;
    bubble.querySelector(".fate span").textContent = told ?? this.words.say(state);
    bubble.querySelector(".fate").hidden = state === "sent" || state === "sending";
    bubble.querySelector("button").hidden = state !== "failed";
  }

  /* All that is on its way, or waits to be. */
  markAll(to) {
    for (const [cid, bubble] of this.#bubbles) if (/ing$/.test(bubble.dataset.state)) this.mark(cid, to);
    for (const made of this.#decisions.values()) made.wait(to);
  }

  apply(frame) {
    const fresh = this.#old !== null && frame.seq > this.#old;
    this[frame.t]?.(frame, fresh);
    if (fresh) this.onFresh(frame.t);
    if (!this.follows && fresh && isNews(frame)) this.onNews(true);
  }

  welcome({ head }) {
    this.#old ??= head;
  }

  /* What came before was left out. */
  snapshot({ name }) {
    const earlier = () => {
      this.#isBack = this.act.earlier();
      this.follows = !this.#isBack;
    };
    this.list.prepend(h("li.day", h("button.chip", { onclick: earlier }, this.words.say("earlier"))));
    this.onPerson(name);
  }

  /* A person writes, or did a moment ago. */
  typing({ name }) {
    const told = this.words.say("writes", { name });
    if (!this.#writer.isConnected) this.announce(told);
    this.#writer.replaceChildren(makeStage(told));
    this.#place(this.#writer);
    clearTimeout(this.#written);
    this.#written = setTimeout(() => this.#writer.remove(), WRITES_SECONDS * 1000);
  }

  user({ cid, text, at, seq, about }) {
    this.#separate(at);
    for (const quick of this.list.querySelectorAll(".quick")) quick.remove();
    if (!this.#bubbles.has(cid)) this.write(cid, text, { state: "sent", about });
    const bubble = this.#bubbles.get(cid);
    bubble.querySelector(".bubble").textContent = text;
    if (!about) unquote(bubble);
    bubble.dataset.seq = seq;
    this.mark(cid, "sent");
    this.#place((this.#anchor = bubble));
  }

  ack({ cid }) {
    if (!this.#decisions.delete(cid)) this.mark(cid, "sent");
  }

  turn({ turn }, fresh) {
    this.#getReply(turn);
    this.#setBusy(turn);
    if (fresh) this.announce(this.words.say("replying"));
  }

  status({ turn, stage }) {
    const reply = this.#findRunning(turn);
    return reply && (reply.stage.textContent = this.words.say(stage) || this.words.say("thinking"));
  }

  delta({ turn, off, text }) {
    const reply = this.#findRunning(turn);
    if (!reply || off > reply.text.length) return;
    const said = reply.text.slice(0, off) + text;
    if (said === reply.text) return;
    reply.text = said;
    this.#say(reply, { rich: readText(reply.text) });
  }

  done({ turn, text, rich, status, decision }, fresh) {
    const { act, announce, words } = this;
    const reply = this.#getReply(turn);
    this.#close(reply);
    reply.element.dataset.status = status;
    this.#say(reply, { text, rich });
    if (turn && text) {
      const explain = decision && (() => act.explain({ decision }));
      reply.tools = makeTools({ text, say: words.say, announce, rate: (rating) => act.rate({ turn, ...rating }), explain });
      reply.decision = decision;
      reply.element.append(reply.tools.element);
    }
    if (status === "stopped") reply.said.append(h("p.hint", words.say("stopped")));
    if (this.#turn === turn) this.#setBusy(0);
    if (fresh) announce(`${words.say("assistant")} ${text}`);
  }

  because({ decision, text }) {
    for (const reply of this.#replies.values()) if (reply.decision === decision) reply.tools.tell(text);
  }

  feedback({ turn, ...rating }) {
    this.#replies.get(turn)?.tools?.mark(rating);
  }

  part({ turn, kind, seq, columns = [], rows = [], replies = [], skus = [], ...frame }) {
    const { say, money, stock } = this.words;
    const press = (action) => (text) => this.act.choose(text, { t: "action", says: text, text: undefined, action, part: seq });
    const { parts } = this.#getReply(turn);
    if (kind === "cards") parts.append(this.#makeCards(frame.cards ?? [], { choose: press("version"), seq }));
    else if (kind === "image") parts.append(makeImage(frame.cards[0]));
    else if (kind === "orders") parts.append(...makeOrders(rows, this.words));
    else if (kind === "cart") {
      this.#lapse();
      parts.append(makeCart(frame, this.words));
    }
    else if (kind === "table") {
      const table = makeTable([columns, ...rows], say("compare"));
      /* Where it is known of which items they are, its first row has their prices, and the second their stock. */
      skus.forEach((sku, at) => {
        const [, prices, stocks] = table.querySelectorAll("tr");
        this.#watch(sku, (change) => {
          const { cells } = change.price ? prices : stocks;
          cells[at + 1].textContent = change.price ? money(change.price) : stock(change);
        });
      });
      parts.append(table);
    } else if (kind === "quick_replies")
      parts.append(makeChips("quick", replies.map((text) => [text, () => press("reply")(text)]), say("suggestions")));
  }

  stock(frame, fresh) {
    this.version(frame);
    this.policy(frame, fresh);
  }

  price(frame, fresh) {
    this.stock(frame, fresh);
  }

  /* What is stated of an item changes where it stands, and nothing is said. */
  version({ sku, at, price, list_price, stock, availability }) {
    const { say, money, stock: tell } = this.words;
    if (price) this.#patch(sku, { price, list_price, price_at: at }, "costs", say("costs", { price: money(price) }));
    if (!availability) return;
    const change = { stock, availability, stock_at: at };
    this.#patch(sku, change, "left", availability === "in_stock" && !isScarce(change) ? "" : tell(change));
    for (const chip of this.list.querySelectorAll(`[data-of="${CSS.escape(sku)}"]`)) markChip(chip, availability === "out_of_stock", say);
  }

  policy(frame, fresh) {
    this.#notice(frame, "bell", fresh);
  }

  /* A person was asked for, has come or has left. Who comes takes over what the assistant was about to say. */
  agent({ at, text, name, left }, fresh) {
    this.#notice({ at, text }, "person", fresh);
    this.#writer.remove();
    if (!name && !left) return;
    this.onPerson(left ? "" : name);
    const reply = this.#turn && this.#replies.get(this.#turn);
    if (reply) this.#close(reply);
    this.#setBusy(0);
  }

  person({ at, name, text, rich }, fresh) {
    this.#writer.remove();
    this.#separate(at);
    const reply = this.#getReply(0);
    reply.element.prepend(h("p.by", name));
    this.#say(reply, { text, rich });
    if (fresh) this.announce(`${name}: ${text}`);
  }

  proposal(frame) {
    const decide = (decision) => {
      const cid = makeId();
      this.#decisions.set(cid, made);
      if (!this.act.decide({ cid, ...decision })) this.announce(made.wait("waiting"));
    };
    const made = makeProposal(frame, this.words, decide, this);
    this.#lapse();
    this.#proposals.set(frame.id, made);
    const { parts } = this.#getReply(frame.turn);
    parts.querySelector(".cart")?.remove();
    made.carts = frame.button ? [] : this.list.querySelectorAll(".cart");
    parts.append(made.element);
  }

  resolved(frame, fresh) {
    const made = this.#proposals.get(frame.id);
    const told = made?.resolve(frame) ?? frame.text;
    /* What was ordered stays as it was bought. */
    if (frame.status === "accepted") made?.carts.forEach((cart) => (cart.dataset.status = frame.status));
    if (fresh) this.announce(told);
  }

  error({ cid, code, text, kept, retry_after }) {
    const told = code === "bad_frame" ? this.words.say("unsent") : text;
    this.#decisions.get(cid)?.[retry_after ? "reopen" : "resolve"]({ status: "failed", text: told });
    this.#decisions.delete(cid);
    this.mark(cid, kept ? "waiting" : "failed", told);
    if (code === "not_shown") unquote(this.#bubbles.get(cid));
    this.announce(told);
  }

  #makeCards(given, { choose, seq }) {
    const about = this.act.can("reply_to") && (({ ref, title }) => this.act.about({ title, reply_to: { seq, sku: ref.key } }));
    const cards = given.map((card) => {
      const made = makeCard(card, this.words, { choose, about, isAlone: given.length === 1 });
      this.#watch(card.ref.key, made.patch);
      return made;
    });
    return makeRail(cards, this.words.say("products"));
  }

  #watch(sku, patch) {
    this.#shown.set(sku, [...(this.#shown.get(sku) ?? []), patch]);
  }

  /* There is one offer at a time. */
  #lapse() {
    for (const made of this.#proposals.values()) made.lapse();
  }

  /* Lines of carts and of offers that stand say what is another than theirs; their sums stay what they were, and so does
     all of what was ordered before and is only to be changed. */
  #patch(sku, change, what, told) {
    for (const patch of this.#shown.get(sku) ?? []) patch(change);
    const lines = `.slip:not([data-status], .change) [data-sku="${CSS.escape(sku)}"] .${what}`;
    for (const line of this.list.querySelectorAll(lines)) line.textContent = told === line.dataset.was ? "" : told;
  }

  #notice({ at, text }, sign, fresh) {
    this.#separate(at);
    this.#place(h("li.notice", icon(sign), h("p", { dir: "auto" }, unseen(`${this.words.say("notice")}: `), text)));
    this.#anchor = null;
    if (fresh) this.announce(text);
  }

  /* Outside a turn (0): it stands by itself. */
  #getReply(turn) {
    if (!turn) this.#replies.delete(turn);
    if (!this.#replies.has(turn)) {
      const said = h("div.said");
      const parts = h("div.parts");
      const stage = h("span", this.words.say("thinking"));
      const waiting = makeStage(stage);
      const element = h("li.reply busy", unseen(this.words.say("assistant")), said, parts, waiting);
      const reply = { element, said, parts, stage, waiting, text: "", isDone: false };
      this.#replies.set(turn, reply);
      this.#place(element);
      if (!turn) this.#close(reply);
    }
    return this.#replies.get(turn);
  }

  #say({ said }, reply) {
    said.replaceChildren(...drawReply(reply, this.words.say("compare")));
  }

  #close(reply) {
    reply.isDone = true;
    reply.element.classList.remove("busy");
    reply.waiting.remove();
  }

  #findRunning(turn) {
    const reply = turn && this.#getReply(turn);
    return reply && !reply.isDone && reply;
  }

  #setBusy(turn) {
    this.#turn = turn;
    this.list.ariaBusy = turn > 0;
    this.onBusy(turn);
  }

  #place(element) {
    this.list.insertBefore(element, this.list.querySelector(".mine:not([data-state=sent])"));
  }

  #separate(at) {
    const day = this.words.day(at);
    if (day === this.#day) return;
    if (this.#day || day !== this.words.say("today")) this.#place(h("li.day", h("span", day)));
    this.#day = day;
  }

  #look() {
    const { scrollTop } = this.scroller;
    /* Where nobody has moved it, the view only waits for the end to be reached again. */
    const isLeft = this.follows && Math.abs(scrollTop - this.#at) < 2;
    this.follows = !this.#isBack && (isLeft || Math.abs(this.#findEnd() - scrollTop) < NEAR_END);
    if (this.follows) this.onNews(false);
  }
}
