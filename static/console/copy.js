// A button with data-copy="#id" puts that element's text on the clipboard and says so.
const SECONDS = 2;

const copy = async (text) => {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false; // Without a secure context there is no clipboard.
  }
};

const select = (element) => {
  const range = document.createRange();
  range.selectNodeContents(element);
  const selection = getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
};

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-copy]");
  if (!button) return;
  const source = document.querySelector(button.dataset.copy);
  const status = button.parentElement.querySelector("[role=status]");
  const copied = await copy(source.textContent.trim());
  if (!copied) select(source);
  status.textContent = copied ? "Copied" : "Selected: press Ctrl+C";
  setTimeout(() => { status.textContent = ""; }, SECONDS * 1000);
});
