"use strict";
// How figures and text of the board are written. Text of the data enters the page as text nodes only.

const DATA = JSON.parse(document.getElementById("data").textContent);
const KINDS = DATA.kinds;
const NONE = "–";

const WRITERS = {
  usd: (n) => (n < 0 ? "-$" : "$") + Math.abs(n).toLocaleString("en-US"),
  pct: (n) => n.toFixed(1) + "%",
  score: (n) => n.toFixed(1),
  count: (n) => n.toLocaleString("en-US"),
  year: (n) => String(n),
  number: (n) => String(n),
  ratio: (n) => n.toFixed(3),
};

function written(name, value) {
  if (value === null) return NONE;
  const writer = WRITERS[KINDS[name]];
  return writer ? writer(value) : String(value);
}

function shortUsd(n) {
  if (n >= 1e6) return "$" + +(n / 1e6).toFixed(1) + "M";
  return n >= 1e3 ? "$" + Math.round(n / 1e3) + "k" : "$" + Math.round(n);
}

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

// The deals as objects; `at` is the place in the file, which is the order of rank.
function readDeals() {
  const names = Object.keys(DATA.deals);
  return DATA.links.map((link, at) => {
    const deal = { at, link };
    for (const name of names) deal[name] = DATA.deals[name][at];
    return deal;
  });
}

// Cells of the CSV: what a spreadsheet would take for a formula gets an apostrophe, as in deals.csv.
function csvCell(value) {
  if (value === null) return "";
  if (typeof value !== "string") return String(value);
  const formula = /^\s*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]/.test(value) || /^[\t\r\n]/.test(value);
  return '"' + (formula ? "'" : "") + value.replaceAll('"', '""') + '"';
}

function csvOf(deals) {
  const names = Object.keys(DATA.deals);
  const lines = [["county", "month", ...names].join(",")];
  for (const deal of deals) {
    lines.push([DATA.county, DATA.month, ...names.map((name) => deal[name])].map(csvCell).join(","));
  }
  return "\uFEFF" + lines.join("\r\n") + "\r\n";
}
