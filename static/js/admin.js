/* Names for controls that Django's admin leaves nameless: cells of editable lists and inlines, and autocomplete boxes. */
(function () {
  "use strict";
  const headOf = (cell) => {
    const table = cell.closest("table");
    const heads = table.querySelectorAll("thead tr:first-child th");
    const named = [...cell.classList].find((name) => name.startsWith("field-"));
    const head = (named && table.querySelector(`thead th.column-${named.slice(6)}`)) || heads[[...cell.parentElement.children].indexOf(cell)];
    return head ? head.innerText.trim() : "";
  };
  const nameCells = () => document.querySelectorAll("#result_list td, #result_list th, .tabular tbody td").forEach((cell) => {
    cell.querySelectorAll("input:not([type=hidden]), select, textarea").forEach((control) => {
      if (control.labels?.length || control.getAttribute("aria-label")) return;
      const row = cell.parentElement.querySelector("th, td.original p")?.innerText.trim() || "";
      control.setAttribute("aria-label", [headOf(cell) || control.name, row].filter(Boolean).join(": "));
    });
  });
  const nameBoxes = () => document.querySelectorAll("select.select2-hidden-accessible").forEach((select) => {
    const label = select.labels?.[0]?.innerText.replace(/:\s*$/, "") || select.getAttribute("aria-label") || select.name;
    const box = select.nextElementSibling;
    box?.querySelectorAll(".select2-selection, [role=textbox], input").forEach((part) => part.setAttribute("aria-label", label));
  });
  const nameAll = () => { nameCells(); nameBoxes(); };
  nameAll();
  /* Autocomplete boxes and new inline rows come after the page has loaded. */
  new MutationObserver((changes) => {
    if (changes.some((change) => [...change.addedNodes].some((node) => node.nodeType === 1 && (node.matches(".select2") || node.matches("tr"))))) nameAll();
  }).observe(document.body, { childList: true, subtree: true });
})();
