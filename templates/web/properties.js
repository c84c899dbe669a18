"use strict";
// The list beside its map: a row and its pin show each other; empty fields stay out of the address.
{
  const element = document.getElementById("map");
  const said = document.getElementById("map-said");
  const here = document.getElementById("map-search");
  const form = document.getElementById("filters");
  const rows = new Map([...document.querySelectorAll("tr[data-id]")].map((row) => [row.dataset.id, row]));
  const pins = new Map();
  const map = makeMap(element);
  const layer = L.featureGroup().addTo(map);
  const asked = new URLSearchParams(element.dataset.query);
  let clustered = false;
  let drawn = 0;
  let moving = true;

  const light = (id, on) => {
    rows.get(id)?.classList.toggle("lit", on);
    const pin = pins.get(id);
    if (!pin) return;
    pin.getElement()?.classList.toggle("lit", on);
    pin.setRadius(on ? 10 : 6);
    if (on) pin.bringToFront();
  };

  const pinOf = (home, [longitude, latitude]) => {
    const pin = L.circleMarker([latitude, longitude], {
      radius: 6, className: `pin ${home.score_class ?? "none"}`, bubblingMouseEvents: false,
    });
    const address = `/properties/${home.property_id}?month=${home.month}`;
    const score = home.bird_dog_score === null ? "no score" : `score ${Math.round(home.bird_dog_score)}`;
    const lines = [
      ["a", home.street ?? "Address not known", address],
      ["span", `Ask ${compactUsd(home.asking_price_usd)}, value ${compactUsd(home.market_value_p50_usd)}, ${score}`],
    ];
    if (home.is_simulated) lines.push(["strong", "SIMULATED"]);
    pin.bindPopup(bubble(lines));
    pin.on("mouseover", () => light(home.property_id, true));
    pin.on("mouseout", () => light(home.property_id, false));
    pin.on("click", () => rows.get(home.property_id)?.scrollIntoView({ block: "center" }));
    pins.set(home.property_id, pin);
    return pin;
  };

  const clusterOf = (cell, [longitude, latitude], most) => {
    const size = 9 + 17 * Math.sqrt(cell.count / most);
    const circle = L.circleMarker([latitude, longitude], { radius: size, className: "cluster" });
    circle.bindTooltip(MAP_TEXT.format(cell.count), { permanent: true, direction: "center", className: "count" });
    circle.on("click", () => map.setView([latitude, longitude], map.getZoom() + 2));
    return circle;
  };

  const draw = (found, isFirst) => {
    layer.clearLayers();
    pins.clear();
    clustered = found.is_clustered;
    const most = Math.max(1, ...found.features.map((each) => each.properties.count ?? 1));
    for (const { geometry, properties } of found.features) {
      layer.addLayer((clustered ? clusterOf : pinOf)(properties, geometry.coordinates, most));
    }
    const placeless = found.without_place ? `; ${MAP_TEXT.format(found.without_place)} have no place` : "";
    said.textContent = clustered
      ? `${MAP_TEXT.format(found.total)} in groups: come nearer to see each${placeless}`
      : `${MAP_TEXT.format(found.total)} on the map${placeless}`;
    if (isFirst && found.features.length) map.fitBounds(layer.getBounds(), { padding: [24, 24], maxZoom: 11, animate: false });
  };

  // What is seen of the map, and of the part that was asked for.
  const seen = () => {
    const b = map.getBounds();
    const box = [b.getWest(), b.getSouth(), b.getEast(), b.getNorth()];
    if (asked.has("box")) {
      const own = asked.get("box").split(",").map(Number);
      for (const at of [0, 1]) box[at] = Math.max(box[at], own[at]);
      for (const at of [2, 3]) box[at] = Math.min(box[at], own[at]);
    }
    const within = [-180, -90, 180, 90];
    return box.map((each, at) => (at < 2 ? Math.max(each, within[at]) : Math.min(each, within[at])).toFixed(5));
  };

  const load = async (isFirst) => {
    const query = new URLSearchParams(asked);
    if (!isFirst) query.set("box", seen().join(","));
    const turn = ++drawn;
    try {
      const answer = await fetch(`/api/v1/map/properties?${query}`, { headers: { Accept: "application/json" } });
      if (turn !== drawn) return;
      if (!answer.ok) throw new Error(String(answer.status));
      moving = true;
      draw(await answer.json(), isFirst);
    } catch {
      said.textContent = "The pins could not be read. Reload the page to try again.";
    } finally {
      moving = false;
    }
  };

  let rest = 0;
  let everClustered = false;
  map.on("moveend", () => {
    if (moving) return;
    here.hidden = false;
    everClustered ||= clustered;
    if (!everClustered) return;
    clearTimeout(rest);
    rest = setTimeout(() => load(false), 250);
  });
  here.addEventListener("click", () => {
    const query = new URLSearchParams(asked);
    query.set("box", seen().join(","));
    location.assign(`/properties?${query}`);
  });

  for (const [id, row] of rows) {
    for (const [event, on] of [["mouseenter", true], ["mouseleave", false], ["focusin", true], ["focusout", false]]) {
      row.addEventListener(event, () => light(id, on));
    }
  }
  form.addEventListener("submit", () => {
    for (const field of form.elements) {
      if (field.name && (field.value === "" || (field.name === "sort" && field.value === "-bird_dog_score"))) {
        field.disabled = true;
      }
    }
  });
  // A browser that goes back fills the fields as they were left: they say what the address says.
  window.addEventListener("pageshow", () => {
    for (const field of form.elements) field.disabled = false;
    form.reset();
  });
  form.querySelector("select[name=sort]").addEventListener("change", () => form.requestSubmit());
  for (const box of form.querySelectorAll(".facet input")) {
    box.addEventListener("change", () => form.requestSubmit());
  }
  load(true);
}
