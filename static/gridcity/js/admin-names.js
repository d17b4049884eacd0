// Gives a name to the controls that Django's forms leave without one (inline tables, split
// instants, search boxes), so that a screen reader says what they are.

function name(control, words) {
  const hasName = control.labels?.length || control.getAttribute("aria-label") || control.getAttribute("aria-labelledby");
  if (words && !hasName) control.setAttribute("aria-label", words.trim());
}

const labelOf = (node) => node?.closest(".form-row, fieldset")?.querySelector("label, legend")?.textContent || "";

const headOf = (cell) => cell?.closest("table").querySelectorAll("thead th")[cell.cellIndex]?.textContent || "";

function nameAll(root) {
  for (const cell of root.querySelectorAll(".tabular td")) {
    for (const control of cell.querySelectorAll("input:not([type=hidden]), select, textarea")) name(control, headOf(cell));
  }
  for (const head of root.querySelectorAll(".tabular th.original:empty")) head.textContent = "#";
  for (const control of root.querySelectorAll(".datetime input, .vForeignKeyRawIdAdminField")) name(control, labelOf(control));
  for (const link of root.querySelectorAll("#changelist-filter a:empty")) link.textContent = "–";
  for (const box of root.querySelectorAll(".select2-selection, .select2-selection__rendered")) {
    box.removeAttribute("aria-labelledby"); // it points at its own text, which is empty at first
    name(box, headOf(box.closest(".tabular td")) || labelOf(box));
  }
}

let isPlanned = false;
function plan() {
  if (isPlanned) return;
  isPlanned = true;
  requestAnimationFrame(() => {
    isPlanned = false;
    nameAll(document);
  });
}

nameAll(document);
// Search boxes and added lines come later, by Django's own scripts.
new MutationObserver(plan).observe(document.body, { childList: true, subtree: true });
