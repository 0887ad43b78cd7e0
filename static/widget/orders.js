/* The cart, and the proposal that only the shopper's own finger confirms. */
import { h, icon, safeUrl } from "./dom.js";

const ARM_MILLISECONDS = 500;

const listLines = (lines, words) =>
  h("ul", { class: "lines", role: "list" }, lines.map((line) =>
    h("li", { "data-sku": line.ref.key },
      h("span", { class: "count" }, `${words.number(line.quantity)} ×`),
      h("span", { class: "name", dir: "auto" }, line.title),
      h("span", { class: "sum" }, line.quantity > 1 ? words.say("each", { price: words.money(line.unit_price) }) : words.money(line.unit_price)))));

const listSums = (sums, words) =>
  h("dl", { class: "total" }, sums.map(([name, sum]) => h("div", {}, h("dt", {}, name), h("dd", {}, words.money(sum)))));

export const makeCart = ({ lines, sums, words }) =>
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

export const makeProposal = ({ proposal, words, decide }) => {
  const { title: named, button, note, new_lines, sums } = proposal;
  const confirm = h("button", { type: "button", class: "solid" }, button ?? words.say("confirm"));
  const decline = h("button", { type: "button", class: "plain" }, words.say("decline"));
  const outcome = h("p", { class: "outcome" });
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
