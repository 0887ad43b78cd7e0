/* The cart, and the proposal. */
import { h, icon, link } from "./elements.js";

const ARM_MILLISECONDS = 500;
const WAY = ["pending", "paid", "shipped", "delivered"];

const listLines = (lines, { say, money, number }) =>
  h("dl.lines", lines.map(({ ref, title, quantity, unit_price }) =>
    h("div", { "data-sku": ref.key },
      h("dt", h("span.count", `${number(quantity)} ×`), h("span.name", { dir: "auto" }, title, h("span.news left"), h("span.news costs", { "data-was": say("costs", { price: money(unit_price) }) }))),
      h("dd.sum", quantity > 1 ? say("each", { price: money(unit_price) }) : money(unit_price)))));

const listSums = (sums, { money }) =>
  sums?.length && h("dl.total", sums.map(([name, sum]) => h("div", h("dt", name), h("dd", money(sum)))));

export const makeCart = ({ lines = [], sums }, words) =>
  h("section.slip cart", { role: "group", "aria-label": words.say("cart") },
    h("h2", words.say("cart")),
    lines.length ? listLines(lines, words) : h("p.hint", words.say("empty")),
    listSums(sums, words));

/* How far each order is. */
export const makeOrders = (orders, { say }) =>
  orders.map(([number, status, placed, total, items, stage]) => {
    const far = WAY.indexOf(stage);
    const head = say("number", { number });
    return h("section.slip order", { role: "group", "aria-label": `${head}, ${placed}` },
      h("h2", head),
      h("p.stage", h("strong", status)),
      far > -1 && h("p.way", { "aria-hidden": true }, WAY.map((step, at) => h(at > far ? "i" : "i.past"))),
      h("p", { dir: "auto" }, items),
      h("dl.total", h("div", h("dt", placed), h("dd", total))));
  });

/* Only a person's press counts, and only while the button has been in sight for a moment: in an open panel, and under nothing,
   where the browser can tell; a press before that is not kept, and told so until something changes. The answer has it
   looked at anew. */
const arm = (button, excuse, press, { say, act, announce }) => {
  let timer;
  let isArmed = false;
  let isCovered = false;
  const set = (armed) => {
    isArmed = armed;
    button.ariaDisabled = !armed;
    if (armed) excuse.textContent = "";
  };
  const see = (entries) => {
    const { isIntersecting, isVisible = true } = entries.at(-1);
    clearTimeout(timer);
    set(false);
    isCovered = isIntersecting && !isVisible;
    if (isIntersecting && isVisible && act.isShown()) timer = setTimeout(set, ARM_MILLISECONDS, true);
  };
  const watch = new IntersectionObserver(see, { threshold: 0.9, trackVisibility: true, delay: 100 });
  button.addEventListener("click", (event) => {
    if (!event.isTrusted || !act.isShown()) return;
    if (isArmed) press();
    else announce((excuse.textContent = say(isCovered ? "covered" : "early")));
  });
  return () => {
    watch.unobserve(button);
    watch.observe(button);
  };
};

export const makeProposal = (proposal, words, decide, { act, announce }) => {
  const { say } = words;
  const { id, hash, token = "", title, button, note, lines, new_lines, sums } = proposal;
  const confirm = h("button.solid", { "aria-disabled": true }, button ?? say("confirm"));
  const decline = h("button.plain", { onclick: (event) => event.isTrusted && press("decline") }, say("decline"));
  const excuse = h("p.news");
  const outcome = h("p.outcome", { tabindex: -1 });
  const buttons = h("div.buttons", confirm, decline);
  const until = h("p.hint", say("until", { time: words.time(proposal.expires) }));
  const name = `proposal-${id}`;
  /* Where to it is sent, or that other goods take the place of these. */
  const told = note && h("p", { dir: "auto" }, note);
  const element = h(`section.slip proposal${button ? " change" : ""}`, { role: "group", "aria-labelledby": name },
    h("h2", { id: name }, title ?? say("order")),
    !new_lines && told,
    listLines(lines, words),
    new_lines && [told, listLines(new_lines, words)],
    listSums(sums, words),
    until, buttons, excuse, outcome);
  const press = (decision) => {
    if (element.dataset.status) return;
    element.dataset.status = "busy";
    buttons.hidden = true;
    wait("sending");
    outcome.focus();
    decide({ proposal: id, hash, token, decision });
  };
  const watch = arm(confirm, excuse, () => press("accept"), { say, act, announce });
  watch();
  /* What was pressed waits for the line, or is on its way. */
  const wait = (how) => element.dataset.status === "busy" && (outcome.textContent = say(how));
  const reopen = ({ text = "" } = {}) => {
    if (element.dataset.status !== "busy") return;
    delete element.dataset.status;
    buttons.hidden = false;
    outcome.textContent = text;
  };
  const resolve = ({ status, order, text, pay_at }) => {
    element.dataset.status = status;
    const isHeld = buttons.contains(document.activeElement);
    buttons.remove();
    until.remove();
    /* Where it went as the shopper decided there are words of our own; else the server's tell why not. */
    const told = (!button && say(status)) || text;
    const number = order && !button && h("span.number", say("number", { number: order }));
    const pay = pay_at && link(pay_at, say("pay"), "a.number");
    outcome.replaceChildren(...[status === "accepted" && icon("check"), h("strong", told), number, pay].filter(Boolean));
    if (isHeld) outcome.focus();
    return text || told;
  };
  /* A cart that has changed, or another offer, took its place; what was pressed before that is the server's to tell. */
  const lapse = () => element.dataset.status || resolve({ status: "gone", text: say("gone") });
  return { element, resolve, reopen, wait, watch, lapse };
};
