
"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const key = (row, index) => row.children[index].dataset.key ?? row.children[index].textContent.trim();
  const compare = (one, other) => {
    const [a, b] = [parseFloat(one), parseFloat(other)];
    return isNaN(a) || isNaN(b) ? one.localeCompare(other) : a - b;
  };
  // Servers and listeners are sorted; the frontend stays above them and the backend below.
  const sort = (table, header) => {
    const index = [...header.parentNode.children].indexOf(header);
    const descending = header.getAttribute("aria-sort") === "ascending";
    all("th[aria-sort]", table).forEach((other) => other.removeAttribute("aria-sort"));
    header.setAttribute("aria-sort", descending ? "descending" : "ascending");
    const body = table.tBodies[0];
    const rows = [...body.rows].filter((row) => !row.matches(".more, .frontend, .backend"));
    const pairs = rows.map((row) => [row, row.nextElementSibling]);
    pairs.sort(([one], [other]) => compare(key(one, index), key(other, index)) * (descending ? -1 : 1));
    const end = body.querySelector(".backend");
    pairs.flat().forEach((row) => body.insertBefore(row, end));
  };
  for (const table of all("table")) {
    for (const header of all(".titles th", table)) {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...header.childNodes);
      header.append(button);
      button.addEventListener("click", () => sort(table, header));
    }
  }
  // A word shows the sections with it in their names, or the rows with it in theirs or in their status.
  const filter = document.getElementById("filter");
  const apply = () => {
    const word = filter.value.trim().toLowerCase();
    for (const section of all("section")) {
      const whole = section.dataset.name.toLowerCase().includes(word);
      let shown = whole;
      for (const row of all("tbody tr:not(.more)", section)) {
        const texts = [row.querySelector("th"), row.querySelector(".status")];
        const fits = whole || texts.some((cell) => cell?.textContent.toLowerCase().includes(word));
        row.hidden = row.nextElementSibling.hidden = !fits;
        shown ||= fits;
      }
      section.hidden = !shown;
    }
  };
  filter.form.querySelector("button").hidden = true;
  filter.form.addEventListener("submit", (event) => event.preventDefault());
  filter.addEventListener("input", apply);
})();
