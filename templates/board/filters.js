"use strict";
// What the form asks for, as a test of one deal; it stands in the page's address, so that it can be sent.

const FORM = document.getElementById("filter-form");

// The form's number fields: which column they bound, and from which side.
const BOUNDS = [
  ["score", "bird_dog_score", 1],
  ["beds", "bedrooms", 1],
  ["discount", "discount_to_value_pct", 1],
  ["cap", "cap_rate_pct", 1],
  ["priceMin", "asking_price_usd", 1],
  ["priceMax", "asking_price_usd", -1],
  ["valueMin", "market_value_p50_usd", 1],
  ["valueMax", "market_value_p50_usd", -1],
];
const SEARCHED = [
  "property", "city", "zip", "neighborhood", "property_type", "score_class",
  "top_positive_reason", "top_negative_reason", "open_reviews", "property_id",
];

// A blank before each word: a search for 101 finds 101 Elm St, and not all of ZIP 98101.
function searchText(deal) {
  const text = SEARCHED.map((name) => deal[name]).filter((value) => value !== null).join(" ");
  return " " + text.toLowerCase().replace(/[\s,()]+/g, " ");
}

// A bound on a column that is not known keeps the deal out.
function bounded(values) {
  const set = BOUNDS.filter(([field]) => values.get(field) !== "" && Number.isFinite(+values.get(field)));
  const limits = set.map(([field, name, side]) => ({ name, side, limit: +values.get(field) }));
  return (deal) => limits.every(({ name, side, limit }) => deal[name] !== null && side * (deal[name] - limit) >= 0);
}

function readFilters() {
  const values = new FormData(FORM);
  const words = values.get("text").toLowerCase().split(/[\s,()]+/).filter(Boolean);
  const classes = values.getAll("class");
  const zip = values.get("zip");
  const list = values.get("list") || DATA.firstList;
  const status = values.get("status");
  const type = values.get("type");
  const memo = values.has("memo");
  const sound = values.has("sound");
  const inBounds = bounded(values);
  const fits = (deal) =>
    (list === "all" || deal.offer_state === list) &&
    (!zip || deal.zip === zip) &&
    (!status || deal.listing_status === status) &&
    (!type || deal.property_type === type) &&
    (!classes.length || classes.includes(deal.score_class)) &&
    (!memo || deal.link !== null) &&
    (!sound || !deal.needs_review) &&
    inBounds(deal) &&
    words.every((word) => deal.searched.includes(" " + word));
  return { fits, zip };
}

function keepFilters() {
  const set = [...new FormData(FORM)].filter(([, value]) => value !== "");
  const address = location.href.split("#")[0];
  history.replaceState(null, "", set.length ? `${address}#${new URLSearchParams(set)}` : address);
}

// What the address asks for and the form does not know stays unset.
function restoreFilters() {
  const wanted = new URLSearchParams(location.hash.slice(1));
  for (const control of FORM.elements) {
    const values = wanted.getAll(control.name);
    if (control.type === "checkbox") control.checked = values.includes(control.value);
    else if (control.name) control.value = values[0] ?? "";
    if (control.selectedIndex === -1) control.selectedIndex = 0;
  }
}
