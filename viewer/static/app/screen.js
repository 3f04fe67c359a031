// The counter's page: files dropped on it, and corners drawn on the map. The list of corners in the text field is the
// one truth: a click on the map writes into it, and what is typed there is drawn. Every word arrives as data.
(() => {
  "use strict";

  const block = document.getElementById("draw-data");
  const form = document.getElementById("counter-form");
  if (!block || !form) return;
  const { ground, most, words } = JSON.parse(block.textContent);
  const field = document.getElementById("counter-corners");
  const file = document.getElementById("counter-file");
  const DECIMALS = 7;

  function tell(id, text) {
    document.getElementById(id).textContent = text;
  }

  function filled(words, value) {
    return words.replace("__n__", String(value));
  }

  // Files --------------------------------------------------------------------------------------------------------

  const drop = document.getElementById("drop");
  function nameFiles() {
    const names = [...file.files].map((one) => one.name);
    const isTooLarge = [...file.files].reduce((sum, one) => sum + one.size, 0) > most;
    tell("drop-status", isTooLarge ? words.tooLarge : names.length ? words.chosen + names.join(words.comma) : "");
    file.setAttribute("aria-invalid", String(isTooLarge));
    drop.classList.toggle("has-files", names.length > 0);
    if (names.length) document.getElementById("counter-go").focus({ preventScroll: true });
  }
  file.addEventListener("change", nameFiles);
  for (const kind of ["dragenter", "dragover"]) {
    form.addEventListener(kind, (event) => {
      if (![...event.dataTransfer.types].includes("Files")) return;
      event.preventDefault();
      drop.classList.add("is-over");
    });
  }
  form.addEventListener("dragleave", (event) => {
    if (!form.contains(event.relatedTarget)) drop.classList.remove("is-over");
  });
  form.addEventListener("drop", (event) => {
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    drop.classList.remove("is-over");
    file.files = event.dataTransfer.files;
    nameFiles();
  });
  form.addEventListener("submit", () => {
    tell("go-status", words.busy);
    document.getElementById("counter-go").setAttribute("aria-busy", "true");
  });
  window.addEventListener("pageshow", () => {
    tell("go-status", "");
    document.getElementById("counter-go").removeAttribute("aria-busy");
  });

  // Corners ------------------------------------------------------------------------------------------------------

  // What the text field holds as degrees, [lat, lon] in runs parted by blank lines; null for what is no degrees.
  function typed() {
    const runs = [[]];
    for (const line of field.value.split(/\r?\n/)) {
      const found = line.trim().split(/[\s,，;；、|]+/).filter(Boolean);
      if (!found.length) {
        runs.push([]);
        continue;
      }
      const [a, b] = found.slice(-2).map(Number);
      if (found.length < 2 || found.length > 3 || !Number.isFinite(a) || !Number.isFinite(b)) return null;
      const [lon, lat] = Math.abs(b) > 90 ? [b, a] : [a, b];
      if (Math.abs(lon) > 180 || Math.abs(lat) > 90) return null;
      runs[runs.length - 1].push([lat, lon]);
    }
    return runs.filter((run) => run.length);
  }

  function write(runs) {
    field.value = runs.map((run) => run.map(([lat, lon]) => `${lon.toFixed(DECIMALS)}, ${lat.toFixed(DECIMALS)}`).join("\n"))
      .join("\n\n");
    draw();
  }

  if (!window.L) return;
  const map = L.map("draw-map", { zoomControl: false, attributionControl: false, zoomSnap: 0.25, maxZoom: 19 });
  map.setView([24.3, 109.3], 9);
  const drawn = L.featureGroup().addTo(map);
  const isCalm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const colour = { color: "#4c1d95", weight: 3, fillColor: "#7c3aed", fillOpacity: 0.3 };

  function handle(runs, run, at) {
    const icon = document.createElement("span");
    icon.className = "draw-corner";
    icon.textContent = String(at + 1);
    const marker = L.marker(runs[run][at], {
      icon: L.divIcon({ html: icon, className: "draw-holder", iconSize: [26, 26] }), draggable: true, autoPan: true,
    });
    marker.on("add", () => marker.getElement().setAttribute("aria-label", filled(words.corner, at + 1)));
    marker.on("dragend", () => {
      const { lat, lng } = marker.getLatLng();
      runs[run][at] = [lat, lng];
      write(runs);
    });
    // The arrow keys move a corner by a metre or so, with Shift by ten: what a mouse drags, keys can move.
    marker.on("keydown", ({ originalEvent: event }) => {
      const step = (event.shiftKey ? 10 : 1) * 0.00001;
      const move = { ArrowUp: [step, 0], ArrowDown: [-step, 0], ArrowLeft: [0, -step], ArrowRight: [0, step] }[event.key];
      if (event.key === "Delete") {
        event.preventDefault();
        runs[run].splice(at, 1);
        write(runs.filter((one) => one.length));
        return;
      }
      if (!move) return;
      event.preventDefault();
      event.stopPropagation();
      runs[run][at] = [runs[run][at][0] + move[0], runs[run][at][1] + move[1]];
      write(runs);
      focusCorner(run, at);
    });
    return marker;
  }

  const handles = new Map();
  function focusCorner(run, at) {
    const marker = handles.get(`${run}-${at}`);
    if (marker) marker.getElement().focus({ preventScroll: true });
  }

  function draw() {
    drawn.clearLayers();
    handles.clear();
    const runs = typed();
    if (runs === null) {
      tell("draw-status", field.value.trim() ? words.plane : "");
      return;
    }
    const count = runs.reduce((sum, run) => sum + run.length, 0);
    tell("draw-status", count ? filled(words.corners, count) : "");
    const shape = new FormData(form).get("shape");
    for (const [run, corners] of runs.entries()) {
      if (shape === "polygon" && corners.length > 2) drawn.addLayer(L.polygon(corners, { ...colour, interactive: false }));
      else if (shape !== "points" && corners.length > 1) drawn.addLayer(L.polyline(corners, { ...colour, interactive: false }));
      if (count > 500) continue;
      for (const at of corners.keys()) {
        const marker = handle(runs, run, at);
        handles.set(`${run}-${at}`, marker);
        drawn.addLayer(marker);
      }
    }
  }

  function add({ lat, lng }) {
    const runs = typed();
    if (runs === null) return;
    const isNew = !runs.length || /\n\s*\n\s*$/.test(field.value);
    if (isNew) runs.push([[lat, lng]]);
    else runs[runs.length - 1].push([lat, lng]);
    write(runs);
  }

  map.on("click", (event) => add(event.latlng));
  field.addEventListener("input", draw);
  field.addEventListener("change", () => {
    draw();
    if (drawn.getLayers().length) map.fitBounds(drawn.getBounds().pad(0.5), { maxZoom: 16, animate: !isCalm });
  });
  for (const choice of form.querySelectorAll("input[name=shape]")) choice.addEventListener("change", draw);
  document.querySelector(".draw-buttons").hidden = false;
  document.getElementById("draw-centre").addEventListener("click", () => add(map.getCenter()));
  document.getElementById("draw-undo").addEventListener("click", () => {
    const runs = typed();
    if (!runs || !runs.length) return;
    runs[runs.length - 1].pop();
    write(runs.filter((run) => run.length));
  });
  document.getElementById("draw-clear").addEventListener("click", () => {
    field.value = "";
    draw();
    field.focus();
  });

  // Ground -------------------------------------------------------------------------------------------------------

  map.getContainer().setAttribute("role", "region");
  map.getContainer().setAttribute("aria-label", words.map);
  L.control.zoom({ position: "topright", zoomInTitle: words.zoomIn, zoomOutTitle: words.zoomOut }).addTo(map);
  L.control.scale({ position: "bottomright", imperial: false }).addTo(map);

  // What a class looks like, as a line or a rectangle of its paint.
  function swatch(layer, kind) {
    const paint = layer.dimension === 1 ? { ...layer.paints[kind], ...layer.linePaints[kind] } : layer.paints[kind];
    const isArea = layer.dimension === 2 && paint.fill;
    const made = L.SVG.create("svg");
    const shape = L.SVG.create(isArea ? "rect" : "line");
    const place = isArea ? { x: 2, y: 2, width: 26, height: 14 } : { x1: 1, y1: 9, x2: 29, y2: 9 };
    const ink = { fill: isArea ? paint.fillColor || "none" : "none", "fill-opacity": paint.fillOpacity ?? 1, stroke: paint.color, "stroke-width": paint.weight };
    for (const [name, value] of Object.entries({ width: 30, height: 18, viewBox: "0 0 30 18", "aria-hidden": "true", focusable: "false" })) made.setAttribute(name, value);
    for (const [name, value] of Object.entries({ ...place, ...ink, ...(paint.dashArray ? { "stroke-dasharray": paint.dashArray } : {}) })) shape.setAttribute(name, value);
    made.append(shape);
    return made;
  }

  function legend(layers) {
    const box = document.getElementById("draw-legend");
    if (!box) return;
    const list = box.querySelector("ul");
    for (const layer of layers) {
      layer.classes.forEach((label, kind) => {
        const line = document.createElement("li");
        const name = document.createElement("span");
        name.textContent = layer.classes.length > 1 ? `${layer.title} · ${label}` : layer.title;
        line.append(swatch(layer, kind), name);
        list.append(line);
      });
    }
    box.hidden = !list.children.length;
  }

  async function lay() {
    const answer = await fetch(ground);
    if (!answer.ok) throw new Error(String(answer.status));
    const { layers, labels, box } = await answer.json();
    legend(layers);
    const [west, south, east, north] = box;
    if (drawn.getLayers().length) map.fitBounds(drawn.getBounds().pad(0.5), { maxZoom: 16, animate: false });
    else map.fitBounds([[south, west], [north, east]], { animate: false });
    for (const layer of layers) {
      L.geoJSON(layer.shapes, {
        interactive: false,
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

  draw();
  lay().catch(() => tell("draw-status", words.failed));
})();
