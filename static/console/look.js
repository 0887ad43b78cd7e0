// The preview of a look follows the form: what the server would write for it is asked for at every change.
(() => {
  const FIELDS = ["accent", "corners", "typeface", "scheme", "direction"];
  const PAUSE = 150;

  const start = () => {
    const frames = document.querySelectorAll("[data-look]");
    const form = document.querySelector("#widgetlook_form");
    if (!form || !frames.length) return;
    let waiting;
    const show = () => {
      const chosen = new FormData(form);
      for (const frame of frames) {
        const address = new URL(frame.dataset.look, location.href);
        for (const name of FIELDS) address.searchParams.set(name, chosen.get(name) ?? "");
        frame.src = address;
      }
    };
    form.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(show, PAUSE);
    });
    form.addEventListener("change", show);
    show();
  };

  document.readyState === "loading" ? addEventListener("DOMContentLoaded", start) : start();
})();
