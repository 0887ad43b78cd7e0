/* Whatever is seen is made here, and only here: elements, words, markup, goods, orders, and the list of it all. Text is
   only ever a text node. */
const SVG = "http://www.w3.org/2000/svg";

export const h = (tag, props = {}, ...kids) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true && !name.startsWith("aria-") ? "" : value);
  }
  element.append(...kids.flat().filter((kid) => kid || kid === 0));
  return element;
};

const LINES = {
  close: ["M6 6l12 12M18 6L6 18"],
  send: ["M12 19V5", "M6 11l6-6 6 6"],
  stop: ["M8 8h8v8H8z"],
  down: ["M12 5v14", "M6 13l6 6 6-6"],
  check: ["M5 12.5l4.5 4.5L19 7.5"],
  bell: ["M12 4a5 5 0 0 0-5 5v4l-2 3h14l-2-3V9a5 5 0 0 0-5-5z", "M10 19a2 2 0 0 0 4 0"],
  person: ["M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8z", "M4.5 20a7.5 7.5 0 0 1 15 0"],
  copy: ["M9 9h10v11H9z", "M15 9V4H5v11h4"],
  good: ["M8 11v8H4.5v-8zl3.5-7a2 2 0 0 1 2 2v4h5a2 2 0 0 1 2 2.4l-1 5a2 2 0 0 1-2 1.6H8"],
  ask: ["M8 8.6a4 4 0 1 1 5.6 3.7c-1 .5-1.6 1.2-1.6 2.7", "M12 19h.01"],
  more: ["M6 12h.01M12 12h.01M18 12h.01"],
  picture: ["M4 5h16v14H4z", "M4 16l5-5 4 4 3-3 4 4"],
};

export const icon = (name) => {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  for (const d of LINES[name]) svg.appendChild(document.createElementNS(SVG, "path")).setAttribute("d", d);
  return svg;
};

export const byId = (id) => document.getElementById(id);

/* Only web addresses may become links or images. */
const safeUrl = (text) => {
  if (!text || !URL.canParse(text, location.href)) return null;
  const url = new URL(text, location.href);
  return url.protocol === "https:" || url.protocol === "http:" ? url : null;
};

/* Phrases, and values as the shopper's language writes them. */
export const makeWords = ({ lang, phrases }) => {
  const say = (key, values = {}) =>
    (phrases[key] ?? "").replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
  const money = ({ amount, currency }) =>
    new Intl.NumberFormat(lang, { style: "currency", currency, currencyDisplay: "narrowSymbol" }).format(amount);
  const number = (value, digits = 1) => new Intl.NumberFormat(lang, { maximumFractionDigits: digits }).format(value);
  const time = (text) => new Intl.DateTimeFormat(lang, { hour: "numeric", minute: "2-digit" }).format(new Date(text));
  const day = (text) => {
    const date = new Date(text);
    const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(date).setHours(0, 0, 0, 0)) / 864e5);
    if (days === 0) return say("today");
    if (days === 1) return say("yesterday");
    return new Intl.DateTimeFormat(lang, { weekday: "long", day: "numeric", month: "long" }).format(date);
  };
  const stock = ({ availability, stock: left }) => {
    if (availability === "low_stock" && !left) return say("few_left");
    if (availability === "in_stock" && left > 0 && left <= 5) return say("low_stock", { count: left });
    return say(availability in phrases ? availability : "unknown", { count: left });
  };
  return { say, money, number, time, day, stock };
};

/* Paragraphs, lists, bold, and links into the shop. All else is shown as written. */
const INLINE = /\*\*([^*\n]+)\*\*|\[([^\]\n]+)\]\(([^)\s]+)\)/g;
const ITEM = /^\s*(?:[-*•]|(\d+)[.)])\s+(.*)$/;

export const makeText = ({ origins }) => {
  const inline = (text) => {
    const kids = [];
    let at = 0;
    for (const match of text.matchAll(INLINE)) {
      kids.push(text.slice(at, match.index));
      at = match.index + match[0].length;
      const url = match[3] && safeUrl(match[3]);
      if (match[1]) kids.push(h("strong", {}, match[1]));
      else if (url && origins.has(url.origin)) kids.push(h("a", { href: url.href, target: "_parent" }, match[2]));
      else kids.push(match[2]);
    }
    return [...kids, text.slice(at)];
  };
  return (text) => {
    const blocks = [];
    let list = null;
    let lines = [];
    const flush = () => {
      if (lines.length) {
        const kids = lines.flatMap((line, index) => (index ? [h("br"), ...inline(line)] : inline(line)));
        blocks.push(h("p", { dir: "auto" }, kids));
      }
      lines = [];
    };
    for (const line of text.split("\n")) {
      const item = ITEM.exec(line);
      if (item) {
        flush();
        const tag = item[1] ? "ol" : "ul";
        if (!list || list.localName !== tag) blocks.push((list = h(tag, { dir: "auto" })));
        list.append(h("li", {}, inline(item[2])));
      } else {
        if (!line.trim()) flush();
        else lines.push(line);
        list = null;
      }
    }
    flush();
    return blocks;
  };
};

