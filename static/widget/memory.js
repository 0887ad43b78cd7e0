/* What is remembered of a shopper whom the shop vouches for: to see, put right, and have taken out. */
import { h, icon } from "./elements.js";

export const makeMemory = ({ say, ask, save, erase }) => {
  const list = h("ul.lines", { role: "list" });
  const none = h("p.hint");
  const close = h("button.solid", { onclick: () => sheet.close() });
  const agree = h("button.plain");
  const own = h("div.buttons");
  const sheet = h("dialog.sheet", { "aria-labelledby": "memory" },
    h("h2", { id: "memory" }, say("memory")), none, list, h("div.buttons", close, agree), own);
  const change = (name, value) => ask({ t: "memory", [name]: value });
  const draw = (words) => ({ id, about, value, guess, editable }) => {
    const field = editable
      ? h("input", { value, maxlength: 256, onchange: () => field.value.trim() && change("correct", { id, value: field.value }) })
      : h("strong", value);
    return h("li",
      h("label.name", { dir: "auto" }, h("span.hint", about, guess && ` · ${words.guess}`), field),
      h("button.icon", { "aria-label": `${words.forget}: ${about}, ${value}`, onclick: () => change("forget", [id]) }, icon("close")));
  };
  const show = ({ kept = [], allowed, words = {} }) => {
    list.replaceChildren(...kept.map(draw(words)));
    none.textContent = kept.length ? "" : allowed ? words.none : words.off;
    close.textContent = words.close;
    agree.textContent = allowed ? words.disagree : words.agree;
    agree.onclick = () => change("agree", !allowed);
    own.replaceChildren(h("button.plain", { onclick: save }, words.save), h("button.plain", { onclick: erase }, words.erase));
    if (!sheet.isConnected) document.body.append(sheet);
    if (!sheet.open) sheet.showModal();
    close.focus();
  };
  return { show, open: () => ask({ t: "memory" }), close: () => sheet.close() };
};
