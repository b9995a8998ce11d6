// The door of a terminal: a face, six digits, and in. Without this script the same form has a button.

const DIGITS = 6;

function wireDoor(form) {
  const pin = form.querySelector("[data-hat-pin]");
  const dots = form.querySelector("[data-hat-dots]");
  const count = form.querySelector("[data-hat-count]");
  const heading = form.querySelector("[data-hat-pin-for]");
  const faces = [...form.querySelectorAll("input[name=person]")];
  const chosen = () => faces.find((face) => face.checked);
  const isReady = () => pin.value.length === DIGITS && (!faces.length || chosen());

  form.classList.add("hat-door--live");
  dots.hidden = false;
  const show = () => {
    [...dots.children].forEach((dot, index) => dot.classList.toggle("hat-dot--full", index < pin.value.length));
    count.textContent = pin.value.length ? `${pin.value.length} of ${DIGITS}` : "";
  };
  pin.addEventListener("input", () => {
    const digits = pin.value.replace(/[^0-9]/g, "").slice(0, DIGITS);
    if (digits !== pin.value) pin.value = digits;
    show();
    if (isReady()) form.requestSubmit();
  });
  for (const face of faces) {
    face.addEventListener("change", () => {
      heading.textContent = `PIN for ${face.dataset.hatName}`;
      if (isReady()) form.requestSubmit();
    });
    // A tap goes on to the digits; the arrow keys walk along the faces first.
    face.closest("label").addEventListener("pointerup", () => window.setTimeout(() => pin.focus(), 0));
  }
  // A digit typed while a face has the focus belongs to the PIN.
  form.addEventListener("keydown", (event) => {
    if (event.target.name !== "person") return;
    if (event.key === "Enter") {
      event.preventDefault();
      pin.focus();
    } else if (/^[0-9]$/.test(event.key)) {
      pin.focus();
    }
  });
  show();
  if (!faces.length || chosen()) pin.focus();
}

document.querySelectorAll("[data-hat-door]").forEach(wireDoor);
