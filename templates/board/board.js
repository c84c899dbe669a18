"use strict";
// The board itself: what is shown, and what happens when the reader does something.

const DEALS = readDeals();
for (const deal of DEALS) deal.searched = searchText(deal);
const state = { shown: DEALS, zip: "", name: "rank_in_partition", direction: 1, page: 0 };

function show(id) {
  return document.getElementById(id);
}

function showTable() {
  showOrder(state.name, state.direction);
  show("sort-by").value = state.name;
  showRows(state.shown, state.page);
}

function showCharts() {
  drawHistogram(show("histogram"), state.shown);
  drawScatter(show("scatter"), state.shown, goTo);
  drawMap(show("map"), state.shown, DEALS, goTo);
  drawTrend(show("trend"), state.zip);
}

function showCount() {
  const all = DEALS.length.toLocaleString("en-US");
  const some = state.shown.length.toLocaleString("en-US");
  show("count").textContent = some === all ? `${all} deals` : `${some} of ${all} deals`;
}

function refilter() {
  keepFilters();
  const { fits, zip } = readFilters();
  state.zip = zip;
  state.page = 0;
  state.shown = sortDeals(DEALS.filter(fits), state.name, state.direction);
  showCount();
  showTable();
  showCharts();
}

function sortBy(name, direction) {
  Object.assign(state, { name, direction, page: 0 });
  state.shown = sortDeals(state.shown, name, direction);
  showTable();
}

function turnTo(page) {
  state.page = page;
  showTable();
  show("deals").scrollIntoView();
  show("deals").focus({ preventScroll: true });
}

// From a dot of a chart to its row.
function goTo(deal) {
  state.page = Math.floor(state.shown.indexOf(deal) / PAGE_ROWS);
  showTable();
  const row = document.querySelector(`tr[data-at="${deal.at}"]`);
  row.classList.add("chosen");
  row.scrollIntoView({ block: "center" });
  (row.querySelector("a") ?? show("deals")).focus({ preventScroll: true });
}

function download(name, text) {
  const link = element("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

function clearFilters() {
  FORM.reset();
  refilter();
}

for (const heading of HEADINGS) {
  heading.querySelector("button").addEventListener("click", () => {
    const name = heading.dataset.name;
    sortBy(name, state.name === name ? -state.direction : firstDirection(name));
  });
}
show("sort-by").addEventListener("change", (event) => sortBy(event.target.value, firstDirection(event.target.value)));
show("previous").addEventListener("click", () => turnTo(state.page - 1));
show("next").addEventListener("click", () => turnTo(state.page + 1));
show("csv-shown").addEventListener("click", () => download(`deals-${DATA.county}-${DATA.month}.csv`, csvOf(state.shown)));
show("clear").addEventListener("click", clearFilters);
show("rows").addEventListener("click", (event) => {
  // The whole row opens the memo, unless the reader is choosing text or has used the link itself.
  const row = event.target.closest("tr");
  if (event.target.closest("button.what-if")) return openPanel(DEALS[row.dataset.at]);
  const link = row?.querySelector("a");
  if (link && !event.target.closest("a") && !String(getSelection())) link.click();
});
FORM.addEventListener("submit", (event) => event.preventDefault());
FORM.addEventListener("reset", () => setTimeout(refilter));
let pending = 0;
FORM.addEventListener("input", () => {
  // A short wait: one drawing a word, not one a letter.
  clearTimeout(pending);
  pending = setTimeout(refilter, 120);
});
let width = innerWidth;
addEventListener("resize", () => {
  if (width === innerWidth) return;
  width = innerWidth;
  showCharts();
});
addEventListener("hashchange", () => {
  // `#deals` is a place on the page, no filter.
  if (location.hash && !location.hash.includes("=")) return;
  restoreFilters();
  refilter();
});
if (matchMedia("(max-width: 880px)").matches) show("filters").removeAttribute("open");
restoreFilters();
refilter();
