"use strict";
// The table: order, pages, and rows. Only the rows of one page exist, whatever the number of deals.

const PAGE_ROWS = 50;
const HEADINGS = [...document.querySelectorAll("th[data-name]")];
const TEXT_ORDER = new Intl.Collator("en", { numeric: true });

// What is read from the best side first: figures fall, text, rank and class (the best first) rise.
function firstDirection(name) {
  const rising = name === "rank_in_partition" || KINDS[name] === "text";
  return rising ? 1 : -1;
}

function sortDeals(deals, name, direction) {
  const order = name === "score_class" ? (value) => DATA.classes.indexOf(value) : (value) => value;
  const compare = KINDS[name] === "text" && name !== "score_class" ? TEXT_ORDER.compare : (a, b) => a - b;
  return [...deals].sort((a, b) => {
    const [left, right] = [a[name], b[name]];
    // What is not known stands last, whichever way.
    if (left === null || right === null) return (left === null) - (right === null) || a.at - b.at;
    return direction * compare(order(left), order(right)) || a.at - b.at;
  });
}

function showOrder(name, direction) {
  for (const heading of HEADINGS) {
    const own = heading.dataset.name === name;
    heading.setAttribute("aria-sort", own ? (direction > 0 ? "ascending" : "descending") : "none");
  }
}

// Normalised names are in capitals: LAS VEGAS -> Las Vegas.
function titled(text) {
  return text.toLowerCase().replace(/(^|[\s-])\p{L}/gu, (start) => start.toUpperCase());
}

function described(deal) {
  const parts = [DATA.typeNames[deal.property_type]];
  if (deal.bedrooms !== null) parts.push(`${deal.bedrooms} bd`);
  if (deal.bathrooms !== null) parts.push(`${deal.bathrooms} ba`);
  if (deal.living_area_sqft !== null) parts.push(`${written("living_area_sqft", deal.living_area_sqft)} sq ft`);
  if (deal.year_built !== null) parts.push(`built ${deal.year_built}`);
  return parts.filter(Boolean).join(" · ");
}

function propertyCell(deal) {
  const name = deal.property ?? `Property ${deal.property_id}`;
  const title = deal.link ? element("a", "text") : element("span", "text");
  title.textContent = name;
  if (deal.link) {
    title.href = deal.link;
    title.append(element("span", "memo", "memo"));
  }
  const city = deal.city && titled(deal.city);
  const place = [city, deal.neighborhood === city ? null : deal.neighborhood].filter(Boolean).join(", ");
  const below = element("small", "text");
  // Apart: a mark of writing direction in a name would turn the figures behind it, 1,640 into 046,1.
  if (place) below.append(element("bdi", "", place), " · ");
  below.append(described(deal));
  const opens = element("button", "what-if", "What if");
  opens.type = "button";
  opens.setAttribute("aria-haspopup", "dialog");
  opens.setAttribute("aria-label", `What if: ${name}`);
  const found = [title, below, opens];
  if (deal.is_simulated) found.splice(1, 0, element("strong", "simulated", "SIMULATED"));
  return found;
}

// What an asking price has come to: its status, its cuts, and the sale where there was one.
function becameOfIt(deal) {
  const sold = deal.sale_price_usd !== null && deal.offer_state !== "on_offer";
  const date = deal.sale_date === null ? "" : ` on ${deal.sale_date}`;
  const found = [];
  if (sold && deal.is_asking_price_assumed) found.push(`Sold${date}`);
  else if (sold) found.push(`Sold for ${written("sale_price_usd", deal.sale_price_usd)}${date}`);
  else if (DATA.statusNames[deal.listing_status]) found.push(DATA.statusNames[deal.listing_status]);
  if (deal.days_on_market !== null && deal.offer_state !== "retrospective") found.push(`${deal.days_on_market} days`);
  if (deal.asking_price_cut_pct > 0) found.push(`cut ${written("asking_price_cut_pct", deal.asking_price_cut_pct)} since ${deal.first_seen_month}`);
  return found;
}

// Columns that show more than their figure.
const CELLS = {
  property: propertyCell,
  score_class: (deal) => {
    const chip = element("span", `chip ${deal.score_class}`, deal.score_class);
    if (!deal.needs_review) return [chip];
    const mark = element("small", "review", "to be reviewed");
    mark.title = deal.open_reviews;
    return [chip, mark];
  },
  asking_price_usd: (deal) => {
    const price = element("span", "", written("asking_price_usd", deal.asking_price_usd));
    if (deal.is_asking_price_assumed) {
      const star = element("abbr", "star", "*");
      star.title = "Assumed: a recorded sale price";
      price.append(star);
    }
    return [price, ...becameOfIt(deal).map((text) => element("small", "text", text))];
  },
  market_value_p50_usd: (deal) => {
    const value = element("span", "", written("market_value_p50_usd", deal.market_value_p50_usd));
    if (deal.market_value_p10_usd === null || deal.market_value_p90_usd === null) return [value];
    return [value, element("small", "", `${shortUsd(deal.market_value_p10_usd)} – ${shortUsd(deal.market_value_p90_usd)}`)];
  },
  likely_sale_p50_usd: (deal) => {
    const likely = element("span", "", written("likely_sale_p50_usd", deal.likely_sale_p50_usd));
    if (deal.likely_sale_p10_usd === null || deal.likely_sale_p90_usd === null) return [likely];
    return [likely, element("small", "", `${shortUsd(deal.likely_sale_p10_usd)} – ${shortUsd(deal.likely_sale_p90_usd)}`)];
  },
  gain_probability: (deal) => {
    // Of a home that was sold nothing is left to chance.
    if (deal.gain_probability === null || deal.offer_state === "retrospective") return [element("span", "", NONE)];
    const cases = deal.gain_cases === null ? [] : [element("small", "", `${written("gain_cases", deal.gain_cases)} cases`)];
    return [element("span", "", `${(100 * deal.gain_probability).toFixed(1)} of 100`), ...cases];
  },
};

