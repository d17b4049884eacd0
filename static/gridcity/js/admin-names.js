// Gives a name to the controls that Django's forms leave without one (inline tables, split
// instants, search boxes), so that a screen reader says what they are.

function name(control, words) {
  const hasName = control.labels?.length || control.getAttribute("aria-label") || control.getAttribute("aria-labelledby");
  if (words && !hasName) control.setAttribute("aria-label", words.trim());
}

const labelOf = (node) => node?.closest(".form-row, fieldset")?.querySelector("label, legend")?.textContent || "";

function nameAll(root) {
  for (const cell of root.querySelectorAll(".tabular td")) {
    const head = cell.closest("table").querySelectorAll("thead th")[cell.cellIndex];
    for (const control of cell.querySelectorAll("input:not([type=hidden]), select, textarea")) name(control, head?.textContent || "");
  }
  for (const head of root.querySelectorAll(".tabular th.original:empty")) head.textContent = "#";
  for (const control of root.querySelectorAll(".datetime input, .vForeignKeyRawIdAdminField")) name(control, labelOf(control));
  for (const link of root.querySelectorAll("#changelist-filter a:empty")) link.textContent = "–";
  for (const box of root.querySelectorAll(".select2-selection, .select2-selection__rendered")) name(box, labelOf(box));
}

nameAll(document);
// Search boxes and added lines come later, by Django's own scripts.
addEventListener("load", () => nameAll(document));
document.addEventListener("formset:added", (event) => setTimeout(() => nameAll(event.target)));
