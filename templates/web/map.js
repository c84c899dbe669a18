"use strict";
// A map whose base needs no network: outlines of counties and states. Colours come from the style sheet by
// class, so that light and dark change with the page.

const MAP_TEXT = new Intl.NumberFormat("en-US");
const compactUsd = (n) => {
  if (n === null || n === undefined) return "–";
  return n >= 1e6 ? `$${(n / 1e6).toFixed(2)}M` : `$${Math.round(n / 1e3)}k`;
};

function makeMap(element) {
  const map = L.map(element, {
    zoomSnap: 0.5, maxZoom: 18, minZoom: 3, attributionControl: false, zoomControl: true, scrollWheelZoom: true,
  });
  const attribution = L.control.attribution({ prefix: false }).addTo(map);
  attribution.addAttribution("Outlines: US Census Bureau, us-atlas");
  L.control.scale({ metric: false }).addTo(map);
  if (element.dataset.tiles) {
    element.classList.add("has-tiles");
    // Leaflet takes it for markup.
    const credit = element.dataset.tilesBy.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
    L.tileLayer(element.dataset.tiles, { attribution: credit, maxZoom: 19 }).addTo(map);
  }
  map.setView([39.5, -98.35], 4);
  element.setAttribute("role", "region");
  element.setAttribute("aria-label", "Map. Arrow keys move it, plus and minus change its size.");
  drawOutlines(map, element);
  return map;
}

// The counties of the states that the tenant sees, and the outlines of all states.
async function drawOutlines(map, element) {
  const fips = (element.dataset.fips || "").split(",").filter(Boolean);
  const states = new Set(fips.map((each) => each.slice(0, 2)));
  let atlas;
  try {
    atlas = await (await fetch(element.dataset.atlas)).json();
  } catch {
    // Pins show without their ground.
    return;
  }
  const ground = map.createPane("ground");
  // Above tiles, below pins.
  ground.style.zIndex = 250;
  const all = topojson.feature(atlas, atlas.objects.states);
  L.geoJSON(all, { pane: "ground", interactive: false, style: { className: "state" } }).addTo(map);
  const counties = topojson.feature(atlas, atlas.objects.counties);
  counties.features = counties.features.filter((each) => states.has(String(each.id).slice(0, 2)));
  L.geoJSON(counties, {
    pane: "ground", interactive: false,
    style: (each) => ({ className: fips.includes(String(each.id)) ? "county own" : "county" }),
  }).addTo(map);
}

// Text of the data enters the page as text nodes only.
function bubble(lines) {
  const box = document.createElement("div");
  for (const [tag, text, href] of lines) {
    const made = document.createElement(tag);
    made.textContent = text;
    if (href) made.href = href;
    box.append(made);
  }
  return box;
}
