// The page to try the assistant opens its chat at once, and again by its button.
const open = () => globalThis.ShopChat?.open();

document.querySelector("[data-open-chat]")?.addEventListener("click", open);
addEventListener("load", open, { once: true });
