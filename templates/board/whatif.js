"use strict";
// The panel of one home: the reader changes price, rent, repairs and rate, and the figures follow at once.

const PANEL = document.getElementById("what-if");
const WHAT_IF = DATA.whatIf;
// Field of the panel -> what it stands for; the rate is one of the terms and shown in per cent.
const FIELDS = [
  ["if-price", "asking_price_usd"],
  ["if-rent", "rent_monthly_usd"],
  ["if-repairs", "repair_estimate_usd"],
];
const SHARE = (n) => n.toFixed(1) + "%";
const DOLLARS = (n) => WRITERS.usd(Math.round(n) + 0);
const FIGURES = [
  ["cap_rate_pct", "Cap rate", SHARE],
  ["noi_usd", "Net operating income", DOLLARS],
  ["dscr", "Debt coverage (DSCR)", (n) => n.toFixed(2)],
  ["cash_on_cash_pct", "Cash on cash", SHARE],
  ["flip_profit_usd", "Flip profit", DOLLARS],
  ["flip_roi_pct", "Flip return", SHARE],
  ["max_allowable_offer_usd", "Maximum offer", DOLLARS],
];
// The cap rate stands above already: a narrower table.
const STRESSED = FIGURES.filter(([name]) => name !== "cap_rate_pct");
let opened = null;
let saying = 0;

// `-0.0` and `-$0` are no loss.
function figureText(value, write) {
  return Number.isFinite(value) ? write(value).replace(/^-(?=\$?[0.,]+%?$)/, "") : NONE;
}

function figureCell(value, write, label) {
  const text = figureText(value, write);
  const cell = element("td", text.startsWith("-") ? "num negative" : "num", text);
  cell.setAttribute("role", "cell");
  cell.dataset.label = label;
  return cell;
}

function headed(name, cells, className) {
  const row = element("tr", className);
  const head = element("th", "", name);
  row.setAttribute("role", "row");
  head.setAttribute("role", "rowheader");
  head.scope = "row";
  row.append(head, ...cells);
  return row;
}

// What a field holds; what is no amount from 0 upwards counts as not known, and is marked where something stands there.
function fieldValue(id) {
  const field = document.getElementById(id);
  const value = field.value === "" ? NaN : Number(field.value);
  const usable = Number.isFinite(value) && value >= 0;
  field.setAttribute("aria-invalid", String(!usable && (field.value !== "" || field.validity.badInput)));
  return usable ? value : NaN;
}

function setFields(deal) {
  for (const [id, name] of FIELDS) document.getElementById(id).value = deal[name] ?? "";
  document.getElementById("if-rate").value = +(100 * WHAT_IF.terms.interest_rate).toFixed(4);
}

function showFigures() {
  const deal = { ...opened };
  for (const [id, name] of FIELDS) deal[name] = fieldValue(id);
  const terms = { ...WHAT_IF.terms, interest_rate: fieldValue("if-rate") / 100 };
  const before = outcomeOf(opened, WHAT_IF.terms, WHAT_IF.cases[0]);
  const table = stressTable(deal, terms, WHAT_IF.cases);
  document.getElementById("if-figures").replaceChildren(...FIGURES.map(([name, label, write]) =>
    headed(label, [figureCell(before[name], write, "As listed"), figureCell(table[0][name], write, "Yours")])));
  document.getElementById("if-stress").replaceChildren(...table.map((row, at) => headed(
    WHAT_IF.cases[at].name,
    STRESSED.map(([name, label, write]) => figureCell(row[name], write, label)),
    WHAT_IF.cases[at].code === "all" ? "total" : "",
  )));
  // Told once the reader rests, not with every key.
  clearTimeout(saying);
  saying = setTimeout(() => {
    const told = FIGURES.map(([name, label, write]) => `${label} ${figureText(table[0][name], write)}`);
    document.getElementById("if-said").textContent = told.join(", ");
  }, 600);
}

function fillPanel(deal) {
  opened = { at: deal.at };
  for (const [name, values] of Object.entries(WHAT_IF.inputs)) opened[name] = values[deal.at];
  document.getElementById("if-said").textContent = "";
  setFields(opened);
  showFigures();
}

function openPanel(deal) {
  document.getElementById("if-property").textContent = deal.property ?? `Property ${deal.property_id}`;
  document.getElementById("if-simulated").hidden = !deal.is_simulated;
  fillPanel(deal);
  document.body.classList.add("panel-open");
  PANEL.showModal();
  // The name of the panel is told first; an attribute for it would already count while the page loads.
  document.getElementById("if-title").focus({ preventScroll: true });
  PANEL.scrollTop = 0;
}

// A board without deals has no panel.
if (PANEL) {
  for (const id of [...FIELDS.map(([field]) => field), "if-rate"]) {
    document.getElementById(id).addEventListener("input", showFigures);
  }
  document.getElementById("if-reset").addEventListener("click", () => {
    setFields(opened);
    showFigures();
  });
}
// On a page of one home it stands in the page.
if (PANEL?.tagName === "DIALOG") {
  document.getElementById("if-close").addEventListener("click", () => PANEL.close());
  PANEL.addEventListener("close", () => {
    clearTimeout(saying);
    document.body.classList.remove("panel-open");
  });
}
