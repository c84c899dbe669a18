"use strict";
// The four pictures of the board, drawn anew from the deals that the filters leave.

const MILES_A_DEGREE = 69.05;

function drawHistogram(figure, deals) {
  const bins = Array.from({ length: 20 }, () => Object.fromEntries(DATA.classes.map((name) => [name, 0])));
  for (const deal of deals) bins[Math.min(19, Math.floor(deal.bird_dog_score / 5))][deal.score_class] += 1;
  const totals = bins.map((bin) => Object.values(bin).reduce((sum, n) => sum + n, 0));
  const most = Math.max(...totals, 4) * 1.06;
  const box = frame(figure, `Histogram of the scores of ${deals.length} deals`, { left: 40, top: 10, right: 16, bottom: 24 });
  const x = scale(0, 100, box.left, box.right);
  const y = scale(0, most, box.bottom, box.top);
  axisY(box, steps(0, most, 4), y, (n) => n.toLocaleString("en-US"));
  axisX(box, [0, 20, 40, 60, 80, 100], x, String);
  bins.forEach((bin, k) => {
    let base = 0;
    for (const name of [...DATA.classes].reverse()) {
      if (!bin[name]) continue;
      const bar = shape("rect", {
        class: `fill ${name}`, x: x(k * 5) + 1, width: x(5) - x(0) - 2,
        y: y(base + bin[name]), height: y(base) - y(base + bin[name]),
      });
      bar.append(shape("title", {}, `${k * 5} to ${k * 5 + 5}: ${totals[k]} deals, ${bin[name]} ${name}`));
      box.svg.append(bar);
      base += bin[name];
    }
  });
}

function drawScatter(figure, deals, choose) {
  const known = deals.filter((deal) => deal.asking_price_usd > 0 && deal.market_value_p50_usd > 0);
  const box = frame(figure, `Asking price against value of ${known.length} deals`, { left: 50, top: 10, right: 14, bottom: 38 });
  if (!known.length) return emptyNote(box, "No deal with price and value");
  const all = known.flatMap((deal) => [deal.asking_price_usd, deal.market_value_p50_usd]);
  const low = all.reduce((a, b) => Math.min(a, b)) * 0.9;
  const high = all.reduce((a, b) => Math.max(a, b)) * 1.1;
  const across = scale(Math.log(low), Math.log(high), box.left, box.right);
  const up = scale(Math.log(low), Math.log(high), box.bottom, box.top);
  const x = (value) => across(Math.log(value));
  const y = (value) => up(Math.log(value));
  axisX(box, logSteps(low, high), x, shortUsd);
  axisY(box, logSteps(low, high), y, shortUsd);
  box.svg.append(
    shape("line", { class: "even", x1: x(low), y1: y(low), x2: x(high), y2: y(high) }),
    shape("text", { class: "tick", x: box.right, y: box.bottom + 31, "text-anchor": "end" }, "asking price"),
    shape("text", { class: "tick", x: box.left + 4, y: box.top + 8 }, "value"),
  );
  pointable(box, dots(box, known, (d) => x(d.asking_price_usd), (d) => y(d.market_value_p50_usd)), choose);
}

function drawMap(figure, deals, everywhere, choose) {
  const known = deals.filter((deal) => deal.latitude !== null && deal.longitude !== null);
  const all = everywhere.filter((deal) => deal.latitude !== null && deal.longitude !== null);
  const box = frame(figure, `Map of ${known.length} deals`, { left: 10, top: 10, right: 10, bottom: 24 });
  if (!all.length) return emptyNote(box, "No deal with coordinates");
  // The frame stays where it is while filters change: a map that jumps cannot be compared.
  const bounds = (name) => all.reduce(
    ([low, high], deal) => [Math.min(low, deal[name]), Math.max(high, deal[name])], [Infinity, -Infinity]);
  const [south, north] = bounds("latitude");
  const [west, east] = bounds("longitude");
  const shrink = Math.cos((((south + north) / 2) * Math.PI) / 180);
  const unit = Math.min(
    (box.right - box.left) / ((east - west) * shrink || 0.01), (box.bottom - box.top) / (north - south || 0.01));
  const middle = { x: (box.left + box.right) / 2, y: (box.top + box.bottom) / 2 };
  const x = (deal) => middle.x + (deal.longitude - (west + east) / 2) * shrink * unit;
  const y = (deal) => middle.y - (deal.latitude - (south + north) / 2) * unit;
  box.svg.append(shape("path", { class: "ground", d: all.map((d) => `M${x(d).toFixed(1)} ${y(d).toFixed(1)}h0`).join("") }));
  const mile = unit / MILES_A_DEGREE;
  const miles = [50, 20, 10, 5, 2, 1, 0.5, 0.2, 0.1].find((n) => n * mile <= 90) ?? 0.1;
  const [start, line] = [box.left, box.bottom + 14];
  box.svg.append(
    shape("path", { class: "bar-line", d: `M${start} ${line - 4}v4h${miles * mile}v-4` }),
    shape("text", { class: "tick", x: start + miles * mile + 6, y: line + 2 }, `${miles} ${miles === 1 ? "mile" : "miles"}`),
  );
  pointable(box, dots(box, known, x, y), choose);
}

function drawTrend(figure, zip) {
  const series = [["county", DATA.trends.ALL], [zip, zip ? DATA.trends[zip] : undefined]]
    .filter(([, points]) => points && points.some(([, price]) => price !== null));
  const label = series.map(([name]) => (name === "county" ? "county" : `ZIP ${name}`)).join(" and ");
  const box = frame(figure, `Median price per square foot by month: ${label}`, { left: 50, top: 22, right: 22, bottom: 24 });
  if (!series.length) return emptyNote(box, "No sales reported");
  const months = DATA.trends.ALL.map(([month]) => month);
  const prices = series.flatMap(([, points]) => points.map(([, price]) => price)).filter((price) => price !== null);
  const [low, high] = [Math.min(...prices) * 0.95, Math.max(...prices) * 1.05];
  const x = scale(0, Math.max(1, months.length - 1), box.left + 8, box.right - 8);
  const y = scale(low, high, box.bottom, box.top);
  axisY(box, steps(low, high, 4), y, (n) => "$" + +n.toFixed(2));
  const every = Math.ceil(months.length / Math.max(2, Math.floor((box.right - box.left) / 62)));
  axisX(box, months.map((_, k) => k).filter((k) => (months.length - 1 - k) % every === 0), x, (k) => months[k]);
  series.forEach(([name, points], order) => {
    const known = points.filter(([, price]) => price !== null);
    const d = known.map(([month, price], k) => `${k ? "L" : "M"}${x(months.indexOf(month)).toFixed(1)} ${y(price).toFixed(1)}`);
    box.svg.append(shape("path", { class: `line line-${order}`, d: d.join("") }));
    for (const [month, price, sales] of known) {
      const spot = shape("circle", { class: `spot line-${order}`, cx: x(months.indexOf(month)), cy: y(price), r: 3.5 });
      spot.append(shape("title", {}, `${month}: $${price.toFixed(1)} per sq ft, ${sales} sales`));
      box.svg.append(spot);
    }
    const at = box.left + 8 + order * 90;
    box.svg.append(shape("text", { class: `legend line-${order}`, x: at, y: 13 }, name === "county" ? "County" : `ZIP ${name}`));
  });
}
