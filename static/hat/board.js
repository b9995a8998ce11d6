// The board asks for itself every few seconds. Only what changed is drawn anew, and nothing moves under a finger.

const QUIET_MS = 2000; // nobody has touched anything for so long: people may change their places
const SETTLE_MS = 600; // a tap so soon after a move was meant for what stood there before
const SILENT_MS = 15_000; // the server has not answered for so long: each clock says so

const live = document.querySelector("[data-hat-live]");
const seenAt = Date.now();
let mark = live.dataset.hatMark;
let heardAt = performance.now();
let touchedAt = -Infinity;
let movedAt = -Infinity;
let waiting = null;

const wall = (passedMs) => {
  const words = { hour: "2-digit", minute: "2-digit", second: "2-digit", timeZone: "Europe/London" };
  return new Intl.DateTimeFormat("en-GB", words).format(startedAt + passedMs);
};
// The server's time of this page, whatever the device believes.
const startedAt = Date.parse(document.querySelector("[data-hat-clock]")?.dateTime ?? "") || seenAt;

const partsOf = (root) => [...root.querySelectorAll("[data-hat-part]")];
const tilesOf = (root) => [...root.querySelectorAll("[data-hat-tile]")];
const orderOf = (root) => tilesOf(root).map((tile) => `${tile.dataset.hatPlace} ${tile.id}`).join("\n");

/** Everything of a part but its tiles, whose clocks run: two parts that read alike here are the same. */
function frameOf(part) {
  const copy = part.cloneNode(true);
  for (const tile of tilesOf(copy)) {
    tile.replaceChildren();
    tile.dataset.hatTile = tile.dataset.hatAlarm = "";
  }
  return copy.outerHTML;
}

/** Tells those who cannot see the board who has arrived, and at once what must not wait. */
function tell(before, after) {
  const known = new Map(tilesOf(before).map((tile) => [tile.id, { ...tile.dataset }]));
  const arrived = [];
  const alarms = [];
  for (const tile of tilesOf(after)) {
    const { hatName, hatPlace, hatAlarm } = tile.dataset;
    const was = known.get(tile.id);
    if (hatAlarm && hatAlarm !== was?.hatAlarm) alarms.push(`${hatName}: ${hatAlarm}.`);
    if (hatPlace === "arrived" && was?.hatPlace !== "arrived") arrived.push(`${hatName} has arrived.`);
  }
  for (const [how, words] of [["polite", arrived], ["assertive", alarms]]) {
    if (words.length) document.querySelector(`[data-hat-told="${how}"]`).textContent = words.join(" ");
  }
}

/** Puts focus back on what had it before its part was drawn anew. */
function keepFocus(draw) {
  const focused = document.activeElement;
  const holder = focused?.closest("[data-hat-tile], [data-hat-part]");
  // By where it leads, never by its place: another line may stand there now.
  const goesTo = holder && focused.getAttribute("href");
  const scrolled = [...document.querySelectorAll(".hat-tiles")].map((list) => list.scrollTop);
  draw();
  document.querySelectorAll(".hat-tiles").forEach((list, index) => (list.scrollTop = scrolled[index] ?? 0));
  if (!holder || document.contains(focused)) return;
  const links = [...(document.getElementById(holder.id)?.querySelectorAll("a[href]") ?? [])];
  const again = links.find((link) => link.getAttribute("href") === goesTo);
  (again ?? document.getElementById("main")).focus({ preventScroll: true });
}

/** Draws what came: tile by tile where everybody stands where they stood, else part by part once it is quiet. */
function draw(fresh) {
  const isStill = partsOf(fresh).every((part) => {
    const old = document.getElementById(part.id);
    return old && frameOf(old) === frameOf(part) && orderOf(old) === orderOf(part);
  });
  if (!isStill && performance.now() - touchedAt < QUIET_MS) {
    waiting = fresh;
    return;
  }
  waiting = null;
  tell(document, fresh);
  keepFocus(() => {
    if (isStill) {
      for (const tile of tilesOf(fresh)) {
        const old = document.getElementById(tile.id);
        if (old.dataset.hatTile !== tile.dataset.hatTile) old.replaceWith(tile);
      }
      return;
    }
    for (const part of partsOf(fresh)) document.getElementById(part.id)?.replaceWith(part);
    movedAt = performance.now();
  });
  document.dispatchEvent(new CustomEvent("hat:drawn"));
}

/** Says that the server answered, or since when it has not. */
function sayHeard() {
  const silent = performance.now() - heardAt >= SILENT_MS;
  const last = wall(heardAt);
  document.querySelector("[data-hat-heard]").textContent = last;
  for (const clock of document.querySelectorAll("#live-board [data-hat-runs]")) {
    const next = clock.nextElementSibling;
    const note = next?.classList.contains("hat-last-heard") ? next : null;
    if (!silent) note?.remove();
    else if (!note) {
      clock.insertAdjacentHTML("afterend", '<span class="hat-last-heard"></span>');
      clock.nextElementSibling.textContent = `last heard ${last}`;
    }
  }
  live.classList.toggle("hat-live--silent", silent);
  const banner = document.querySelector("[data-hat-silent]");
  // Once, and not at every second: a screen reader would say it again.
  if (banner.hidden !== silent) return;
  banner.querySelector("[data-hat-since]").textContent = last;
  banner.hidden = !silent;
  if (silent) document.querySelector('[data-hat-told="assertive"]').textContent = `Nothing heard since ${last}.`;
}

document.body.addEventListener("htmx:configRequest", (event) => {
  if (event.target === live) event.detail.headers["If-None-Match"] = mark;
});
document.body.addEventListener("htmx:afterRequest", (event) => {
  if (event.target !== live) return;
  const { status, responseText } = event.detail.xhr;
  if (status !== 200 && status !== 304) return;
  heardAt = performance.now();
  sayHeard();
  if (status === 304) return;
  mark = event.detail.xhr.getResponseHeader("ETag") ?? "";
  draw(new DOMParser().parseFromString(responseText, "text/html"));
});
for (const kind of ["pointerdown", "keydown"]) {
  document.addEventListener(kind, () => (touchedAt = performance.now()), { capture: true, passive: true });
}
document.addEventListener(
  "click",
  (event) => {
    // A press of a key (detail 0) is aimed at what has the focus, and that was kept.
    if (event.detail === 0 || performance.now() - movedAt >= SETTLE_MS) return;
    if (!event.target.closest("[data-hat-part]")) return;
    event.preventDefault();
    event.stopPropagation();
  },
  { capture: true },
);
window.setInterval(() => {
  sayHeard();
  if (waiting) draw(waiting);
}, 1000);
