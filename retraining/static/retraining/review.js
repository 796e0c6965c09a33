// Keys for the review page. Every key presses a button or opens a part that is there without us.
(() => {
  "use strict";
  const RENEW_AFTER = 60000;
  const MOST_OPTIONS = 40;
  const page = () => document.getElementById("ws-review");
  const names = [...document.querySelectorAll("#ws-categories option")].map((o) => o.value);
  let busy = false;
  let renewed = Date.now();

  const press = (selector) => {
    const button = page()?.querySelector(selector);
    if (button) button.click();
    return Boolean(button);
  };
  const writing = (node) => node.closest && node.closest("input, textarea, select, [contenteditable]");

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !page()) return;
    stillHere();
    if (event.key === "Escape") return leave(event);
    if (writing(event.target)) return;
    const key = event.key.toLowerCase();
    if (busy) {
      if ("arxsu/123456789".includes(key)) event.preventDefault();
      return;
    }
    const reject = page().querySelector("#ws-rv-reject");
    if (/^[1-9]$/.test(key) && reject && reject.open) {
      if (press(`[data-number="${key}"]`)) event.preventDefault();
      return;
    }
    const category = page().querySelector("#ws-rv-category");
    const wanted = key === "r" || key === "/" || (key === "a" && page().dataset.scratch);
    if (wanted && category) {
      category.focus();
      event.preventDefault();
    } else if (key === "x" && reject) {
      reject.open = !reject.open;
      if (reject.open) reject.scrollIntoView({ block: "nearest" });
      event.preventDefault();
    } else if ("asu?".includes(key) && press(`[data-key="${key}"]`)) {
      event.preventDefault();
    }
  });

  function leave(event) {
    if (press("#ws-rv-back")) return event.preventDefault();
    if (writing(event.target) && page().contains(event.target)) event.target.blur();
    const reject = page().querySelector("#ws-rv-reject");
    if (reject) reject.open = false;
    page().focus({ preventScroll: true });
  }

  // Whoever reads a long row keeps it: the claim is renewed while something moves.
  document.addEventListener("pointermove", () => page() && stillHere(), { passive: true });
  function stillHere() {
    const token = page().querySelector("input[name=token]");
    if (!token || !token.value || Date.now() - renewed < RENEW_AFTER) return;
    renewed = Date.now();
    const sent = new FormData(token.form);
    fetch(page().dataset.hold, { method: "POST", body: sent, credentials: "same-origin" });
  }

  // Search as you type: the browser's own list gives way to one that arrows and Enter work on.
  function dress() {
    const input = page()?.querySelector("#ws-rv-category");
    if (!input) return;
    input.removeAttribute("list");
    const list = document.createElement("ul");
    list.className = "ws-rv-options";
    list.id = "ws-rv-options";
    list.hidden = true;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", "Categories");
    input.after(list);
    for (const [name, value] of [["role", "combobox"], ["aria-controls", list.id],
      ["aria-expanded", "false"], ["aria-autocomplete", "list"]]) input.setAttribute(name, value);
    let shown = [];
    let at = 0;

    const select = (place) => {
      at = place;
      [...list.children].forEach((item, i) => item.setAttribute("aria-selected", i === at));
      const item = list.children[at];
      if (item) {
        input.setAttribute("aria-activedescendant", item.id);
        item.scrollIntoView({ block: "nearest" });
      } else input.removeAttribute("aria-activedescendant");
    };
    const close = () => {
      list.hidden = true;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    };
    const take = (name) => {
      input.value = name;
      close();
      input.form.requestSubmit();
    };
    const open = () => {
      const typed = input.value.trim();
      const low = typed.toLowerCase();
      const spaced = (name) => name.toLowerCase().replaceAll("_", " ");
      const hit = (name) => spaced(name).includes(low.replaceAll("_", " "));
      const first = (name) => (spaced(name).startsWith(low.replaceAll("_", " ")) ? 0 : 1);
      shown = names.filter(hit).sort((a, b) => first(a) - first(b)).slice(0, MOST_OPTIONS);
      const fresh = typed && !names.some((name) => name.toLowerCase() === low);
      list.replaceChildren(...[...shown, ...(fresh ? [typed] : [])].map((name, i) => {
        const item = document.createElement("li");
        item.id = `ws-rv-option-${i}`;
        item.setAttribute("role", "option");
        item.textContent = i < shown.length ? name : `New category: ${name}`;
        if (i >= shown.length) item.className = "ws-rv-fresh";
        item.addEventListener("pointerdown", (event) => { event.preventDefault(); take(name); });
        return item;
      }));
      if (fresh) shown.push(typed);
      list.hidden = !shown.length;
      input.setAttribute("aria-expanded", String(!list.hidden));
      select(0);
    };
    input.addEventListener("input", open);
    input.addEventListener("focus", open);
    input.addEventListener("blur", close);
    input.addEventListener("keydown", (event) => {
      if (busy) { if (event.key === "Enter") event.preventDefault(); return; }
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step && shown.length) {
        event.preventDefault();
        if (list.hidden) open(); else select((at + step + shown.length) % shown.length);
      } else if (event.key === "Enter") {
        event.preventDefault();
        if (!list.hidden && shown[at] && (input.value.trim() || at > 0)) take(shown[at]);
        else if (input.value.trim()) take(input.value.trim());
      }
    });
  }

  document.addEventListener("htmx:beforeRequest", () => { busy = true; });
  document.addEventListener("htmx:afterRequest", () => { busy = false; });
  document.addEventListener("htmx:afterSettle", () => {
    renewed = Date.now();
    dress();
    const fresh = page()?.querySelector("#ws-rv-new");
    if (fresh) {
      const said = fresh.form.elements.label.value;
      fresh.addEventListener("click", () => names.push(said));
      // After a slip of the keyboard Enter takes the name that was meant, and makes no category.
      (page().querySelector(".ws-rv-near") || fresh).focus();
    } else page()?.focus({ preventScroll: true });
  });
  dress();
})();
