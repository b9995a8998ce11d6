// A form marked data-hat-steps shows one question at a time; without this script it shows all of them in a row.

const UNANSWERED = "Tap an answer. If you do not want to say, tap “Not answered”.";
const A_WEEK = "Write a number from 0 to 7 for each week.";
const NO_DAY = "Every week is 0. Tap “On no day” instead.";

/** Says what a step still lacks, or nothing. */
function missing(step) {
  const keys = [...step.querySelectorAll("input[type=radio]")];
  const tapped = keys.find((key) => key.checked);
  if (!tapped) return UNANSWERED;
  if (tapped.value !== "some") return "";
  const weeks = [...step.querySelectorAll(".hat-weeks input")].map((box) => box.value.trim());
  if (!weeks.every((days) => /^[0-7]$/.test(days))) return A_WEEK;
  return weeks.every((days) => days === "0") ? NO_DAY : "";
}

function made(tag, className, words = "") {
  const part = document.createElement(tag);
  part.className = className;
  part.textContent = words;
  return part;
}

function button(words, className, act) {
  const part = made("button", `nhsuk-button ${className}`, words);
  part.type = "button";
  part.addEventListener("click", act);
  return part;
}

function wire(form) {
  const steps = [...form.querySelectorAll(".hat-step")];
  const send = form.querySelector("[type=submit]");
  const said = made("div", "hat-progress");
  const words = made("span", "");
  const bar = made("progress", "");
  bar.max = steps.length;
  bar.setAttribute("aria-label", "Questions");
  said.append(words, bar);
  const lacks = made("p", "hat-step__missing");
  lacks.setAttribute("role", "alert");
  const buttons = made("div", "hat-step__buttons");
  let at = 0;

  const show = (step, { focus = true } = {}) => {
    at = Math.min(Math.max(step, 0), steps.length - 1);
    for (const [index, part] of steps.entries()) part.hidden = index !== at;
    words.textContent = `Question ${at + 1} of ${steps.length}`;
    bar.value = at + 1;
    lacks.textContent = "";
    back.hidden = at === 0;
    next.hidden = at === steps.length - 1;
    send.hidden = !next.hidden;
    if (!focus) return;
    const legend = steps[at].querySelector("legend");
    legend.tabIndex = -1;
    legend.focus();
    said.scrollIntoView({ block: "start" });
  };
  const isWhole = () => {
    lacks.textContent = missing(steps[at]);
    return !lacks.textContent;
  };
  const goOn = () => {
    if (!isWhole()) return;
    show(at + 1);
  };
  const back = button("Back", "nhsuk-button--secondary", () => show(at - 1));
  const next = button("Next", "", goOn);
  const firstOpen = () => {
    const open = steps.findIndex((step) => missing(step));
    show(open < 0 ? steps.length - 1 : open, { focus: false });
  };

  form.prepend(said);
  send.before(buttons);
  buttons.append(back, next, send);
  buttons.before(lacks);
  // Enter in a box goes on to the next question; it sends the form from the last one only.
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.matches("input")) return;
    event.preventDefault();
    if (!next.hidden) goOn();
  });
  form.addEventListener("submit", (event) => {
    if (!isWhole()) event.preventDefault();
  });
  form.addEventListener("hat-restored", firstOpen);
  for (const link of document.querySelectorAll(".nhsuk-error-summary a[href^='#']")) {
    link.addEventListener("click", () => {
      const step = steps.findIndex((part) => part.querySelector(link.hash) || part.matches(link.hash));
      if (step >= 0) show(step, { focus: false });
    });
  }
  const wrong = steps.findIndex((step) => step.querySelector(".nhsuk-form-group--error, .nhsuk-error-message"));
  show(wrong, { focus: false });
}

/** Keeps the last tap before the tablet is given back: signing out would be quicker than the draft's own clock. */
function wireStop(stop) {
  stop.addEventListener("submit", async (event) => {
    event.preventDefault();
    await Promise.all((window.hatSaveDrafts || []).map((save) => save()));
    stop.submit();
  });
}

new BroadcastChannel("hat-handed-over").postMessage("");
for (const form of document.querySelectorAll("form[data-hat-steps]")) wire(form);
document.querySelectorAll(".hat-tablet__stop").forEach(wireStop);
