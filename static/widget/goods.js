/* Goods on cards, which answer how to patch them. */
import { h, icon, link, picture, unseen } from "./elements.js";
import { isScarce } from "./words.js";

const showPrice = (box, { price, list_price: before }, { say, money }) => {
  if (!price) return box.replaceChildren(h("span.hint", say("unpriced")));
  const kids = [unseen(say("now")), h("strong", money(price))];
  const cut = before && before.currency === price.currency ? 1 - price.amount / before.amount : 0;
  if (cut > 0) kids.push(unseen(say("before")), h("s", money(before)));
  if (cut >= 0.05) kids.push(h("span.cut", say("off", { percent: Math.round(cut * 100) })));
  return box.replaceChildren(...kids);
};

const makeStars = ({ rating, rating_count: count }, { say, number }) =>
  rating && h("p.stars",
    h("span", { "aria-hidden": true }, `★ ${number(rating)}`, count && h("span.hint", ` (${number(count)})`)),
    unseen(`${say("rated", { rating: number(rating) })} ${count ? say("ratings", { count: number(count) }) : ""}`));

const makeDetails = ({ reason, title, attributes = [] }, { say }, read) =>
  (reason || attributes.length) && h("details",
    h("summary", h("bdi", say(reason ? "why" : "details")), unseen(` ${title}`)),
    reason && h("p", reason),
    attributes.length && h("dl", attributes.map(([name, value]) => h("div", h("dt", say(name) || name), h("dd", value)))),
    read);

export const markChip = (chip, isGone, say) => {
  chip.disabled = isGone;
  chip.lastChild.textContent = isGone ? ` ${say("out_of_stock")}` : "";
};

/* What else it comes in, folded up where there are other cards beside it: pressing asks for that version. */
const makePickers = ({ versions = [], title, availability }, { say }, choose, isAlone) => {
  const names = [...new Set(versions.map(({ name }) => name))];
  const pickers = names.map((name) =>
    h("ul.versions", { role: "list", "aria-label": say(name) }, versions.filter((one) => one.name === name).map(({ chosen, sold_out, ask, value, sku }) => {
      const chip = h("button.chip", { "data-of": sku, "aria-pressed": String(chosen), onclick: () => chosen || choose(ask) }, value, unseen(""));
      markChip(chip, chosen ? availability === "out_of_stock" : sold_out, say);
      return h("li", chip);
    })));
  return isAlone || !names.length ? pickers : h("details", h("summary", h("bdi", names.map(say).join(", ")), unseen(` ${title}`)), pickers);
};

/* `about` has the next message reply to the card; without, that cannot be done. */
export const makeCard = (card, words, { choose, about, isAlone }) => {
  const price = h("p.price");
  const stock = h("p.stock");
  const read = h("p.hint");
  const age = h("p.hint", card.as_of);
  const ask = `${words.say("about")}: ${card.title}`;
  const color = card.attributes?.find(([name]) => name === "color")?.[1];
  const element = h("li.card", { "data-sku": card.ref.key },
    h("div.face",
      picture(card.image),
      h("h2", { dir: "auto" }, link(card.url, card.title)),
      color && !card.title.toLowerCase().includes(color.toLowerCase()) && h("p.hint", color),
      makeStars(card, words),
      price,
      stock),
    makePickers(card, words, choose, isAlone),
    card.as_of && age,
    makeDetails(card, words, read),
    about && h("button.icon about", { "aria-label": ask, title: ask, onclick: () => about(card) }, icon("reply")));
  for (const { name, at } of card.facts ?? []) card[`${name}_at`] = at;
  let oldest;
  const patch = (change) => {
    Object.assign(card, change);
    showPrice(price, card, words);
    stock.dataset.level = isScarce(card) ? "low_stock" : (card.availability ?? "unknown");
    stock.replaceChildren(words.stock(card));
    /* What is said of both is true of the older one. */
    const [older, newer] = [card.price_at, card.stock_at].sort();
    oldest ??= older;
    if (older > oldest) age.textContent = card.as_of = "";
    read.textContent = newer && !card.as_of ? words.say("checked", { time: words.moment(older) }) : "";
    element.classList.toggle("gone", card.availability === "out_of_stock");
  };
  patch({});
  return { element, patch };
};

/* One item's picture, large. */
export const makeImage = ({ image, title, url }) =>
  h("figure", picture(image), h("figcaption", { dir: "auto" }, link(url, title)));

export const makeRail = (cards, label) =>
  h(cards.length > 1 ? "div.rail" : "div.rail one", h("ul.cards", { role: "list", "aria-label": label }, cards.map(({ element }) => element)));
