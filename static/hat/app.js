// What the browser adds to pages that already work without it. No inline handlers, nothing is loaded from elsewhere.

import { initAll } from "../vendor/nhsuk-frontend-10.6.1/nhsuk-frontend.min.js";
import { watchDrafts } from "./drafts.js";

const BUSY_FOR_MS = 8000;

/** Says "Saving…" on the pressed button and ignores a second press for a while; the button is never disabled. */
function markBusy(form, button) {
  const words = form.dataset.hatBusy || "Saving…";
  form.dataset.hatIsBusy = "yes";
  const kept = button ? [...button.childNodes] : [];
  if (button) {
    button.setAttribute("aria-busy", "true");
    button.replaceChildren(words);
  }
  const free = () => {
    delete form.dataset.hatIsBusy;
    if (button && button.getAttribute("aria-busy")) {
      button.removeAttribute("aria-busy");
      button.replaceChildren(...kept);
    }
  };
  window.setTimeout(free, BUSY_FOR_MS);
  window.addEventListener("pageshow", (event) => event.persisted && free(), { once: true });
}

function watchForms() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || "hatNoBusy" in form.dataset) return;
    if (form.dataset.hatIsBusy) {
      event.preventDefault();
      return;
    }
    markBusy(form, event.submitter);
  });
}

/** Our sentences say what to do; the browser's own bubbles do not, and stop at the first mistake. */
function silenceBrowserBubbles() {
  for (const form of document.forms) form.noValidate = true;
}

/** On a narrow screen each row of a table is a card: its labels come from the column headers. */
export function labelCells(scope) {
  for (const table of scope.querySelectorAll("table.hat-table")) {
    const heads = [...table.querySelectorAll("thead tr:last-child > *")].map((head) => head.textContent.trim());
    for (const row of table.querySelectorAll("tbody tr")) {
      if (row.children.length !== heads.length) continue;
      [...row.children].forEach((cell, index) => {
        if (!("label" in cell.dataset)) cell.dataset.label = heads[index];
      });
    }
  }
}

/** Number keys beside a PIN field. Typing works as well; the keys are for gloves. */
function wireKeypad(pad) {
  const input = document.getElementById(pad.dataset.hatKeypad);
  if (!input) return;
  pad.hidden = false;
  const write = (value) => {
    input.value = value;
    input.dispatchEvent(new Event("input", { bubbles: true }));
  };
  pad.addEventListener("click", (event) => {
    const key = event.target.closest("button");
    if (!key) return;
    const length = input.maxLength > 0 ? input.maxLength : Infinity;
    if ("hatClear" in key.dataset) write("");
    else if ("hatDelete" in key.dataset) write(input.value.slice(0, -1));
    else if (input.value.length < length) write(input.value + key.dataset.hatDigit);
  });
}

/** A barred button leads to its first reason. */
function wireBarredButtons() {
  document.addEventListener("click", (event) => {
    const barred = event.target.closest(".hat-button--barred[href^='#']");
    const reasons = barred && document.getElementById(barred.hash.slice(1));
    if (!reasons) return;
    event.preventDefault();
    const first = reasons.querySelector(".hat-finding") || reasons;
    first.tabIndex = -1;
    first.focus();
    first.scrollIntoView({ block: "nearest" });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === " " && event.target.matches(".hat-button--barred[href]")) {
      event.preventDefault();
      event.target.click();
    }
  });
}

/** The browser is in somebody else's hands: a page that stands open in another tab goes, too. */
function leaveWhenHandedOver() {
  if (document.body.classList.contains("hat-tablet")) return;
  new BroadcastChannel("hat-handed-over").addEventListener("message", () => {
    document.body.replaceChildren();
    window.location.reload();
  });
}

document.body.classList.add("js-enabled", "nhsuk-frontend-supported");
silenceBrowserBubbles();
initAll();
labelCells(document);
watchForms();
watchDrafts();
wireBarredButtons();
leaveWhenHandedOver();
document.querySelectorAll("[data-hat-keypad]").forEach(wireKeypad);
document.body.addEventListener("htmx:afterSwap", (event) => labelCells(event.target));
for (const button of document.querySelectorAll("[data-hat-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
