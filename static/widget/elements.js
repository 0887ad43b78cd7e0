/* Elements. Text is only ever a text node. */
const SVG = "http://www.w3.org/2000/svg";
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

export const byId = (id) => document.getElementById(id);

/* `h("p.hint", { dir: "auto" }, "words")`: the properties may be left out, and what is not there is left out. */
export const h = (what, ...kids) => {
  const [tag, name] = what.split(".");
  const element = document.createElement(tag);
  if (name) element.className = name;
  if (tag === "button") element.type = tag;
  if (kids[0]?.constructor === Object)
    for (const [key, value] of Object.entries(kids.shift())) {
      if (value === undefined || value === null || value === false) continue;
      if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
      else element.setAttribute(key, value === true && !key.startsWith("aria-") ? "" : value);
    }
  element.append(...kids.flat(2).filter(Boolean));
  return element;
};

export const unseen = (text) => h("span.unseen", text);

export const icon = (name) => {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  for (const d of LINES[name]) svg.appendChild(document.createElementNS(SVG, "path")).setAttribute("d", d);
  return svg;
};

/* Only web addresses may become links or images. */
const safeUrl = (text) => {
  if (!text || !URL.canParse(text, location.href)) return null;
  const { href, protocol } = new URL(text, location.href);
  return /^https?:$/.test(protocol) ? href : null;
};

/* A link, or its words alone where it leads nowhere. */
export const link = (address, words, what = "a") => {
  const href = safeUrl(address);
  return href ? h(what, { href, target: "_parent" }, words) : words;
};

export const picture = (address) => {
  const src = safeUrl(address);
  const box = h("span.pic");
  const none = () => {
    box.classList.add("none");
    box.replaceChildren(icon("picture"));
  };
  if (src) box.append(h("img", { src, alt: "", loading: "lazy", decoding: "async", width: 200, height: 200, onerror: none }));
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
