/* Shows the print button where there is script to print with; the browser's own command works without. */
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