/* Cards, which answer how to patch them, tables and quick replies. */
const GONE = "out_of_stock";

const picture = (address) => {
  const url = safeUrl(address);
  if (!url) return h("span", { class: "pic none" }, icon("picture"));
  const image = h("img", { src: url.href, alt: "", loading: "lazy", decoding: "async", width: 200, height: 200 });
  const box = h("span", { class: "pic" }, image);
  image.addEventListener("error", () => {
    box.classList.add("none");
    image.replaceWith(icon("picture"));
  });
  return box;
};

const showPrice = (box, { price, list_price: before }, words) => {
  if (!price) return box.replaceChildren(h("span", { class: "hint" }, words.say("no_price")));
  const kids = [h("span", { class: "unseen" }, words.say("now")), h("strong", {}, words.money(price))];
  const cut = before && before.currency === price.currency ? 1 - price.amount / before.amount : 0;
  if (cut > 0) {
    kids.push(h("span", { class: "unseen" }, words.say("before")), h("s", {}, words.money(before)));
    if (cut >= 0.05) kids.push(h("span", { class: "cut" }, words.say("off", { percent: Math.round(cut * 100) })));
  }
  return box.replaceChildren(...kids);
};

const stars = ({ rating, rating_count: count }, words) => {
  if (!rating) return null;
  const told = [words.say("rated", { rating: words.number(rating) })];
  if (count) told.push(words.say("ratings", { count: words.number(count) }));
  return h("p", { class: "stars" },
    h("span", { "aria-hidden": true }, `★ ${words.number(rating)}`, count ? h("span", { class: "hint" }, ` (${words.number(count)})`) : null),
    h("span", { class: "unseen" }, told.join(" ")));
};

const why = (card, words) => {
  if (!card.reason && !card.attributes?.length) return null;
  return h("details", {},
    h("summary", {}, words.say(card.reason ? "why" : "details"), h("span", { class: "unseen" }, ` ${card.title}`)),
    card.reason ? h("p", {}, card.reason) : null,
    card.attributes?.length
      ? h("dl", {}, card.attributes.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))))
      : null);
};

/* What else it comes in: pressing asks for that version. */
const makePickers = ({ versions = [] }, words, choose) =>
  [...new Set(versions.map(({ name }) => name))].map((name) =>
    h("ul", { class: "versions", role: "list", "aria-label": name }, versions.filter((one) => one.name === name).map((one) =>
      h("li", {}, h("button", { type: "button", class: "chip", "aria-pressed": String(one.chosen), disabled: one.sold_out, onclick: () => one.chosen || choose(one.ask) },
        one.value, one.sold_out && h("span", { class: "unseen" }, ` ${words.say("out_of_stock")}`))))));

const makeCard = (card, words, choose) => {
  const url = safeUrl(card.url);
  const price = h("p", { class: "price" });
  const stock = h("p", { class: "stock" });
  const color = card.attributes?.find(([name]) => name === "color")?.[1];
  const title = url ? h("a", { href: url.href, target: "_parent" }, card.title) : card.title;
  const element = h("li", { class: "card", "data-sku": card.ref.key },
    h("div", { class: "face" },
      picture(card.image),
      h("h2", { dir: "auto" }, title),
      color && !card.title.toLowerCase().includes(color.toLowerCase()) ? h("p", { class: "hint" }, color) : null,
      stars(card, words),
      price,
      stock),
    ...makePickers(card, words, choose),
    card.as_of ? h("p", { class: "hint asof" }, card.as_of) : null,
    why(card, words));
  const patch = (change) => {
    Object.assign(now, change);
    showPrice(price, now, words);
    stock.dataset.level = now.availability ?? "unknown";
    stock.replaceChildren(words.stock(now));
    element.classList.toggle("gone", now.availability === GONE);
  };
  const now = { ...card };
  patch({});
  return { element, patch };
};

