"use strict";
// Pictures as SVG: scales, axes, and dots that can be pointed at. No chart knows the table.

const SVG = "http://www.w3.org/2000/svg";

function shape(tag, attributes, text) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

// A frame of one chart; `pad` keeps room for axis labels.
function frame(figure, label, pad) {
  const plot = figure.querySelector(".plot");
  const width = Math.max(plot.clientWidth, 240);
  const height = 230;
  const svg = shape("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": label });
  plot.replaceChildren(svg);
  return { svg, plot, left: pad.left, top: pad.top, right: width - pad.right, bottom: height - pad.bottom };
}

function scale(low, high, from, to) {
  const span = high - low || 1;
  return (value) => from + ((value - low) / span) * (to - from);
}

// Half the width of a letter of a tick's label, in the units of the picture.
const HALF_LETTER = 3.5;

// Four to eight round steps between two numbers.
function steps(low, high, wanted) {
  const raw = (high - low || 1) / wanted;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= raw);
  const found = [];
  for (let k = Math.ceil(low / step); k * step <= high + step * 1e-9; k += 1) found.push(k * step);
  return found;
}

// 1, 2, 5 times the powers of ten between two positive numbers, thinned where they would collide.
function logSteps(low, high) {
  const found = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power += 1) {
    for (const m of [1, 2, 5]) {
      const value = m * 10 ** power;
      if (value >= low && value <= high) found.push(value);
    }
  }
  return found.length > 6 ? found.filter((value) => /^1/.test(String(value))) : found;
}

// Ticks from low to high; a label that would touch the one before is left out.
function axisX(box, ticks, x, write) {
  let taken = -Infinity;
  for (const tick of ticks) {
    const at = x(tick);
    const text = write(tick);
    const half = text.length * HALF_LETTER;
    box.svg.append(shape("line", { class: "grid", x1: at, x2: at, y1: box.top, y2: box.bottom }));
    if (at - half < taken) continue;
    taken = at + half + 2 * HALF_LETTER;
    box.svg.append(shape("text", { class: "tick", x: at, y: box.bottom + 15, "text-anchor": "middle" }, text));
  }
}

function axisY(box, ticks, y, write) {
  for (const tick of ticks) {
    box.svg.append(
      shape("line", { class: "grid", x1: box.left, x2: box.right, y1: y(tick), y2: y(tick) }),
      shape("text", { class: "tick", x: box.left - 6, y: y(tick) + 4, "text-anchor": "end" }, write(tick)),
    );
  }
}

function emptyNote(box, text) {
  const middle = (box.left + box.right) / 2;
  box.svg.append(
    shape("text", { class: "tick", x: middle, y: (box.top + box.bottom) / 2, "text-anchor": "middle" }, text),
  );
}

// Dots of thousands of deals as one path a class: a line of no length with round ends is a dot.
function dots(box, deals, x, y) {
  const paths = Object.fromEntries(DATA.classes.map((name) => [name, ""]));
  const points = deals.map((deal) => {
    const point = { deal, px: x(deal), py: y(deal) };
    paths[deal.score_class] += `M${point.px.toFixed(1)} ${point.py.toFixed(1)}h0`;
    return point;
  });
  // The best last, on top of the others.
  for (const name of [...DATA.classes].reverse()) {
    if (paths[name]) box.svg.append(shape("path", { class: `dot ${name}`, d: paths[name] }));
  }
  return points;
}

// Shows what the nearest dot is, and hands the deal over on a click.
function pointable(box, points, choose) {
  const mark = shape("circle", { class: "mark", r: 7, visibility: "hidden" });
  const tip = element("div", "tip");
  tip.hidden = true;
  box.svg.append(mark);
  box.plot.append(tip);
  let found = null;
  const nearest = (event) => {
    const edge = box.svg.getBoundingClientRect();
    const px = event.clientX - edge.left;
    const py = event.clientY - edge.top;
    let best = 18 ** 2;
    found = null;
    for (const point of points) {
      const distance = (point.px - px) ** 2 + (point.py - py) ** 2;
      if (distance < best) {
        best = distance;
        found = point;
      }
    }
    mark.setAttribute("visibility", found ? "visible" : "hidden");
    tip.hidden = !found;
    if (!found) return;
    mark.setAttribute("cx", found.px);
    mark.setAttribute("cy", found.py);
    const deal = found.deal;
    tip.replaceChildren(
      element("strong", "", deal.property ?? deal.property_id),
      element("span", "", `Score ${written("bird_dog_score", deal.bird_dog_score)}, asking ${written("asking_price_usd", deal.asking_price_usd)}, value ${written("market_value_p50_usd", deal.market_value_p50_usd)}`),
    );
    const room = box.svg.clientWidth - tip.offsetWidth;
    tip.style.left = `${Math.max(0, Math.min(found.px - tip.offsetWidth / 2, room))}px`;
    tip.style.top = `${found.py > 90 ? found.py - tip.offsetHeight - 12 : found.py + 14}px`;
  };
  box.svg.addEventListener("pointermove", nearest);
  box.svg.addEventListener("pointerleave", () => {
    mark.setAttribute("visibility", "hidden");
    tip.hidden = true;
  });
  box.svg.addEventListener("click", (event) => {
    nearest(event);
    if (found) choose(found.deal);
  });
}
