// Shows on a project's map where one finding lies. Geometry arrives as data in #piece-data; no word is markup.
(() => {
  "use strict";

  const block = document.getElementById("piece-data");
  const mapBlock = document.getElementById("map-data");
  if (!block || !mapBlock || !window.L) return;
  const { pieces, words } = JSON.parse(block.textContent);
  const map = window[JSON.parse(mapBlock.textContent).map];
  if (!map) return;
  const isCalm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const status = document.getElementById("piece-status");
  const buttons = [...document.querySelectorAll("button[data-piece]")];

  map.createPane("pane-piece").style.zIndex = 580;
  let drawn = null;

  // A white line below a dark one stands out on every ground; the points of a piece are rings.
  function draw(piece) {
    const casing = { color: "#ffffff", weight: 9, opacity: 0.95 };
    const line = { color: "#111827", weight: 4, dashArray: "2 7", lineCap: "round" };
    const layer = (style) => L.geoJSON(piece, {
      pane: "pane-piece", interactive: false, style: { ...style, fill: false },
      pointToLayer: (_feature, at) => L.circleMarker(at, { pane: "pane-piece", radius: 14, fill: false, ...style }),
    });
    return L.featureGroup([layer(casing), layer(line)]);
  }

  function show(button) {
    const isShown = button.getAttribute("aria-pressed") === "true";
    for (const other of buttons) other.setAttribute("aria-pressed", "false");
    if (drawn) drawn.remove();
    drawn = null;
    if (status) status.textContent = "";
    if (isShown) return;
    const piece = pieces[Number(button.dataset.piece)];
    if (!piece) return;
    drawn = draw(piece).addTo(map);
    button.setAttribute("aria-pressed", "true");
    map.fitBounds(drawn.getBounds().pad(0.4), { maxZoom: 16, animate: !isCalm });
    map.getContainer().scrollIntoView({ block: "center", behavior: isCalm ? "auto" : "smooth" });
    if (status) status.textContent = words.shown;
  }

  for (const button of buttons) {
    button.hidden = false;
    button.addEventListener("click", () => show(button));
  }
})();
