/* Product cards, comparison tables and quick replies. A card answers how to patch it when stock or price change. */
import { h, icon, safeUrl } from "./dom.js";

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

export const makeCard = (card, words) => {
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

export const makeRail = ({ cards, label, words }) => {
  const list = h("ul", { class: "cards", role: "list", "aria-label": label }, cards.map((card) => card.element));
  const rail = h("div", { class: cards.length === 1 ? "rail one" : "rail" }, list);
  if (cards.length < 2) return rail;
  const nudge = (name, way) => h("button", {
    type: "button", class: `icon nudge ${name}`, tabindex: -1, "aria-hidden": true,
    onclick: () => list.scrollBy({ left: way * (getComputedStyle(list).direction === "rtl" ? -1 : 1) * 200, behavior: "smooth" }),
  }, icon(name));
  const [back, next] = [nudge("back", -1), nudge("next", 1)];
  const mark = () => {
    const at = Math.abs(list.scrollLeft);
    back.hidden = at < 4;
    next.hidden = at + list.clientWidth > list.scrollWidth - 4;
  };
  list.addEventListener("scroll", mark, { passive: true });
  new ResizeObserver(mark).observe(list);
  rail.append(back, next);
  return rail;
};

export const makeTable = ({ columns, rows, words }) => {
  const corner = rows.some((row) => row.length > columns.length) ? ["", ...columns] : columns;
  return h("div", { class: "table", role: "region", tabindex: 0, "aria-label": words.say("compare") },
    h("table", {},
      h("thead", {}, h("tr", {}, corner.map((text, at) => (at || text ? h("th", { scope: "col" }, text) : h("td"))))),
      h("tbody", {}, rows.map((row) => h("tr", {},
        row.map((text, at) => (at ? h("td", {}, text) : h("th", { scope: "row" }, text))))))));
};

export const makeQuickReplies = ({ replies, choose, words }) =>
  h("ul", { class: "quick", role: "list", "aria-label": words.say("suggestions") },
    replies.map((text) => h("li", {}, h("button", { type: "button", class: "chip", onclick: () => choose(text) }, text))));
