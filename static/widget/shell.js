/* The shop's page around the frame: it opens and closes us, lends its storage, and says whether it is dark. */
const HANDLE = "shopchat:resume";
const SECRET = /^[\w-]{32,}$/;

const makeSecret = () =>
  btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32)))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");

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
  #isBegun = false;

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

  /* What finds the conversation again: made here, offered with every hello, stored with the first message. Once
     a tab has a conversation it stays with it, whatever another tab stores. */
  get resume() {
    if (!this.#isKept) this.#secret = this.#stored ?? this.#secret ?? makeSecret();
    return this.#secret;
  }

  keep(secret = this.#secret ?? this.resume) {
    if (this.#isKept && secret === this.#secret) return;
    this.#secret = secret;
    this.#isKept = true;
    this.#store();
  }

  /* The first message has arrived: other tabs may join now. They hear only of a change. */
  begin(secret) {
    if (secret) this.keep(secret);
    if (this.#isBegun) return;
    this.#isBegun = true;
    this.#store({ again: true });
    this.tell({ t: "begun" });
  }

  /* In our own storage, or in the shop's where ours is blocked. */
  get #stored() {
    let stored = this.#lent;
    try {
      stored = localStorage.getItem(this.name) ?? stored;
    } catch {}
    return SECRET.test(stored ?? "") ? stored : null;
  }

  #store({ again = false } = {}) {
    try {
      if (again) localStorage.removeItem(this.name);
      localStorage.setItem(this.name, this.#secret);
    } catch {
      this.tell({ t: "store", value: this.#secret });
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
