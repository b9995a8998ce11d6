// What is typed in a form marked data-hat-draft is kept for the person who typed it, and is there again later.

const WAIT_MS = 1000;
const NEVER = new Set(["password", "file", "hidden", "submit", "button", "reset", "image"]);
const FOCUS = "hat-focus";

function kept(form) {
  return [...form.elements].filter((field) => field.name && field.type && !NEVER.has(field.type) && !field.disabled);
}

function isCheckable(field) {
  return field.type === "radio" || field.type === "checkbox";
}

function read(form, question) {
  const fields = {};
  for (const field of kept(form)) {
    if (isCheckable(field) && !field.checked) continue;
    const values = field.multiple ? [...field.selectedOptions].map((option) => option.value) : [field.value];
    (fields[field.name] ||= []).push(...values);
  }
  if (question) fields[FOCUS] = [question.name, question.value];
  return fields;
}

function write(form, fields) {
  const seen = {};
  for (const field of kept(form)) {
    const values = fields[field.name] || [];
    if (isCheckable(field)) field.checked = values.includes(field.value);
    else if (field.multiple) for (const option of field.options) option.selected = values.includes(option.value);
    else if (field.name in fields) {
      seen[field.name] = (seen[field.name] ?? -1) + 1;
      field.value = values[seen[field.name]] ?? "";
    }
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

function send(form, openedAt, fields, byItself) {
  const headers = { "Content-Type": "application/json", "X-CSRFToken": form.elements.csrfmiddlewaretoken.value };
  if (byItself) headers["X-Poll"] = "1";
  return fetch("/drafts/save/", {
    method: "POST",
    headers,
    body: JSON.stringify({ path: window.location.pathname, opened_at: openedAt, fields }),
    keepalive: true,
    redirect: "manual",
  }).catch(() => null);
}

/** Says that what was typed is here again, and offers to throw it away. */
function announce(form, savedAt, startAfresh) {
  const note = document.createElement("div");
  note.className = "hat-banner hat-banner--info hat-draft";
  note.setAttribute("role", "status");
  const words = document.createElement("p");
  words.textContent = `What you typed at ${savedAt} is here again. PINs are never kept.`;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "nhsuk-button nhsuk-button--secondary";
  button.textContent = "Start afresh";
  button.addEventListener("click", () => {
    startAfresh();
    note.remove();
  });
  note.append(words, button);
  form.before(note);
}

async function wireDraft(form) {
  const mark = document.createElement("input");
  mark.type = "hidden";
  mark.name = "hat-draft";
  mark.value = "1";
  form.append(mark);
  let isRestoring = false;
  let waiting = 0;
  let isChanged = false;
  let openedAt = "";
  let question = null; // the field that was last in focus: unlocking leads back to it
  form.addEventListener("focusin", (event) => {
    if (event.target.name && !NEVER.has(event.target.type)) question = event.target;
  });
  const save = (byItself) => {
    window.clearTimeout(waiting);
    if (!isChanged || !openedAt) return null;
    isChanged = false;
    return send(form, openedAt, read(form, question), byItself);
  };
  const changed = (event) => {
    if (isRestoring || NEVER.has(event.target.type)) return;
    isChanged = true;
    window.clearTimeout(waiting);
    waiting = window.setTimeout(() => save(false), WAIT_MS);
  };
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  form.addEventListener("submit", () => {
    isChanged = false;
    window.clearTimeout(waiting);
  });
  (window.hatSaveDrafts ||= []).push(() => save(true));

  const path = new URLSearchParams({ path: window.location.pathname });
  const answer = await fetch(`/drafts/load/?${path}`, { headers: { "X-Poll": "1" }, redirect: "manual" });
  if (!answer.ok) return;
  const draft = await answer.json();
  openedAt = draft.at;
  // Under a summary of errors stands what was just sent; and what is being typed is not typed over.
  if (!draft.fields || isChanged || document.querySelector(".nhsuk-error-summary")) return;
  isRestoring = true;
  write(form, draft.fields);
  isRestoring = false;
  form.dispatchEvent(new Event("hat-restored"));
  announce(form, draft.saved_at, () => {
    window.clearTimeout(waiting);
    isChanged = false;
    isRestoring = true;
    form.reset();
    for (const field of kept(form)) field.dispatchEvent(new Event("change", { bubbles: true }));
    isRestoring = false;
    form.dispatchEvent(new Event("hat-restored"));
    send(form, openedAt, {}, false);
  });
  const [name, value] = draft.fields[FOCUS] || [];
  const fields = kept(form).filter((field) => field.name === name);
  (fields.find((field) => field.value === value) || fields[0])?.focus();
}

export function watchDrafts() {
  for (const form of document.querySelectorAll("form[data-hat-draft]")) wireDraft(form);
}
