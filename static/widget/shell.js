/* The shop's page around the frame: it opens and closes us, lends its storage, and says whether it is dark. */
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
  #secret = null;
  #isKept = false;

  constructor({ key, onOpen, onStart, onJoin }) {
    Object.assign(this, { onOpen, onStart, onJoin });
    this.name = `shopchat:resume:${key}`;
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

  /* Finds the conversation again: offered with every hello, stored with the first message, then kept to. */
  get resume() {
    if (this.#isKept) return this.#secret;
    let stored = this.#lent;
    try {
      stored = localStorage.getItem(this.name) ?? stored;
    } catch {}
    return (this.#secret = stored ?? this.#secret ?? crypto.randomUUID() + crypto.randomUUID());
  }

  keep(secret = this.#secret ?? this.resume) {
    this.#secret = secret;
    this.#isKept = true;
    this.#store();
  }

  /* Other tabs may join; they hear only of a change. */
  begin(secret) {
    this.#store(null);
    this.keep(secret);
    this.tell({ t: "begun" });
  }

  /* In our storage, or the shop's where ours is blocked. */
  #store(value = this.#secret) {
    try {
      if (value) localStorage.setItem(this.name, value);
      else localStorage.removeItem(this.name);
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
    if (message.t === "theme") return this.#dress(message);
    this.isOpen = message.t === "open";
    if (this.isOpen) this.onOpen(message.focus);
  }

  #dress({ theme, accent }) {
    const root = document.documentElement;
    root.dataset.theme = theme === "dark" ? "dark" : "light";
    if (!/^#[0-9a-f]{6}$/i.test(accent ?? "")) return;
    root.style.setProperty("--accent", accent);
    root.style.setProperty("--on-accent", brightness(accent) > LIGHT_ON_DARK ? "#14130f" : "#fff");
  }
}
