"use strict";
// One home: the reader's own assumptions in place, and its comparables on a map.
{
  fillPanel(DATA.deal);

  // Back to the list as it was left, filters and all.
  const back = document.getElementById("back");
  const from = document.referrer ? new URL(document.referrer) : null;
  if (from && from.origin === location.origin && from.pathname === "/properties") back.href = from.pathname + from.search;

  const element = document.getElementById("map");
  if (element) {
    const map = makeMap(element);
    const layer = L.featureGroup().addTo(map);
    const rows = new Map([...document.querySelectorAll("tr[data-rank]")].map((row) => [Number(row.dataset.rank), row]));
    for (const { rank, place, street, sold } of DATA.map.comparables) {
      const pin = L.circleMarker(place, { radius: 11, className: "pin comp" });
      pin.bindTooltip(String(rank), { permanent: true, direction: "center", className: "count" });
      pin.bindPopup(bubble([["strong", street], ["span", sold]]));
      const row = rows.get(rank);
      const light = (on) => {
        row?.classList.toggle("lit", on);
        pin.getElement()?.classList.toggle("lit", on);
      };
      for (const [event, on] of [["mouseover", true], ["mouseout", false]]) pin.on(event, () => light(on));
      for (const [event, on] of [["mouseenter", true], ["mouseleave", false]]) row?.addEventListener(event, () => light(on));
      layer.addLayer(pin);
    }
    if (DATA.map.subject) {
      const subject = L.circleMarker(DATA.map.subject, { radius: 9, className: "pin subject" });
      subject.bindPopup(bubble([["strong", "This home"]]));
      layer.addLayer(subject);
    }
    if (layer.getLayers().length) map.fitBounds(layer.getBounds(), { padding: [30, 30], maxZoom: 14, animate: false });
    else element.hidden = true;
  }
}
