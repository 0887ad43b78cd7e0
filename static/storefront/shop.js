/* Buttons that open the chat appear once the widget is there: without it they would do nothing. */
(() => {
  "use strict";
  const show = () => {
    if (!window.ShopChat) return;
    for (const button of document.querySelectorAll(".chat-opener")) {
      button.hidden = false;
      button.addEventListener("click", () => window.ShopChat.open());
    }
  };
  if (document.readyState === "complete") show();
  else window.addEventListener("load", show, { once: true });
})();
