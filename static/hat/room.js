// What the browser adds to the pages of the treatment room. Each of them works without it.

// When each clock was drawn: those of a tile that is drawn anew count from then.
const drawnAt = new WeakMap();
const loadedAt = performance.now();
const two = (number) => String(number).padStart(2, "0");
const asClock = (seconds) => `${two(Math.floor(Math.max(seconds, 0) / 60))}:${two(Math.max(seconds, 0) % 60)}`;
const passed = (clock) => Math.floor((performance.now() - drawnAt.get(clock)) / 1000);

/** Clocks run from the server's seconds: up since the injection, down to the next reading. */
function tick(newlyDrawnAt = performance.now()) {
  for (const clock of document.querySelectorAll("[data-hat-runs], [data-hat-ring]")) {
    if (!drawnAt.has(clock)) drawnAt.set(clock, newlyDrawnAt);
  }
  for (const clock of document.querySelectorAll("[data-hat-runs]")) {
    const seconds = passed(clock);
    const from = Number(clock.dataset.hatSeconds);
    clock.textContent = asClock(clock.dataset.hatRuns === "down" ? from - seconds : from + seconds);
  }
  for (const ring of document.querySelectorAll("[data-hat-ring]")) {
    const part = (Number(ring.dataset.hatSeconds) + passed(ring)) / Number(ring.dataset.hatOf || 1);
    const done = ring.querySelector(".hat-ring__done");
    done.setAttribute("stroke-dasharray", `${Math.min(100, Math.round(part * 100))} 100`);
  }
}

/** "All four so" taps the four answers that say nothing is amiss; any of them can be changed afterwards. */
function wireAllSo(button) {
  button.hidden = false;
  button.addEventListener("click", () => {
    for (const radio of button.form.querySelectorAll(".hat-asked input[value='so']")) radio.checked = true;
    button.form.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

// Whether the last thing somebody did was on the keyboard: the arrow keys choose every key they pass.
let isByKeyboard = false;
document.addEventListener("keydown", () => (isByKeyboard = true), { capture: true });
document.addEventListener("pointerdown", () => (isByKeyboard = false), { capture: true });

/** The number behind an end key is asked for only when that key is tapped; by keyboard it is the next stop. */
function wireExact(row) {
  const box = row.querySelector(".hat-exact");
  if (!box) return;
  const ends = new Set(["low", "high", "some", "stop", "hold"]);
  const show = () => {
    const tapped = row.querySelector("input[type=radio]:checked");
    const isEnd = Boolean(tapped && ends.has(tapped.value));
    box.hidden = !isEnd;
    if (isEnd && !isByKeyboard && document.activeElement === tapped) box.querySelector("input").focus();
  };
  row.addEventListener("change", show);
  show();
}

/** Why a value could not be had is asked for only when one could not. */
function wireReason(box) {
  const form = box.closest("form");
  const show = () => (box.hidden = !form.querySelector("input[value='unable']:checked"));
  form.addEventListener("change", show);
  show();
}

/** Six digits finish one PIN and lead to the next; the last one signs. The number keys write into the one at hand. */
function wireSigning(form) {
  const pins = [...form.querySelectorAll("input[type=password]")];
  let current = pins.find((pin) => pin.value.length < 6) ?? pins[0];
  const write = (pin, value) => {
    pin.value = value;
    pin.dispatchEvent(new Event("input", { bubbles: true }));
  };
  pins.forEach((pin, place) => {
    pin.addEventListener("focus", () => (current = pin));
    pin.addEventListener("input", () => {
      if (pin.value.length !== 6) return;
      if (place + 1 < pins.length) {
        current = pins[place + 1];
        current.focus();
      } else if (pins.every((each) => each.value.length === 6)) form.requestSubmit();
    });
  });
  const keys = form.querySelector("[data-hat-pins]");
  if (!keys) return;
  keys.hidden = false;
  keys.addEventListener("click", (event) => {
    const key = event.target.closest("button");
    if (!key) return;
    if ("hatClear" in key.dataset) write(current, "");
    else if ("hatDelete" in key.dataset) write(current, current.value.slice(0, -1));
    else if (current.value.length < 6) write(current, current.value + key.dataset.hatDigit);
  });
}

/** Tapping the body taps the list; the injection began when its site was tapped. */
function wireInjection(form) {
  const since = form.querySelector("[name=seconds_ago]");
  const words = form.querySelector("[data-hat-started]");
  let tappedAt = null;
  form.addEventListener("change", (event) => {
    if (event.target.name !== "site") return;
    tappedAt = tappedAt ?? performance.now();
    const site = event.target.value;
    for (const spot of form.querySelectorAll("[data-hat-site]")) {
      spot.classList.toggle("hat-spot--chosen", spot.dataset.hatSite === site);
    }
    const now = new Date();
    words.hidden = false;
    words.textContent = `Started ${two(now.getHours())}:${two(now.getMinutes())}.`;
  });
  for (const spot of form.querySelectorAll("[data-hat-site]")) {
    spot.addEventListener("click", () => document.getElementById(`site-${spot.dataset.hatSite}`)?.click());
  }
  form.addEventListener("submit", (event) => {
    since.value = tappedAt === null ? "0" : String(Math.floor((performance.now() - tappedAt) / 1000));
  });
}

/** The fourth tap saves a reading, unless a number or a reason is still asked for.
 * By keyboard nothing is saved before Enter.
 */
function wireReading(form) {
  form.addEventListener("change", (event) => {
    if (isByKeyboard) return;
    const rows = [...form.querySelectorAll(".hat-keyrow")];
    const tapped = rows.map((row) => row.querySelector("input[type=radio]:checked"));
    if (event.target.type !== "radio" || tapped.some((radio) => !radio)) return;
    const asksMore = tapped.some((radio) => ["low", "high", "unable"].includes(radio.value));
    if (!asksMore) form.requestSubmit();
  });
  const opensIn = Number(form.dataset.hatReading);
  if (opensIn > 0) window.setTimeout(() => untouched(form) && window.location.reload(), opensIn * 1000 + 500);
}

const untouched = (form) => !form.querySelector("input[type=radio]:checked");

window.setInterval(() => tick(), 1000);
document.addEventListener("hat:drawn", () => tick());
tick(loadedAt);
document.querySelectorAll("[data-hat-all-so]").forEach(wireAllSo);
document.querySelectorAll(".hat-keyrow").forEach(wireExact);
document.querySelectorAll(".hat-reason").forEach(wireReason);
document.querySelectorAll("form[data-hat-sign]").forEach(wireSigning);
document.querySelectorAll("form[data-hat-inject]").forEach(wireInjection);
document.querySelectorAll("form[data-hat-reading]").forEach(wireReading);
