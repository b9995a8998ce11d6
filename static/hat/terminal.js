// The treatment-room terminal: its clock runs, it locks after two minutes, and it leaves nothing behind.

const LOCK_AFTER_MS = 120_000;
const TELL_EVERY_MS = 15_000;

/** The clock goes on from the server's time, whatever the device believes. */
function runClocks() {
  const began = performance.now();
  for (const clock of document.querySelectorAll("[data-hat-clock]")) {
    const start = Date.parse(clock.dateTime);
    const words = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: "Europe/London" });
    const tick = () => {
      const text = words.format(start + performance.now() - began);
      if (clock.textContent !== text) clock.textContent = text;
    };
    window.setInterval(tick, 1000);
    tick();
  }
}

/** Takes everything off the screen before the next person stands at it. */
function leaveNothing() {
  document.body.replaceChildren();
}

/** Keeps what is typed, locks on the server, and puts the lock in the place of this page, also in the history. */
async function leave(form, why) {
  const body = new FormData(form);
  body.set("why", why);
  if ("hatLock" in form.dataset) body.set("next", window.location.pathname + window.location.search);
  await Promise.race([
    Promise.allSettled((window.hatSaveDrafts || []).map((save) => save())),
    new Promise((done) => window.setTimeout(done, 2000)),
  ]);
  const next = body.get("next");
  const there = form.dataset.hatLeave + (next ? `?${new URLSearchParams({ next })}` : "");
  leaveNothing();
  try {
    await fetch(form.action, { method: "POST", body, redirect: "manual" });
  } finally {
    window.location.replace(there);
  }
}

/** Two minutes without a touch or a key, and the screen is locked. Only people touch; pages that poll do not. */
function watchInput(lockForm) {
  let touchedAt = Date.now();
  let toldAt = Date.now();
  let isLeaving = false;
  const token = lockForm.elements.csrfmiddlewaretoken.value;
  const tell = async () => {
    toldAt = Date.now();
    const answer = await fetch(lockForm.dataset.hatInput, {
      method: "POST",
      headers: { "X-CSRFToken": token },
      redirect: "manual",
    }).catch(() => null);
    // Locked or ended on the server in the meantime: the page that answers now says so.
    if (answer && answer.type === "opaqueredirect" && !isLeaving) {
      leaveNothing();
      window.location.reload();
    }
  };
  for (const kind of ["pointerdown", "keydown", "input"]) {
    document.addEventListener(
      kind,
      (event) => {
        if (!event.isTrusted) return;
        touchedAt = Date.now();
        if (touchedAt - toldAt >= TELL_EVERY_MS) tell();
      },
      { capture: true, passive: true },
    );
  }
  window.setInterval(() => {
    if (!isLeaving && Date.now() - touchedAt >= LOCK_AFTER_MS) {
      isLeaving = true;
      leave(lockForm, "time");
    }
  }, 1000);
  document.addEventListener("submit", (event) => {
    if (!("hatLeave" in event.target.dataset)) return;
    event.preventDefault();
    if (isLeaving) return;
    isLeaving = true;
    leave(event.target, "asked");
  });
  // A page that the browser keeps for its back button is kept empty, and fetched again.
  window.addEventListener("pagehide", leaveNothing);
}

/** Where nobody is named there is nothing to lock: after two minutes without a touch the page goes back by itself. */
function goBack(there) {
  let touchedAt = Date.now();
  for (const kind of ["pointerdown", "keydown", "input"]) {
    document.addEventListener(kind, () => (touchedAt = Date.now()), { capture: true, passive: true });
  }
  window.setInterval(() => {
    if (Date.now() - touchedAt < LOCK_AFTER_MS) return;
    touchedAt = Date.now();
    leaveNothing();
    window.location.replace(there);
  }, 1000);
}

window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  leaveNothing();
  window.location.reload();
});
runClocks();
const lockForm = document.querySelector("[data-hat-lock]");
if (lockForm) watchInput(lockForm);
const nobody = document.querySelector("[data-hat-nobody]");
if (nobody) goBack(nobody.dataset.hatNobody);
