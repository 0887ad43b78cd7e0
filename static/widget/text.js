/* The little markup a reply may use: paragraphs, lists, bold, and links into the shop. All else is shown as written. */
import { h, safeUrl } from "./dom.js";

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
