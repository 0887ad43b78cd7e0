/* The shop's page around the frame. What finds a conversation again is kept apart for a shopper whom the shop vouches for. */
import { byId } from "./elements.js";
import { makeId } from "./lines.js";

const SHOPPER = ":shopper";
const BEGUN = ":begun";
const LONGEST_NAME = 64;
const MOST_NAMES = 20;

const makeSecret = () => makeId() + makeId();

const readName = (name) => (/string|number/.test(typeof name) && `${name}`.length <= LONGEST_NAME ? `${name}` : undefined);

/* Of what the shop's page says it shows, as much as the server takes. */
const readPage = (page) =>
  page
    ? {
        product: readName(page.product),
        variant: readName(page.variant),
        cart: Array.isArray(page.cart) ? page.cart.map(readName).filter(Boolean).slice(0, MOST_NAMES) : undefined,
      }
    : undefined;

export class Shell {
  #port = null;
  #lent = {};
  #secret = null;
  #isKept = false;
  #next = null;
  #who = "";
  isOpen = parent === window;
  hint;
  proof;

  constructor({ config, onJoin, ...heard }) {
    Object.assign(this, { config, onJoin, heard });
    addEventListener("message", (event) => this.#meet(event));
    addEventListener("storage", (event) => this.#note(event));
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const follow = () => this.#dress({ theme: dark.matches ? "dark" : "light" });
    follow();
    if (this.isEmbedded) return;
    dark.addEventListener("change", follow);
    queueMicrotask(() => {
      heard.start();
      heard.show();
    });
  }

  get isEmbedded() {
    return parent !== window;
  }

  get isKnown() {
    return this.#who;
  }

  tell(message) {
    this.#port?.postMessage(message);
  }

  /* Offered with every hello, stored with the first message, then kept to. */
  get resume() {
    return this.#isKept ? this.#secret : (this.#secret = this.find(this.#who) ?? this.#secret ?? makeSecret());
  }

  /* What was found in storage is followed by another, once in every page. */
  get next() {
    if (this.#isKept || this.#who || !this.find("")) return undefined;
    return (this.#next ??= makeSecret());
  }

  find(who = SHOPPER) {
    try {
      return localStorage.getItem(this.#name(who)) ?? this.#lent[who];
    } catch {
      return this.#lent[who];
    }
  }

  /* Another tab may have stored one that follows ours: that one leads on. */
  keep(secret) {
    if (!secret && this.#isKept && (this.find(this.#who) ?? this.#secret) !== this.#secret) return;
    this.#secret = secret ?? this.#secret ?? this.resume;
    this.#isKept = true;
    this.#store(this.#secret);
  }

  /* What lies in the cart of the talk that is left comes along into the next one. */
  forget() {
    if (this.#isKept) this.left = this.#secret;
    this.#store(null);
    this.#isKept = false;
    this.#secret = makeSecret();
  }

  /* Other tabs may join; they hear only of a change, and the secret stays where it is. */
  begin(secret) {
    this.keep(secret);
    this.#write(this.#name() + BEGUN, "1");
    this.#write(this.#name() + BEGUN);
    this.tell({ t: "begun" });
  }

  /* The shop has vouched for the shopper: what was anonymous is theirs now. */
  know({ proof, token, resume = token, conversation }) {
    this.proof = proof;
    if (!resume) return;
    if (!this.#who) this.#store(null);
    this.#who = SHOPPER;
    this.#secret = resume;
    if (conversation) this.keep(resume);
  }

  /* Who could not be vouched for just now finds their own again, once they are. */
  part({ keep } = {}) {
    if (!keep) this.forget();
    this.#isKept = false;
    this.#secret = makeSecret();
    this.#who = "";
    this.proof = undefined;
  }

  #name(who = this.#who) {
    return `shopchat:resume:${this.config.key}${who}`;
  }

  /* Another tab has begun: join it. It has taken the next secret: take it too. */
  #note({ key, oldValue, newValue }) {
    if (key === this.#name() + BEGUN && newValue) this.onJoin();
    if (key !== this.#name()) return;
    this.#lent[this.#who] = newValue;
    if (!newValue) return;
    if (this.#isKept && oldValue === this.#secret) this.#secret = newValue;
    this.onJoin();
  }

  #store(value) {
    this.#lent[this.#who] = value;
    this.#write(this.#name(), value);
  }

  /* In our storage, or the shop's where ours is blocked. */
  #write(name, value = null) {
    try {
      if (value) localStorage.setItem(name, value);
      else localStorage.removeItem(name);
    } catch {
      this.tell({ t: "store", name, value });
    }
  }

  #isAllowed(origin) {
    return [location.origin, ...this.config.origins].some((one) => new URL(one).origin === origin);
  }

  #meet({ source, origin, data, ports }) {
    if (source !== parent || !this.#isAllowed(origin) || data?.t !== "init" || !ports[0] || this.#port) return;
    this.#port = ports[0];
    this.#port.onmessage = (event) => this.#hear(event.data);
    const [lent, lentToShopper] = data.lent.map((secret) => (typeof secret === "string" ? secret : null));
    this.#lent = { "": lent, [SHOPPER]: lentToShopper };
    this.client = { v: `${data.v}`, page: origin };
    this.heard.start();
    this.tell({ t: "ready", title: document.title, lang: this.config.lang, close: byId("close").ariaLabel });
  }

  #hear(message) {
    if (message.t === "theme") return this.#dress(message);
    if (message.t === "context") return (this.hint = readPage(message.context));
    if (message.t === "stored") return this.#note(message);
    if (message.t === "identify" || message.t === "logout") return this.heard[message.t](message.jwt);
    this.isOpen = message.t === "open";
    this.heard.show(message.focus);
  }

  #dress({ theme }) {
    const root = document.documentElement;
    root.dataset.theme = root.dataset.scheme ?? theme;
  }
}