const makeRail = ({ cards, label }) => {
  const list = h("ul", { class: "cards", role: "list", "aria-label": label }, cards.map((card) => card.element));
  return h("div", { class: cards.length === 1 ? "rail one" : "rail" }, list);
};

const makeTable = ({ columns, rows, words }) => {
  const corner = rows.some((row) => row.length > columns.length) ? ["", ...columns] : columns;
  return h("div", { class: "table", role: "region", tabindex: 0, "aria-label": words.say("compare") },
    h("table", {},
      h("thead", {}, h("tr", {}, corner.map((text, at) => (at || text ? h("th", { scope: "col" }, text) : h("td"))))),
      h("tbody", {}, rows.map((row) => h("tr", {},
        row.map((text, at) => (at ? h("td", {}, text) : h("th", { scope: "row" }, text))))))));
};

const makeChips = (name, chips, label) =>
  h("ul", { class: name, role: "list", "aria-label": label },
    chips.map(([text, onclick]) => h("li", {}, h("button", { type: "button", class: "chip", onclick }, text))));

/* The cart, and the proposal. */
const ARM_MILLISECONDS = 500;

const listLines = (lines, words) =>
  h("ul", { class: "lines", role: "list" }, lines.map((line) =>
    h("li", { "data-sku": line.ref.key },
      h("span", { class: "count" }, `${words.number(line.quantity)} ×`),
      h("span", { class: "name", dir: "auto" }, line.title, h("span", { class: "news" })),
      h("span", { class: "sum" }, line.quantity > 1 ? words.say("each", { price: words.money(line.unit_price) }) : words.money(line.unit_price)))));

const listSums = (sums, words) =>
  h("dl", { class: "total" }, sums.map(([name, sum]) => h("div", {}, h("dt", {}, name), h("dd", {}, words.money(sum)))));

const makeCart = ({ lines, sums, words }) =>
  h("section", { class: "slip cart", "aria-label": words.say("cart") },
    h("h2", {}, words.say("cart")),
    lines.length ? listLines(lines, words) : h("p", { class: "hint" }, words.say("cart_empty")),
    sums ? listSums(sums, words) : null);

/* Only a person's press counts, and only once the button was in view for a moment. */
const arm = (button, press) => {
  let ready = false;
  const watch = new IntersectionObserver((seen) => {
    if (!seen.some((entry) => entry.isIntersecting)) return;
    watch.disconnect();
    setTimeout(() => {
      ready = true;
      button.removeAttribute("aria-disabled");
    }, ARM_MILLISECONDS);
  }, { threshold: 0.9 });
  watch.observe(button);
  button.setAttribute("aria-disabled", "true");
  button.addEventListener("click", (event) => event.isTrusted && ready && press());
};

const makeProposal = ({ proposal, words, decide }) => {
  const { title: named, button, note, new_lines, sums } = proposal;
  const confirm = h("button", { type: "button", class: "solid" }, button ?? words.say("confirm"));
  const decline = h("button", { type: "button", class: "plain" }, words.say("decline"));
  const outcome = h("p", { class: "outcome", tabindex: -1 });
  const buttons = h("div", { class: "buttons" }, confirm, decline);
  const until = h("p", { class: "hint" }, button ? "" : words.say("valid_until", { time: words.time(proposal.expires) }));
  const title = h("h2", { id: `proposal-${proposal.id}` }, named ?? words.say("order"));
  const element = h("section", { class: "slip proposal", role: "group", "aria-labelledby": title.id },
    title,
    listLines(proposal.lines, words),
    note ? h("p", { dir: "auto" }, note) : null,
    new_lines ? listLines(new_lines, words) : null,
    listSums(sums ?? [], words),
    until, buttons, outcome);
  const press = (decision) => {
    if (element.dataset.status) return;
    element.dataset.status = "busy";
    buttons.hidden = true;
    outcome.textContent = words.say("confirming");
    outcome.focus();
    decide({ proposal: proposal.id, hash: proposal.hash, token: proposal.token ?? "", decision });
  };
  arm(confirm, () => press("accept"));
  decline.addEventListener("click", (event) => event.isTrusted && press("decline"));
  const reopen = ({ text = "" } = {}) => {
    if (element.dataset.status !== "busy") return;
    delete element.dataset.status;
    buttons.hidden = false;
    outcome.textContent = text;
  };
  const resolve = ({ status, order, text, pay_at }) => {
    element.dataset.status = status;
    buttons.remove();
    until.remove();
    const short = words.say(status === "failed" ? "not_ordered" : status);
    const told = !button && (status === "accepted" || status === "declined") ? short : text || short;
    const number = order && !button ? h("span", { class: "number" }, words.say("order_number", { number: order })) : null;
    const pay = safeUrl(pay_at) && h("a", { class: "number", href: pay_at, target: "_parent" }, words.say("pay"));
    outcome.replaceChildren(...[status === "accepted" ? icon("check") : null, h("strong", {}, told), number, pay].filter(Boolean));
    return text || told;
  };
  return { element, resolve, reopen };
};

