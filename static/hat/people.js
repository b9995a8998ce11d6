// Finds people in a list that is already here: what is typed never leaves the browser.

const plain = (text) =>
  text
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase();

for (const filter of document.querySelectorAll("[data-hat-filter]")) {
  const input = filter.querySelector("input");
  const count = filter.querySelector("[data-hat-filter-count]");
  const rows = [...document.querySelectorAll(`#${filter.dataset.hatFilter} [data-hat-name]`)];
  filter.hidden = false;
  input.addEventListener("input", () => {
    const words = plain(input.value).split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const name = plain(row.dataset.hatName);
      row.hidden = !words.every((word) => name.includes(word));
      shown += row.hidden ? 0 : 1;
    }
    count.textContent = words.length ? (shown ? `${shown} of ${rows.length} people` : "Nobody here has that name.") : "";
  });
}
