// What a search found: its surface and candidates on the map, the sheet of the one that is chosen, and ranks by other
// weights. Every word arrives as data and is written as text, never as markup.
(() => {
  "use strict";

  const block = document.getElementById("siting-data");
  if (!block) return;
  const data = JSON.parse(block.textContent);
  const words = data.words;
  const candidates = data.candidates || [];
  const isCalm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const shapes = new Map();
  const pins = new Map();
  let chosen = "";
  let map = null;

  // The sheet ----------------------------------------------------------------------------------------------------

  function choose(id, { goes = false } = {}) {
    chosen = id;
    for (const sheet of document.querySelectorAll(".sheet")) sheet.classList.toggle("is-shown", sheet.dataset.id === id);
    for (const row of document.querySelectorAll("#ranking tbody tr")) {
      const is = row.dataset.id === id;
      row.classList.toggle("is-chosen", is);
      const link = row.querySelector(".choose");
      if (is) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    const go = document.getElementById("go-sheet");
    if (go) {
      go.hidden = false;
      go.href = `#sheet-${id}`;
    }
    for (const [one, shape] of shapes) shape.setStyle(style(one === id));
    for (const [one, pin] of pins) {
      const element = pin.getElement();
      if (element) element.querySelector(".siting-pin").classList.toggle("is-chosen", one === id);
    }
    if (goes && map && shapes.has(id)) {
      map.fitBounds(shapes.get(id).getBounds().pad(1.5), { maxZoom: 15, animate: !isCalm });
    }
  }

  if (candidates.length) {
    document.documentElement.classList.add("js-sheets");
    for (const link of document.querySelectorAll("#ranking .choose")) {
      link.addEventListener("click", (event) => {
        event.preventDefault();
        const id = link.closest("tr").dataset.id;
        choose(id, { goes: true });
        history.replaceState(null, "", `#sheet-${id}`);
      });
    }
  }

  // Weights ------------------------------------------------------------------------------------------------------

  const form = document.getElementById("reweigh");
  const inputs = form ? [...form.querySelectorAll("input[type=number]")] : [];
  const status = document.getElementById("rank-status");

  function counted(text, count) {
    return text.replace("__n__", String(count));
  }

  function rerank() {
    const weights = inputs.map((input) => (input.disabled ? 0 : Number(input.value)));
    const isSound = weights.every((one) => Number.isFinite(one) && one >= 0 && one <= 1000);
    const total = weights.reduce((sum, one) => sum + one, 0);
    if (!isSound || !(total > 0)) {
      status.textContent = words.noWeight;
      return;
    }
    const scored = candidates.map((one, before) => {
      const score = one.parts.reduce((sum, part, at) => sum + (part || 0) * weights[at], 0) / total;
      return { id: one.id, before, score: Math.round(score * 1e9) / 1e9 };
    });
    scored.sort((a, b) => b.score - a.score || a.before - b.before);
    const body = document.querySelector("#ranking tbody");
    const rows = new Map([...body.rows].map((row) => [row.dataset.id, row]));
    scored.forEach((one, rank) => {
      const row = rows.get(one.id);
      const rose = one.before - rank;
      row.querySelector(".rank").textContent = String(rank + 1);
      row.querySelector(".score").textContent = one.score.toFixed(4);
      row.querySelector(".moved").textContent =
        rose > 0 ? `▲ ${counted(words.up, rose)}` : rose < 0 ? `▼ ${counted(words.down, -rose)}` : words.same;
      body.append(row);
      const sheet = document.getElementById(`sheet-${one.id}`);
      sheet.querySelector(".sheet-score").textContent = one.score.toFixed(4);
      const parts = candidates[one.before].parts;
      sheet.querySelectorAll(".score-parts tbody tr").forEach((line, at) => {
        const share = weights[at] / total;
        line.querySelector(".share").textContent = `${(share * 100).toFixed(1)}%`;
        line.querySelector(".contribution").textContent = ((parts[at] || 0) * share).toFixed(4);
      });
    });
    const again = document.getElementById("again-form");
    weights.forEach((weight, at) => {
      const field = again && again.elements[`weight-${at}`];
      if (field && !inputs[at].disabled) field.value = String(weight);
    });
    status.textContent = words.reranked;
  }

  if (form && candidates.length) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      rerank();
    });
    for (const input of inputs) input.addEventListener("input", rerank);
    const reset = document.getElementById("reset-weights");
    reset.hidden = false;
    reset.addEventListener("click", () => {
      for (const input of inputs) input.value = input.dataset.own;
      rerank();
    });
  }

  // The map ------------------------------------------------------------------------------------------------------

  function style(isChosen) {
    return isChosen
      ? { color: "#b91c1c", weight: 4, fillColor: "#b91c1c", fillOpacity: 0.25 }
      : { color: "#17212b", weight: 2.5, fillColor: "#ffffff", fillOpacity: 0.35 };
  }

  function pinned(id, place) {
    const text = document.createElement("span");
    text.className = "siting-pin";
    text.textContent = id;
    const icon = L.divIcon({ html: text, className: "", iconSize: [34, 26] });
    const pin = L.marker(place, { icon, keyboard: true, title: id, riseOnHover: true }).addTo(map);
    pin.getElement().setAttribute("aria-label", id);
    pin.on("click", () => choose(id));
    pin.on("keypress", ({ originalEvent }) => {
      if (originalEvent.key === "Enter") choose(id);
    });
    pins.set(id, pin);
  }

  function draw() {
    map = L.map("siting-map", { zoomControl: false, attributionControl: false, zoomSnap: 0.25, maxZoom: 19 });
    map.getContainer().setAttribute("role", "region");
    map.getContainer().setAttribute("aria-label", words.map);
    L.control.zoom({ position: "topright", zoomInTitle: words.zoomIn, zoomOutTitle: words.zoomOut }).addTo(map);
    L.control.scale({ position: "bottomright", imperial: false }).addTo(map);
    map.createPane("surface").style.zIndex = "350";
    map.createPane("ground").style.zIndex = "330";
    if (data.mode === "route") {
      const line = L.geoJSON(data.route, { interactive: false, style: { color: "#b91c1c", weight: 5 } }).addTo(map);
      map.fitBounds(line.getBounds().pad(0.3), { animate: false });
      return;
    }
    map.fitBounds(data.surface.bounds, { animate: false });
    const overlay = L.imageOverlay(data.surface.url, data.surface.bounds, { opacity: 0.7, pane: "surface", alt: "" }).addTo(map);
    const slider = document.getElementById("surface-opacity");
    slider.addEventListener("input", () => overlay.setOpacity(Number(slider.value) / 100));
    for (const one of candidates) {
      const shape = L.geoJSON(one.geometry, { style: style(false) }).addTo(map);
      shape.on("click", () => choose(one.id));
      shapes.set(one.id, shape);
      pinned(one.id, shape.getBounds().getCenter());
    }
  }

  async function lay() {
    const answer = await fetch(data.ground);
    if (!answer.ok) throw new Error(String(answer.status));
    const { layers, labels } = await answer.json();
    for (const layer of layers) {
      L.geoJSON(layer.shapes, {
        interactive: false,
        pane: "ground",
        style: ({ properties, geometry }) => {
          const kind = properties.class;
          return geometry.type.includes("Line") ? { ...layer.paints[kind], ...layer.linePaints[kind] } : layer.paints[kind];
        },
      }).addTo(map).bringToBack();
    }
    for (const label of labels) {
      const text = document.createElement("span");
      text.className = "town-label";
      text.textContent = label.name;
      text.style.transform = "translate(-50%, -50%)";
      const icon = L.divIcon({ html: text, className: "", iconSize: [0, 0] });
      L.marker(label.point, { icon, interactive: false, keyboard: false }).addTo(map);
    }
  }

  if (window.L) {
    draw();
    lay().catch(() => {
      if (status) status.textContent = words.failed;
    });
  }
  if (candidates.length) {
    const named = /^#sheet-(C\d+)$/.exec(location.hash);
    const first = document.querySelector("#ranking tbody tr").dataset.id;
    choose(named && shapes.has(named[1]) ? named[1] : first);
  }
})();
