/* Progressive enhancement only: every page works without this file. No eval, no inline handlers. */
(function () {
  "use strict";
  const root = document.documentElement;
  root.classList.add("js");
  const each = (selector, act, scope) => (scope || document).querySelectorAll(selector).forEach(act);
  const typing = (target) => target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");

  /* Theme: the server answers too; this only spares the reload. */
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("[data-theme-form]");
    if (!form || !event.submitter) return;
    event.preventDefault();
    const theme = event.submitter.value;
    root.dataset.bsTheme = theme;
    each("button", (button) => (button === event.submitter ? button.setAttribute("aria-current", "true") : button.removeAttribute("aria-current")), form);
    const body = new FormData(form);
    body.set("theme", theme);
    fetch(form.action, { method: "POST", body, redirect: "manual", credentials: "same-origin", keepalive: true });
  });

  /* Menus made of <details>: one open at a time, Escape and a click elsewhere close them. */
  const closeMenus = (except) => each("details[data-menu][open]", (menu) => { if (menu !== except) menu.open = false; });
  document.addEventListener("click", (event) => closeMenus(event.target.closest("details[data-menu]")));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = document.querySelector("details[data-menu][open]");
    if (open) { open.open = false; open.querySelector("summary").focus(); }
    if (location.hash === "#nav") { location.hash = "#main"; }
  });

  /* Search and submit keys. */
  const focusSearch = (event) => {
    const box = document.querySelector("[data-search]");
    if (box) { event.preventDefault(); box.focus(); box.select(); }
  };
  document.addEventListener("keydown", (event) => {
    const command = event.ctrlKey || event.metaKey;
    if (command && event.key.toLowerCase() === "k") return focusSearch(event);
    if (command && event.key === "Enter") {
      const form = event.target.closest("form");
      if (form) { event.preventDefault(); form.requestSubmit(form.querySelector("button:not([type]), [type=submit]")); }
      return;
    }
    if (command || event.altKey || typing(event.target)) return;
    if (event.key === "/") focusSearch(event);
  });

  /* Review keys: only inside [data-review-keys], and only while the reader has not switched them off.
     data-key="a|r|d" on a button or link; j and k walk the [data-review-row] elements; ? opens #review-help. */
  const keysOn = () => { try { return document.querySelector("[data-review-keys]")?.dataset.reviewKeys !== "off" && localStorage.getItem("review-keys") !== "off"; } catch { return true; } };
  const walkRows = (page, step) => {
    const rows = [...page.querySelectorAll("[data-review-row]")];
    if (!rows.length) return;
    const now = rows.findIndex((row) => row.classList.contains("is-current"));
    const next = Math.min(Math.max(now + step, 0), rows.length - 1);
    rows.forEach((row, index) => row.classList.toggle("is-current", index === next));
    const link = rows[next].querySelector("a") || rows[next].querySelector("button, input") || rows[next];
    link.focus();
    rows[next].scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("keydown", (event) => {
    const page = document.querySelector("[data-review-keys]");
    if (!page || !keysOn() || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    const key = event.key.toLowerCase();
    if ((key === "j" || key === "k") && page.querySelector("[data-review-row]")) { event.preventDefault(); return walkRows(page, key === "j" ? 1 : -1); }
    if (key === "?") { const help = document.getElementById("review-help"); if (help) { event.preventDefault(); help.open = !help.open; } return; }
    const target = /^[a-z]$/.test(key) && page.querySelector(`[data-key="${key}"]`);
    if (!target) return;
    event.preventDefault();
    const field = target.dataset.keyFocus && document.getElementById(target.dataset.keyFocus);
    if (!field) { target.click(); return; }
    const fold = field.closest("details");
    if (fold) fold.open = true;
    field.focus();
  });
  each("[data-review-keys-switch]", (box) => {
    box.checked = keysOn();
    box.addEventListener("change", () => { try { localStorage.setItem("review-keys", box.checked ? "on" : "off"); } catch { /* private mode */ } });
  });

  /* A form or button with data-confirm asks first, in a dialog of ours. */
  const ask = (text, yes, go) => {
    const dialog = document.createElement("dialog");
    dialog.className = "ask";
    const words = document.createElement("pre");
    words.textContent = text;
    const actions = document.createElement("div");
    actions.className = "form-actions";
    const button = (label, css, act) => {
      const made = document.createElement("button");
      made.type = "button"; made.className = css; made.textContent = label;
      made.addEventListener("click", () => { dialog.close(); act(); });
      actions.append(made);
    };
    button(yes, "btn btn-primary", go);
    button(document.body.dataset.cancel || "✕", "btn btn-ghost", () => {});
    dialog.setAttribute("aria-label", text);
    dialog.append(words, actions);
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  };
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const source = event.submitter?.dataset.confirm ? event.submitter : form;
    if (!source.dataset.confirm || form.dataset.confirmed) return;
    event.preventDefault();
    event.stopPropagation();
    const label = event.submitter?.textContent.trim() || "OK";
    ask(source.dataset.confirm, label, () => { form.dataset.confirmed = "1"; form.requestSubmit(event.submitter || undefined); delete form.dataset.confirmed; });
  }, true);

  /* A second click on the way does not send twice. */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("data-theme-form")) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    setTimeout(() => delete form.dataset.sent, 4000);
  });

  /* Toasts leave by themselves, slower when they hold a button; never while one is being read. */
  const dismissLater = (toast) => {
    const wait = toast.querySelector("button") ? 10000 : 7000;
    const leave = () => (toast.matches(":hover, :focus-within") ? setTimeout(leave, 2000) : toast.remove());
    if (!toast.matches(".toast-error")) setTimeout(leave, wait);
  };

  /* Formsets: [data-formset=prefix] holds rows, a <template data-formset-empty> and a [data-formset-add] button. */
  const addRow = (set) => {
    const total = set.querySelector(`[name="${set.dataset.formset}-TOTAL_FORMS"]`);
    const empty = set.querySelector("template[data-formset-empty]");
    const place = set.querySelector("[data-formset-rows]") || set;
    const most = Number(set.dataset.formsetMax || 1000);
    if (Number(total.value) >= most) return;
    const made = document.createElement("template");
    made.innerHTML = empty.innerHTML.replaceAll("__prefix__", total.value);
    const row = made.content.firstElementChild;
    place.append(made.content);
    total.value = Number(total.value) + 1;
    row?.querySelector("input:not([type=hidden]), select, textarea")?.focus();
  };
  document.addEventListener("click", (event) => {
    const add = event.target.closest("[data-formset-add]");
    if (add) { event.preventDefault(); return addRow(add.closest("[data-formset]")); }
    const remove = event.target.closest("[data-formset-remove]");
    if (!remove) return;
    event.preventDefault();
    const row = remove.closest("[data-formset-row]");
    const flag = row.querySelector("input[name$='-DELETE']");
    if (flag) { flag.checked = true; flag.value = "on"; }
    row.hidden = true;
    const next = row.closest("[data-formset]").querySelector("[data-formset-add]");
    if (next) next.focus();
  });

  /* Select all rows of a bulk list. */
  document.addEventListener("change", (event) => {
    const all = event.target.closest("[data-select-all]");
    if (all) each(`[name="${all.dataset.selectAll}"]`, (box) => { box.checked = all.checked; }, all.closest("form") || document);
  });

  /* A filter form marked data-auto-submit sends itself when a choice changes. */
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-auto-submit]");
    if (form && event.target.matches("select, input[type=checkbox], input[type=radio]")) form.requestSubmit();
  });

  const wake = (scope) => {
    const summary = scope.querySelector("[data-error-summary]");
    if (summary) summary.focus();
    each("[data-toast]:not([data-awake])", (toast) => { toast.dataset.awake = "1"; dismissLater(toast); });
    each("[data-print]", (button) => button.addEventListener("click", () => window.print()), scope);
  };
  wake(document);
  document.addEventListener("htmx:afterSwap", (event) => wake(event.target));
  document.addEventListener("htmx:configRequest", (event) => {
    const token = document.querySelector("input[name=csrfmiddlewaretoken]");
    if (token && event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = token.value;
  });
})();
