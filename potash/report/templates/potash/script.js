"use strict";
// Theme: remembered where the browser allows it.
const root = document.documentElement, themes = ["auto", "light", "dark"];
root.classList.add("scripted");
const kept = () => { try { return localStorage.getItem("potash-theme"); } catch { return null; } };
const keep = (theme) => { try { localStorage.setItem("potash-theme", theme); } catch { /* a page in a mail has no memory */ } };
function setTheme(theme) {
  if (theme === "auto") root.removeAttribute("data-theme"); else root.setAttribute("data-theme", theme);
  for (const button of document.querySelectorAll("[data-theme-button]")) button.lastElementChild.textContent = theme;
}
let theme = themes.includes(kept()) ? kept() : "auto";
setTheme(theme);

// Cells: what they say, and what they sort by.
const textOf = (cell) => cell.querySelector(".missing") ? "" : (cell.innerText || cell.textContent).replace(/\s+/g, " ").trim();
const plain = (text) => text.replace(/\u2212/g, "-").replace(/[\u00a0\u202f]/g, " ");
function valueOf(cell) {
  if (!cell) return null;
  const stored = cell.getAttribute("data-v"), text = stored === null ? plain(textOf(cell)) : stored;
  if (text === "") return null;
  if (/^\d{4}-\d\d(-\d\d)?/.test(text)) return text;
  const number = /^[(<>]?\s*([+-]?\d[\d,]*\.?\d*(?:e[+-]?\d+)?)/i.exec(text);
  if (!number) return text.toLowerCase();
  const value = parseFloat(number[1].replace(/,/g, ""));
  return text.startsWith("<") ? value - 1e-12 : text.startsWith(">") ? value + 1e-12 : value;
}
function compare(a, b) {
  if (typeof a === typeof b) return typeof a === "number" ? a - b : a < b ? -1 : a > b ? 1 : 0;
  return typeof a === "number" ? -1 : 1;
}

// Sorting: up, down, and as it was; rows without a value stay last.
function sortBy(table, head) {
  const heads = [...head.parentElement.children], column = heads.indexOf(head);
  const order = { none: "ascending", ascending: "descending", descending: "none" }[head.getAttribute("aria-sort") || "none"];
  for (const other of heads) if (other.hasAttribute("aria-sort")) other.setAttribute("aria-sort", "none");
  head.setAttribute("aria-sort", order);
  const sign = order === "descending" ? -1 : 1;
  for (const body of table.tBodies) {
    const rows = [...body.rows];
    rows.forEach((row, place) => { row.potashPlace ??= place; });
    rows.sort((one, other) => {
      if (order === "none") return one.potashPlace - other.potashPlace;
      const a = valueOf(one.cells[column]), b = valueOf(other.cells[column]);
      if (a === null || b === null) return (a === null) - (b === null) || one.potashPlace - other.potashPlace;
      return sign * compare(a, b) || one.potashPlace - other.potashPlace;
    });
    body.append(...rows);
  }
}

// Rows as text: numbers as a spreadsheet reads them, and no text that it takes for a formula.
function rowsOf(table) {
  const skip = table.tHead ? [...table.tHead.rows[table.tHead.rows.length - 1].cells].map((cell) => cell.hasAttribute("data-nosort")) : [];
  return [...table.rows].map((row) => [...row.cells].filter((_, place) => !skip[place]).map((cell) => {
    const text = plain(textOf(cell)).replace(/(\d) %/g, "$1%");
    return /^(?:[=@\t\r]|[+-](?!(?:inf|[\d.,]+(?:e[+-]?\d+)?\s?%?(?: to [+-]?[\d.,]+\s?%?)?)?$))/i.test(text) ? `'${text}` : text;
  }));
}
const asTsv = (table) => rowsOf(table).map((row) => row.join("\t")).join("\n");
const asCsv = (table) => rowsOf(table).map((row) => row.map((text) => /[",\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text).join(",")).join("\n") + "\n";

async function copy(text) {
  try { await navigator.clipboard.writeText(text); return true; } catch { /* the old way */ }
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "hidden";
  area.setAttribute("aria-hidden", "true");
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}
function save(text, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(["\ufeff", text], { type: "text/csv;charset=utf-8" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
function button(text, action) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = text;
  made.addEventListener("click", action);
  return made;
}

function equip(table) {
  if (!table.tHead || !table.tBodies.length) return;
  if ([...table.tBodies].some((body) => body.rows.length > 1)) {
    for (const head of table.tHead.rows[table.tHead.rows.length - 1].cells) {
      if (head.tagName !== "TH" || head.hasAttribute("data-nosort") || !head.textContent.trim()) continue;
      const sort = button("", () => sortBy(table, head));
      sort.className = "sort";
      sort.append(...head.childNodes);
      head.append(sort);
      head.setAttribute("aria-sort", "none");
    }
  }
  const figure = table.closest("figure"), place = figure || table.closest(".scroll") || table;
  let tools = figure && figure.querySelector(".tools");
  if (!tools) {
    tools = document.createElement("div");
    tools.className = "tools";
    if (figure) figure.append(tools); else place.after(tools);
  }
  const name = table.getAttribute("data-name") || "table";
  const said = document.createElement("span");
  said.setAttribute("role", "status");
  const title = table.caption ? table.caption.innerText.trim() : name;
  const copier = button("Copy", async () => {
    said.textContent = (await copy(asTsv(table))) ? `${table.rows.length} rows copied` : "The browser does not allow copying";
    setTimeout(() => { said.textContent = ""; }, 4000);
  });
  const saver = button("CSV as shown", () => save(asCsv(table), `${name}.csv`));
  copier.setAttribute("aria-label", `Copy the table: ${title}`);
  saver.setAttribute("aria-label", `CSV as shown: ${title}`);
  tools.prepend(copier, saver);
  tools.append(said);
}

// The entry of the section that is being read.
function follow() {
  const links = [...document.querySelectorAll("nav.sections a")];
  if (!links.length || !("IntersectionObserver" in window)) return;
  const watch = new IntersectionObserver(() => {
    const heads = links.map((link) => document.getElementById(decodeURIComponent(link.hash.slice(1))));
    let here = 0;
    heads.forEach((head, place) => { if (head && head.getBoundingClientRect().top < innerHeight / 3) here = place; });
    links.forEach((link, place) => link.classList.toggle("here", place === here));
  }, { rootMargin: "-20% 0px -60% 0px", threshold: [0, 1] });
  for (const head of document.querySelectorAll("h2[id]")) watch.observe(head);
}

document.addEventListener("DOMContentLoaded", () => {
  setTheme(theme);
  for (const switcher of document.querySelectorAll("[data-theme-button]")) {
    switcher.addEventListener("click", () => {
      theme = themes[(themes.indexOf(theme) + 1) % themes.length];
      keep(theme);
      setTheme(theme);
    });
  }
  document.querySelectorAll("main table").forEach(equip);
  // On a narrow screen the page that is open is not hidden beyond the edge of the header.
  const here = document.querySelector("header.site [aria-current]"), strip = document.querySelector("header.site nav");
  if (here && strip) strip.scrollLeft = here.offsetLeft - strip.offsetLeft - 8;
  follow();
});
// On paper nothing is folded away.
let folded = [];
addEventListener("beforeprint", () => {
  folded = [...document.querySelectorAll("main details:not([open])")].filter((details) => !details.closest(".files-list"));
  for (const details of folded) details.open = true;
});
addEventListener("afterprint", () => { for (const details of folded) details.open = false; });
