// What a keyboard and a moment's comfort add to the audit pages. Every page works without it.

const turns = () => [...document.querySelectorAll("[data-turn]")];

function step(by) {
  const all = turns();
  if (!all.length) return;
  const here = all.findIndex((turn) => turn.contains(document.activeElement));
  const next = all[Math.min(Math.max(here + by, 0), all.length - 1)];
  next.focus();
  next.scrollIntoView({ block: "start" });
}

function view(name) {
  const link = document.querySelector(`[data-view-link="${name}"]`);
  if (link) link.click();
}

const keys = { j: () => step(1), k: () => step(-1), m: () => view("m"), t: () => view("t"), d: () => view("d") };

// A turn that is folded opens where it is asked for: by an address that ends in it, or by Enter on it.
const unfold = (turn) => {
  const link = turn && turn.querySelector("[data-unfold]");
  if (link) location.assign(link.href);
  return Boolean(link);
};
const unfoldAsked = () => unfold(document.getElementById(location.hash.slice(1)));
addEventListener("hashchange", unfoldAsked);
unfoldAsked();

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Enter" && event.target.matches("[data-turn]") && unfold(event.target)) return;
  if (event.target.closest("input, select, textarea, [contenteditable]")) return;
  const act = keys[event.key.toLowerCase()];
  if (act) {
    event.preventDefault();
    act();
  }
});

// A form that only chooses what is shown asks again by itself.
for (const field of document.querySelectorAll("[data-submits]")) {
  field.addEventListener("change", () => field.form.requestSubmit());
}

const echo = document.querySelector("[data-echo]");
if (echo) {
  const said = document.getElementById(echo.dataset.echo);
  echo.addEventListener("input", () => {
    said.textContent = echo.value;
  });
}

// In the graph the arrows walk along the lanes; the listener sits on what is around the drawing.
const canvas = document.querySelector("[data-canvas]");
if (canvas) {
  const nodes = [...canvas.querySelectorAll("a.lane-node")];
  const at = (node) => ({ row: Number(node.dataset.row), column: Number(node.dataset.column) });
  const moves = {
    ArrowUp: (from, to) => to.column === from.column && to.row < from.row && from.row - to.row,
    ArrowDown: (from, to) => to.column === from.column && to.row > from.row && to.row - from.row,
    ArrowLeft: (from, to) => to.column < from.column && (from.column - to.column) * 1000 + Math.abs(from.row - to.row),
    ArrowRight: (from, to) => to.column > from.column && (to.column - from.column) * 1000 + Math.abs(from.row - to.row),
  };
  canvas.addEventListener("keydown", (event) => {
    const node = event.target.closest("a.lane-node");
    const move = moves[event.key];
    if (!node || !move) return;
    event.preventDefault();
    let best = null;
    for (const other of nodes) {
      if (other.hasAttribute("hidden")) continue;
      const far = move(at(node), at(other));
      if (far && (!best || far < best.far)) best = { far, other };
    }
    if (best) best.other.focus();
  });
  // What is not drawn takes its lines with it. A browser may bring a box back as it was left.
  const boxes = [...document.querySelectorAll("[data-kind-filter]")];
  const draw = () => {
    const left = new Set(boxes.filter((box) => !box.checked).map((box) => box.value));
    const gone = new Set();
    for (const node of nodes) {
      const isGone = left.has(node.dataset.kind);
      node.toggleAttribute("hidden", isGone);
      if (isGone) gone.add(node.id);
    }
    // The end of a line in a folded turn is named fold:turn:kind.
    const isLeft = (name) => gone.has(`n-${name}`) || (name.startsWith("fold:") && left.has(name.split(":")[2]));
    for (const edge of canvas.querySelectorAll(".lane-edge")) {
      edge.toggleAttribute("hidden", isLeft(edge.dataset.source) || isLeft(edge.dataset.target));
    }
  };
  for (const box of boxes) box.addEventListener("change", draw);
  draw();
}

for (const button of document.querySelectorAll("[data-copy-text]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copyText);
    button.textContent = "Copied";
  });
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// A page that goes on says by what it was given that its look is on record.
const rest = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
const fetchPage = async (watch) => {
  const page = await fetch(`${location.pathname}?watch=${encodeURIComponent(watch)}`);
  return page.ok && new DOMParser().parseFromString(await page.text(), "text/html");
};
const refresh = (fresh) => {
  for (const part of document.querySelectorAll("[data-refresh]")) {
    const other = fresh.getElementById(part.id);
    if (other && part.innerHTML !== other.innerHTML) part.replaceChildren(...other.childNodes);
  }
};

const again = document.querySelector("[data-again]");
if (again) {
  setInterval(async () => {
    const fresh = document.visibilityState === "visible" && (await fetchPage(again.dataset.watch).catch(() => null));
    if (fresh) refresh(fresh);
  }, Number(again.dataset.again));
}

// An open conversation says when it has moved on, and the page shows what is new; what is being written stays.
const live = document.querySelector("[data-live]");
if (live) {
  const { live: news, watch } = live.dataset;
  let after = Number(live.dataset.after);
  const show = (fresh) => {
    const near = innerHeight + scrollY > document.body.scrollHeight - 240;
    refresh(fresh);
    // Whose the conversation is decides what can be done; only that brings other forms.
    const act = document.getElementById("act");
    const other = fresh.getElementById("act");
    const list = (place) => [...place.querySelectorAll("form")].map((form) => form.getAttribute("action")).join();
    if (act && other && list(act) !== list(other)) act.replaceChildren(...other.childNodes);
    else for (const field of document.querySelectorAll("input[name=seen]")) field.value = after;
    if (near) document.querySelector("[data-end]")?.scrollIntoView({ block: "nearest" });
  };
  const ask = async () => {
    const answer = await fetch(`${news}?after=${after}&wait=1&here=1&watch=${encodeURIComponent(watch)}`);
    if (answer.status === 403 || answer.status === 404) return location.reload();
    if (!answer.ok) return rest(3000);
    const { version } = await answer.json();
    if (version <= after) return undefined;
    const fresh = await fetchPage(watch);
    if (!fresh) return rest(3000);
    after = Number(fresh.querySelector("[data-live]").dataset.after);
    return show(fresh);
  };
  const follow = async () => {
    for (;;) {
      try {
        await ask();
      } catch {
        // The next try says whether it is still so.
        await rest(3000);
      }
    }
  };
  follow();
  let told = 0;
  document.addEventListener("input", ({ target }) => {
    const { typing } = target.dataset;
    if (!typing || !target.value || Date.now() - told < 3000) return;
    told = Date.now();
    const headers = { "X-CSRFToken": target.form.elements.csrfmiddlewaretoken.value };
    fetch(typing, { method: "POST", headers }).catch(() => undefined);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.target.dataset?.typing) {
      event.preventDefault();
      event.target.form.requestSubmit();
    }
  });
}