/* Below a reply. A rating shows once it is kept. */
const makeTools = ({ text, words, announce, rate, explain }) => {
  const tool = (name, sign, onclick) =>
    h("button", { type: "button", class: `icon tool ${name}`, "aria-label": words.say(name), title: words.say(name), onclick }, icon(sign));
  const copy = navigator.clipboard && tool("copy", "copy", async () => {
    await navigator.clipboard.writeText(text);
    copy.replaceChildren(icon("check"));
    announce(words.say("copied"));
  });
  const scores = ["good", "bad"].map((score) => tool(score, "good", () => rate({ score })));
  const why = makeChips("reasons", ["wrong", "misunderstood", "unhelpful"].map((reason) =>
    [words.say(reason), () => rate({ score: "bad", reason })]), words.say("reasons"));
  const mark = ({ score, reason } = {}) => {
    scores.forEach((button) => button.setAttribute("aria-pressed", String(button.classList.contains(score))));
    why.hidden = score !== "bad" || Boolean(reason);
  };
  mark();
  const because = h("p", { class: "hint because", dir: "auto", hidden: true });
  const asked = tool("why", "ask", () => (because.hidden ? explain() : (because.hidden = true)));
  const tell = (told) => {
    because.textContent = told;
    because.hidden = false;
    announce(told);
  };
  return { element: h("div", { class: "tools" }, copy, scores, explain && asked, why, because), mark, tell };
};

/* The conversation as it is seen: applies frames to the list, one after the other. */
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

  constructor({ list, scroller, ...given }) {
    Object.assign(this, { list, scroller, ...given });
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
    if (fresh) this.onFresh(frame.t);
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

  done({ turn, text, status, decision }, fresh) {
    const reply = this.#getReply(turn);
    this.#close(turn);
    reply.element.dataset.status = status;
    reply.words.replaceChildren(...this.text(text));
    if (turn && text) {
      const { act, announce, words } = this;
      const explain = decision && (() => act.explain({ decision }));
      reply.tools = makeTools({ text, words, announce, rate: (rating) => act.rate({ turn, ...rating }), explain });
      reply.decision = decision;
      reply.element.append(reply.tools.element);
    }
    if (status === "stopped") reply.words.append(h("p", { class: "hint" }, this.words.say("stopped")));
    if (this.#turn === turn) this.#setBusy(0);
    if (fresh) this.announce(`${this.words.say("assistant")} ${text}`, { news: true });
  }

  because({ decision, text }) {
    for (const reply of this.#replies.values()) if (reply.decision === decision) reply.tools.tell(text);
  }

  feedback({ turn, ...rating }) {
    this.#replies.get(turn)?.tools?.mark(rating);
  }

  part(frame) {
    const { parts } = this.#getReply(frame.turn);
    if (frame.kind === "cards") parts.append(this.#makeCards(frame.cards ?? []));
    else if (frame.kind === "table") parts.append(makeTable({ columns: frame.columns ?? [], rows: frame.rows ?? [], words: this.words }));
    else if (frame.kind === "cart") parts.append(makeCart({ lines: frame.lines ?? [], sums: frame.sums, words: this.words }));
    else if (frame.kind === "quick_replies") {
      const chips = (frame.replies ?? []).map((text) => [text, () => this.act.choose(text)]);
      parts.append(makeChips("quick", chips, this.words.say("suggestions")));
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

  /* Lines of carts and offers say what changed; their sums stay what they were. */
  #patch(sku, change) {
    for (const card of this.#cards.get(sku) ?? []) card.patch(change);
    const told = change.price ? this.words.say("costs_now", { price: this.words.money(change.price) }) : this.words.stock(change);
    for (const line of this.list.querySelectorAll(`.lines [data-sku="${CSS.escape(sku)}"] .news`)) line.textContent = told;
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