// What earlier sales valued like this home said of the model; nothing where too few were judged.
function bandRecord(deal) {
  if (deal.value_band_sales === null || deal.value_band_median_ratio === null) return null;
  const ratio = written("value_band_median_ratio", deal.value_band_median_ratio);
  const inside = `${(100 * deal.value_band_coverage).toFixed(0)} of 100 prices in the range`;
  return `Values of this size: ${ratio} of the price in the median, ${inside}, ${written("value_band_sales", deal.value_band_sales)} sales`;
}

const MARKET_BASES = { zip: "ZIP", county: "county" };

// Whose sales a figure of the market rests on, or the month of a rate from outside.
function basis(kind, sales, month) {
  if (MARKET_BASES[kind]) return `${MARKET_BASES[kind]}, ${written("zip_offer_count", sales)} sales`;
  return `from outside, ${month}${kind === "outside_later" ? ", not before the month" : ""}`;
}

// The market as the month began, each figure with its basis; what is unknown is said to be.
function marketState(deal) {
  const supply = deal.zip_months_of_supply === null ? "supply unknown"
    : `supply ${written("zip_months_of_supply", deal.zip_months_of_supply)} months (ZIP, ${deal.zip_offer_count} on offer)`;
  const change = deal.market_appreciation_pct === null ? "change of prices in 12 months unknown"
    : `prices ${written("market_appreciation_pct", deal.market_appreciation_pct)} in 12 months (${basis(deal.market_appreciation_basis, deal.market_appreciation_sales, deal.market_appreciation_month)})`;
  const heat = deal.market_heat_pct === null ? "heat unknown"
    : `sold for ${written("market_heat_pct", deal.market_heat_pct)} of the ask (${basis(deal.market_heat_basis, deal.market_heat_sales)})`;
  return `Market before ${DATA.month}: ${supply}; ${change}; ${heat}`;
}

function reasonsCell(deal) {
  const cell = element("td", "reasons");
  if (deal.top_positive_reason) cell.append(element("small", "text pro", deal.top_positive_reason));
  if (deal.top_negative_reason) cell.append(element("small", "text con", deal.top_negative_reason));
  if (deal.class_limit) cell.append(element("small", "text con", deal.class_limit));
  const record = bandRecord(deal);
  if (record) cell.append(element("small", "text", record));
  cell.append(element("small", "text", marketState(deal)));
  if (deal.open_reviews) cell.append(element("small", "review", `To be reviewed: ${deal.open_reviews}`));
  if (deal.cleared_reviews) cell.append(element("small", "text", `Reviewed: ${deal.cleared_reviews}`));
  cell.setAttribute("role", "cell");
  return cell;
}

function dealRow(deal) {
  const row = element("tr", deal.link ? "linked" : "");
  row.setAttribute("role", "row");
  row.dataset.at = deal.at;
  for (const heading of HEADINGS) {
    const name = heading.dataset.name;
    const cell = element("td", KINDS[name] === "text" ? `c-${name}` : `num c-${name}`);
    cell.setAttribute("role", "cell");
    cell.dataset.label = heading.textContent;
    if (CELLS[name]) cell.append(...CELLS[name](deal));
    else cell.textContent = written(name, deal[name]);
    if (KINDS[name] === "pct" && deal[name] < 0) cell.classList.add("negative");
    row.append(cell);
  }
  row.append(reasonsCell(deal));
  return row;
}

function showRows(deals, page) {
  const first = page * PAGE_ROWS;
  const rows = deals.slice(first, first + PAGE_ROWS).map(dealRow);
  document.getElementById("rows").replaceChildren(...rows);
  const pages = Math.max(1, Math.ceil(deals.length / PAGE_ROWS));
  document.getElementById("page").textContent = `Page ${page + 1} of ${pages}`;
  document.getElementById("previous").disabled = page === 0;
  document.getElementById("next").disabled = page >= pages - 1;
  document.getElementById("nothing").hidden = deals.length > 0;
  document.querySelector("table").hidden = deals.length === 0;
  document.querySelector(".pages").hidden = pages === 1;
}
