/* The shop's page around the frame: it opens and closes us, lends its storage, and says whether it is dark. */
const HANDLE = "shopchat:resume";

const LIGHT_ON_DARK = 0.3;
const brightness = (hex) => {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const part = parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};

export class Shell {
  #port = null;
  #lent = null;

  constructor({ key, onOpen, onShut, onStart, onJoin }) {
    Object.assign(this, { onOpen, onShut, onStart, onJoin });
    this.name = `${HANDLE}:${key}`;
    this.page = "";
    this.isOpen = parent === window;
    addEventListener("message", (event) => this.#meet(event));
    addEventListener("storage", (event) => event.key === this.name && event.newValue && this.onJoin());
    const dark = matchMedia("(prefers-color-scheme: dark)");
    this.#dress({ theme: dark.matches ? "dark" : "light" });
    if (parent !== window) return;
    dark.addEventListener("change", () => this.#dress({ theme: dark.matches ? "dark" : "light" }));
    queueMicrotask(() => this.onStart());
  }

  get isEmbedded() {
    return parent !== window;
  }

  tell(message) {
    this.#port?.postMessage(message);
  }

  /* The handle that finds the conversation again: in our own storage, or in the shop's where ours is blocked. */
  get resume() {
    try {
      return localStorage.getItem(this.name) ?? this.#lent;
    } catch {
      return this.#lent;
    }
  }

  set resume(value) {
    this.#lent = value;
    try {
      if (value) localStorage.setItem(this.name, value);
      else localStorage.removeItem(this.name);
      if (!value) this.tell({ t: "store", value });
    } catch {
      this.tell({ t: "store", value });
    }
  }

  #meet({ source, data, ports }) {
    if (source !== parent || data?.t !== "init" || !ports[0] || this.#port) return;
    this.#port = ports[0];
    this.#port.onmessage = (event) => this.#hear(event.data);
    this.#lent = typeof data.resume === "string" ? data.resume : null;
    this.page = typeof data.page === "string" ? data.page : "";
    this.#dress(data);
    this.onStart();
    this.tell({ t: "ready" });
  }

  #hear(message) {
    if (message.t === "theme") this.#dress(message);
    if (message.t === "open" || message.t === "shut") this.isOpen = message.t === "open";
    if (message.t === "open") this.onOpen(message.focus);
    if (message.t === "shut") this.onShut();
  }

  #dress({ theme, accent }) {
    const root = document.documentElement;
    root.dataset.theme = theme === "dark" ? "dark" : "light";
    if (!/^#[0-9a-f]{6}$/i.test(accent ?? "")) return;
    root.style.setProperty("--accent", accent);
    root.style.setProperty("--on-accent", brightness(accent) > LIGHT_ON_DARK ? "#14130f" : "#fff");
  }
}
