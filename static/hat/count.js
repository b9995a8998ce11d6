// Counting for gloves: keys for the number that was touched last, one more, one fewer, and the sum. Every key types
// into a field of the form, which works the same without any of them. Nothing is written before a person does.

const BOX = 5;
const HIGHEST = 9999;

function write(input, value) {
  input.value = value;
  input.dispatchEvent(new Event("input", { bubbles: true }));
}

function whole(input) {
  return /^[0-9]{1,4}$/.test(input.value.trim()) ? Number(input.value) : null;
}

/** One more or one fewer; an empty field counts as none only when something is added to it. */
function step(input, by) {
  const now = whole(input);
  if (now === null && (by < 0 || input.value !== "")) return;
  write(input, String(Math.min(HIGHEST, Math.max(0, (now ?? 0) + by))));
}

function addSteps(input, one) {
  const row = document.createElement("div");
  row.className = "hat-tally__row";
  const button = (sign, by, words) => {
    const key = document.createElement("button");
    key.type = "button";
    key.className = "hat-key";
    key.textContent = sign;
    key.setAttribute("aria-label", words);
    key.addEventListener("click", () => step(input, by));
    return key;
  };
  input.replaceWith(row);
  row.append(button("−", -1, `One ${one} fewer`), input, button("+", 1, `One ${one} more`));
}

function wire(form) {
  const boxes = form.querySelector("[name=full_boxes]");
  const loose = form.querySelector("[name=loose]");
  const pin = form.querySelector("[name=pin]");
  const pad = form.querySelector("[data-hat-count-pad]");
  const sum = form.querySelector("[data-hat-count-sum]");
  const order = [boxes, loose, pin];
  let current = order.find((input) => input.classList.contains("nhsuk-input--error")) || boxes;

  addSteps(boxes, "box");
  addSteps(loose, "ampoule");
  for (const input of order) input.addEventListener("focus", () => (current = input));
  pad.hidden = false;
  pad.addEventListener("click", (event) => {
    const key = event.target.closest("button");
    if (!key) return;
    const longest = current === pin ? pin.maxLength : 4;
    if ("hatNext" in key.dataset) {
      current = order[(order.indexOf(current) + 1) % order.length];
      current.focus();
    } else if ("hatDelete" in key.dataset) write(current, current.value.slice(0, -1));
    else if (current.value.length < longest) write(current, current.value + key.dataset.hatDigit);
  });

  const add = () => {
    const [full, left] = [whole(boxes), whole(loose)];
    sum.hidden = full === null || left === null;
    if (sum.hidden) return;
    const total = document.createElement("strong");
    total.textContent = String(full * BOX + left);
    sum.replaceChildren(`${full} × ${BOX} + ${left} = `, total);
  };
  boxes.addEventListener("input", add);
  loose.addEventListener("input", add);
  add();
}

document.querySelectorAll("form[data-hat-count]").forEach(wire);
