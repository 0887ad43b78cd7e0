// A button with data-copy="#id" puts that element's text on the clipboard and says so.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-copy]");
  if (!button) return;
  const source = document.querySelector(button.dataset.copy);
  const told = button.querySelector("[data-told]") ?? button;
  const before = told.textContent;
  try {
    await navigator.clipboard.writeText(source.textContent.trim());
    told.textContent = "Copied";
  } catch {
    // Without a secure context there is no clipboard: the text is selected, ready for Ctrl-C.
    const range = document.createRange();
    range.selectNodeContents(source);
    const selection = getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
    told.textContent = "Selected: press Ctrl+C";
  }
  setTimeout(() => { told.textContent = before; }, 2000);
});
