/* Elements are made here and nowhere else: text is only ever a text node, so no markup of anybody's can run. */
const SVG = "http://www.w3.org/2000/svg";

export const h = (tag, props = {}, ...kids) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true && !name.startsWith("aria-") ? "" : value);
  }
  element.append(...kids.flat().filter((kid) => kid !== null && kid !== undefined && kid !== ""));
  return element;
};

const LINES = {
  close: ["M6 6l12 12M18 6L6 18"],
  send: ["M12 19V5", "M6 11l6-6 6 6"],
  stop: ["M8 8h8v8H8z"],
  down: ["M12 5v14", "M6 13l6 6 6-6"],
  back: ["M15 6l-6 6 6 6"],
  next: ["M9 6l6 6-6 6"],
  check: ["M5 12.5l4.5 4.5L19 7.5"],
  bell: ["M12 4a5 5 0 0 0-5 5v4l-2 3h14l-2-3V9a5 5 0 0 0-5-5z", "M10 19a2 2 0 0 0 4 0"],
  person: ["M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8z", "M4.5 20a7.5 7.5 0 0 1 15 0"],
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
export const safeUrl = (text) => {
  if (!text || !URL.canParse(text, location.href)) return null;
  const url = new URL(text, location.href);
  return url.protocol === "https:" || url.protocol === "http:" ? url : null;
};
