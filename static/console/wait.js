// A form with data-wait says that it is at work once it was sent, and cannot be sent twice.
document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-wait]");
  if (!form || form.dataset.sent) return;
  form.dataset.sent = "yes";
  const note = document.createElement("p");
  note.setAttribute("role", "status");
  note.className = "ca-wait";
  note.append(document.createElement("progress"), ` ${form.dataset.wait}`);
  form.append(note);
  // The button that was pressed is part of what is sent: it is switched off only afterwards.
  setTimeout(() => { for (const button of form.querySelectorAll("button")) button.disabled = true; });
});

// Coming back by the browser's own button finds the form ready again.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    form.querySelector(".ca-wait")?.remove();
    for (const button of form.querySelectorAll("button")) button.disabled = false;
  }
});
