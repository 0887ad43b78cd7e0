/* Phrases of the interface, and numbers, money and times as the shopper's language writes them. */
export const makeWords = ({ lang, phrases }) => {
  const say = (key, values = {}) =>
    (phrases[key] ?? "").replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
  const money = ({ amount, currency }) =>
    new Intl.NumberFormat(lang, { style: "currency", currency, currencyDisplay: "narrowSymbol" }).format(amount);
  const number = (value, digits = 1) => new Intl.NumberFormat(lang, { maximumFractionDigits: digits }).format(value);
  const time = (text) => new Intl.DateTimeFormat(lang, { hour: "numeric", minute: "2-digit" }).format(new Date(text));
  const day = (text) => {
    const date = new Date(text);
    const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(date).setHours(0, 0, 0, 0)) / 864e5);
    if (days === 0) return say("today");
    if (days === 1) return say("yesterday");
    return new Intl.DateTimeFormat(lang, { weekday: "long", day: "numeric", month: "long" }).format(date);
  };
  const stock = ({ availability, stock: left }) => {
    if (availability === "low_stock" && !left) return say("few_left");
    if (availability === "in_stock" && left > 0 && left <= 5) return say("low_stock", { count: left });
    return say(availability in phrases ? availability : "unknown", { count: left });
  };
  return { say, money, number, time, day, stock };
};
