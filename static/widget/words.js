/* What is said: phrases, values as the shopper's language writes them, and replies. */
import { h, link, makeTable } from "./elements.js";

/* Some are left, and few. */
export const isScarce = ({ availability, stock }) => availability === "in_stock" && stock > 0 && stock <= 5;

/* Something was said to the shopper. */
export const isNews = ({ t, text }) => text && t !== "user";

export const makeWords = ({ lang, phrases }) => {
  const say = (key, values = {}) =>
    (phrases[key] ?? "").replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  const money = ({ amount, currency }) =>
    Number(amount).toLocaleString(lang, { style: "currency", currency });
  const number = (value) => value.toLocaleString(lang, { maximumFractionDigits: 1 });
  const time = (text) => new Date(text).toLocaleTimeString(lang, { hour: "numeric", minute: "2-digit" });
  const day = (text) => {
    const date = new Date(text);
    const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(date).setHours(0, 0, 0, 0)) / 864e5);
    return say(["today", "yesterday"][days]) || date.toLocaleDateString(lang, { weekday: "long", day: "numeric", month: "long" });
  };
  const moment = (text) => `${day(text)}, ${time(text)}`;
  const stock = (shown) => {
    const { availability, stock: count } = shown;
    if (availability === "low_stock" && !count) return say("few");
    return say(isScarce(shown) ? "low_stock" : availability, { count }) || say("unknown");
  };
  return { say, money, number, time, day, moment, stock };
};

const LINK = /\[([^\]\n]+)\]\([^)\s]+\)/g;
const ITEM = /^\s*(?:[-*•]|(\d+)[.)])\s+(.*)$/;

/* Words that still come: lists and bold as far as they can be told; what links lead to is the server's to say. */
const readSpans = (line) =>
  line.replace(LINK, "$1").split("**").map((text, at) => ({ k: at % 2 ? "strong" : "words", text }));

export const readText = (text) => {
  const blocks = [{}];
  for (const line of text.split("\n")) {
    const [, first, item] = ITEM.exec(line) ?? [];
    const last = blocks.at(-1);
    if (item !== undefined) {
      if (last.items) last.items.push(readSpans(item));
      else blocks.push({ k: "ul", first, items: [readSpans(item)] });
    } else if (!line.trim()) blocks.push({});
    else if (last.spans) last.spans.push({ k: "words", text: "\n" }, ...readSpans(line));
    else blocks.push({ k: "p", spans: readSpans(line) });
  }
  return blocks.filter(({ k }) => k);
};

/* A reply as the server marked it up, or one that has no marks. */
export const drawReply = ({ text, rich }, label) => {
  const spans = (row) => row.map((span) => (span.k === "words" ? span.text : span.k === "link" ? link(span.href, span.text) : h(span.k, span.text)));
  const blocks = rich ?? text.split(/\n{2,}/).map((words) => ({ k: "p", spans: [{ k: "words", text: words }] }));
  return blocks.map((block) => {
    if (block.k === "table") return makeTable(block.rows.map((row) => row.map(spans)), label);
    if (block.k === "p") return h("p", { dir: "auto" }, spans(block.spans));
    return h(block.first ? "ol" : "ul", { dir: "auto", start: block.first }, block.items.map((item) => h("li", spans(item))));
  });
};
