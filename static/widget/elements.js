/* Elements. Text is only ever a text node. */
const SVG = "http://www.w3.org/2000/svg";
const LINES = {
  close: "M6 6l12 12m0-12L6 18",
  send: "M12 19V5m-6 6l6-6 6 6",
  stop: "M8 8h8v8H8z",
  check: "M5 12l5 5 9-10",
  bell: "M12 4a5 5 0 0 0-5 5v4l-2 3h14l-2-3V9a5 5 0 0 0-5-5zm-2 15h4",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM5 20a7 7 0 0 1 14 0",
  copy: "M9 9h10v11H9zm6 0V4H5v11h4",
  good: "M8 11v8H4v-8zl4-7q2 0 2 2v4h5q2 0 2 2l-1 5q0 2-2 2H8",
  ask: "M8 9a4 4 0 1 1 6 3q-2 1-2 3m0 4h.01",
  reply: "M10 7l-5 5 5 5m-5-5h8a6 6 0 0 1 6 6",
  more: "M6 12h.01m6 0h.01m6 0h.01",
  picture: "M4 5h16v14H4zm0 11l5-5 4 4 3-3 4 4",
};

export const byId = (id) => document.getElementById(id);

/* `h("p.hint", { dir: "auto" }, "words")`: the properties may be left out, and what is not there is left out. */
export const h = (what, ...kids) => {
  const [tag, name] = what.split(".");
  const element = document.createElement(tag);
  if (name) element.className = name;
  if (tag === "button") element.type = tag;
  if (kids[0]?.constructor === Object)
    for (const [key, value] of Object.entries(kids.shift())) {
      if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
      else if (value != null && value !== false) element.setAttribute(key, value);
    }
  element.append(...kids.flat(2).filter(Boolean));
  return element;
};

export const unseen = (text) => h("span.unseen", text);

export const icon = (name) => {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.ariaHidden = true;
  svg.appendChild(document.createElementNS(SVG, "path")).setAttribute("d", LINES[name]);
  return svg;
};

/* Only web addresses may become links or images. */
const safeUrl = (text) => {
  const { href, protocol } = h("a", { href: text || null });
  return /^https?:$/.test(protocol) ? href : null;
};

/* A link, or its words alone where it leads nowhere. */
export const link = (address, words, what = "a") => {
  const href = safeUrl(address);
  return href ? h(what, { href, target: "_parent" }, words) : words;
};

/* The words beside it say what it is. */
export const picture = (address) => {
  const src = safeUrl(address);
  const box = h("span.pic");
  const none = () => box.replaceChildren(icon("picture"));
  if (src) box.append(h("img", { src, alt: "", loading: "lazy", onerror: none }));
  else none();
  return box;
};

export const makeChips = (name, chips, label) =>
  h(`ul.${name}`, { role: "list", "aria-label": label }, chips.map(([text, onclick]) => h("li", h("button.chip", { onclick }, text))));

/* Its first row, and the first of every row, are heads. */
export const makeTable = ([columns, ...rows], label) =>
  h("div.table", { role: "group", tabindex: 0, "aria-label": label },
    h("table",
      h("thead", h("tr", columns.map((text) => (text.length ? h("th", { scope: "col" }, text) : h("td"))))),
      h("tbody", rows.map(([head, ...cells]) => h("tr", h("th", { scope: "row" }, head), cells.map((text) => h("td", text)))))));
