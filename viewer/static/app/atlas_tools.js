// Tools of the county map: towns by a figure, two versions side by side, measuring by the server, the graticule, and
// the online basemap where one was switched on.
(() => {
  "use strict";

  const core = window.ecogeoMap;
  const desk = window.ecogeoAtlas;
  if (!core || !desk) return;
  const { map, data, element, figure } = core;
  const { atlas, say, $, remember, extras, restorers } = desk;
  const { words, urls } = atlas;

  // Towns by a figure -----------------------------------------------------------------------------------------------

  const themeForm = $("theme-form");
  const themeKey = $("theme-key");
  let theme = null; // what the server answered
  let classified = 0;

  // The map's filters hold for figures too: other towns than the chosen one step back, projects are counted anew.
  const filters = $("filter-form");
  const chosenTown = () => (filters.elements.town ? filters.elements.town.value : "");
  const isChosen = (town) => ["", "-", town].includes(chosenTown());

  function paintTowns() {
    const layer = data.layers.find((one) => one.role === "towns");
    const group = layer && core.groups.get(layer.pane);
    if (!group || !group.eachLayer) return;
    group.eachLayer((shape) => {
      if (!shape.setStyle || !shape.feature) return;
      const record = core.recordOf(layer, shape);
      const town = theme && theme.towns[record.name];
      if (!theme) shape.setStyle({ fill: false, fillOpacity: 0 });
      else if (!isChosen(record.name)) shape.setStyle({ fill: true, fillColor: "#d5d9dc", fillOpacity: 0.75 });
      else if (town) shape.setStyle({ fill: true, fillColor: theme.classes[town.class].colour, fillOpacity: 0.8 });
      else shape.setStyle({ fill: true, fillColor: "#ffffff", fillOpacity: 0.55 });
    });
  }

  function keyOf() {
    themeKey.replaceChildren();
    themeKey.hidden = theme === null;
    if (!theme) return;
    themeKey.append(element("strong", "", `${theme.title}${theme.unit ? ` (${theme.unit})` : ""}`));
    const list = element("ul");
    for (const one of theme.classes) {
      const item = element("li");
      const box = element("span", "key-box");
      box.style.background = one.colour;
      item.append(box, element("span", "", one.label), element("span", "legend-count", String(one.count)));
      list.append(item);
    }
    const others = data.labels.filter((label) => !isChosen(label.name)).length;
    const missing = data.labels.filter((label) => isChosen(label.name) && !theme.towns[label.name]).length;
    for (const [count, text, look] of [[others, words.notChosen, "key-other"], [missing, words.noFigure, "key-none"]]) {
      if (!count) continue;
      const item = element("li");
      item.append(element("span", `key-box ${look}`), element("span", "", text), element("span", "legend-count", String(count)));
      list.append(item);
    }
    themeKey.append(list, element("p", "minor", `${words.source}: ${theme.source}`));
    const active = new FormData(filters);
    if (!theme.isFiltered && [...active].some(([name, value]) => value && name !== "town")) {
      themeKey.append(element("p", "minor", words.unfiltered));
    }
  }

  async function classify() {
    const problem = $("theme-problem");
    problem.hidden = true;
    const chosen = Object.fromEntries(new FormData(themeForm));
    $("theme-own").hidden = chosen.method !== "own";
    if (!chosen.figure) {
      theme = null;
    } else {
      if (chosen.method === "own" && !chosen.breaks.trim()) return;
      try {
        const mine = ++classified;
        const asked = new URLSearchParams({ ...Object.fromEntries(new FormData(filters)), ...chosen });
        const answer = await fetch(`${urls.choropleth}?${asked}`);
        const told = await answer.json();
        if (mine !== classified) return;
        if (!answer.ok) {
          problem.textContent = told.error;
          problem.hidden = false;
          return;
        }
        theme = told;
        const layer = data.layers.find((one) => one.role === "towns");
        if (layer && !core.isOn(layer)) await core.show(layer, true);
        core.tell(say(words.classed, { title: told.title }));
      } catch {
        problem.textContent = words.failed;
        problem.hidden = false;
        return;
      }
    }
    paintTowns();
    keyOf();
    remember();
  }

  if (themeForm) {
    themeForm.addEventListener("change", classify);
    themeForm.addEventListener("submit", (event) => { event.preventDefault(); classify(); });
    core.onToggle((layer, isOn) => { if (layer.role === "towns" && isOn) paintTowns(); });
    desk.whenFiltered(() => { if (themeForm.elements.figure.value) classify(); });
    extras.fig = () => themeForm.elements.figure.value;
    extras.figby = () => (themeForm.elements.figure.value ? ["method", "classes", "breaks"].map((name) => themeForm.elements[name].value).join("|") : "");
    restorers.figby = (text) => {
      const [method, classes, breaks] = text.split("|");
      themeForm.elements.method.value = method;
      themeForm.elements.classes.value = classes;
      themeForm.elements.breaks.value = breaks || "";
    };
    restorers.fig = async (text) => {
      themeForm.elements.figure.value = text;
      $("theme").open = true;
      await classify();
    };
  }

  // Two versions ----------------------------------------------------------------------------------------------------

  const compareBox = $("compare-layer");
  const swipe = $("swipe");
  const range = $("swipe-range");
  let pair = null;

  function clip() {
    if (!pair) return;
    const size = map.getSize();
    const share = Number(range.value) / 1000;
    const [northWest, southEast] = [map.containerPointToLayerPoint([0, 0]), map.containerPointToLayerPoint(size)];
    const middle = northWest.x + size.x * share;
    const cut = (left, right) => `rect(${northWest.y}px, ${right}px, ${southEast.y}px, ${left}px)`;
    map.getPane(core.paneOf(pair.earlier)).style.clip = cut(northWest.x, middle);
    map.getPane(core.paneOf(pair.now)).style.clip = cut(middle, southEast.x);
    $("swipe-line").style.left = `${share * 100}%`;
  }

  async function compare(role) {
    if (pair) {
      map.getPane(core.paneOf(pair.now)).style.clip = "";
      await core.show(pair.earlier, false);
    }
    pair = null;
    swipe.hidden = !role;
    const earlier = (data.earlier || []).find((layer) => layer.role === role);
    const now = data.layers.find((layer) => layer.role === role);
    if (earlier && now) {
      await Promise.all([core.show(now, true), core.show(earlier, true)]);
      map.getPane(core.paneOf(earlier)).style.zIndex = map.getPane(core.paneOf(now)).style.zIndex || "400";
      pair = { earlier, now };
      $("swipe-left").textContent = `${words.earlier} ${earlier.source}`;
      $("swipe-right").textContent = `${words.now} ${now.source}`;
      clip();
    }
    remember();
  }

  if (compareBox) {
    compareBox.addEventListener("change", () => compare(compareBox.value));
    range.addEventListener("input", () => { clip(); remember(); });
    map.on("move zoomend resize viewreset", clip);
    extras.swipe = () => (pair ? `${pair.now.role}:${range.value}` : "");
    restorers.swipe = async (text) => {
      const [role, value] = text.split(":");
      compareBox.value = role;
      range.value = value;
      $("compare").open = true;
      await compare(compareBox.value);
    };
  }

  // Measuring -------------------------------------------------------------------------------------------------------

  const buttons = { line: $("measure-line"), area: $("measure-area") };
  const panel = $("measured");
  const drawn = L.layerGroup().addTo(map);
  map.createPane("pane-measure").style.zIndex = 595;
  let kind = "";
  let points = [];
  let turn = 0;

  function sketch() {
    drawn.clearLayers();
    const at = points.map(([lon, lat]) => [lat, lon]);
    const style = { color: "#111827", weight: 3, pane: "pane-measure", interactive: false };
    const casing = { ...style, color: "#ffffff", weight: 7 };
    const make = (options) => (kind === "area" && at.length > 2 ? L.polygon(at, { ...options, fillOpacity: 0.12 }) : L.polyline(at, options));
    if (at.length > 1) drawn.addLayer(make(casing)).addLayer(make(style));
    for (const point of at) L.circleMarker(point, { ...style, radius: 4, fillColor: "#ffffff", fillOpacity: 1 }).addTo(drawn);
  }

  function lengthText(metres) {
    return metres < 10000 ? `${figure(metres, 2)} ${words.metres}` : `${figure(metres / 1000, 3)} ${words.kilometres}`;
  }

  function tellMeasured(told) {
    const facts = [];
    if (told.area_m2 === null) facts.push([words.length, lengthText(told.length_m)]);
    else {
      facts.push([words.area, `${figure(told.area_ha, 4)} ${words.hectares}`], ["", `${figure(told.area_mu, 4)} ${words.mu}`]);
      facts.push(["", `${figure(told.area_m2, 2)} m²`], [words.around, lengthText(told.length_m)]);
    }
    const clear = element("button", "quiet", words.clear);
    clear.type = "button";
    clear.addEventListener("click", stop);
    panel.replaceChildren(core.factList(facts), element("p", "minor", words.ellipsoid));
    if (told.note) panel.append(element("p", "problem", told.note));
    panel.append(clear);
    panel.hidden = false;
  }

  async function ask() {
    const mine = ++turn;
    if (points.length < (kind === "area" ? 3 : 2)) {
      panel.replaceChildren(element("p", "", words.addPoint));
      panel.hidden = false;
      return;
    }
    try {
      const answer = await fetch(urls.measure, {
        method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ kind, points }),
      });
      const told = await answer.json();
      if (mine !== turn) return;
      if (answer.ok) tellMeasured(told);
      else panel.replaceChildren(element("p", "problem", told.error));
    } catch {
      panel.replaceChildren(element("p", "problem", words.measureFailed));
    }
  }

  function add(latlng) {
    const where = latlng.wrap();
    points.push([Number(where.lng.toFixed(8)), Number(where.lat.toFixed(8))]);
    sketch();
    ask();
  }

  function start(wanted) {
    stop();
    kind = wanted;
    buttons[kind].setAttribute("aria-pressed", "true");
    map.getContainer().classList.add("measuring");
    map.doubleClickZoom.disable();
    map.closePopup();
    ask();
    map.getContainer().focus({ preventScroll: true });
  }

  function finish() {
    map.getContainer().classList.remove("measuring");
    map.doubleClickZoom.enable();
    for (const button of Object.values(buttons)) button.setAttribute("aria-pressed", "false");
    isDrawing = false;
  }

  let isDrawing = false;
  function stop() {
    turn += 1;
    kind = "";
    points = [];
    drawn.clearLayers();
    panel.hidden = true;
    finish();
  }

  for (const [name, button] of Object.entries(buttons)) {
    button.addEventListener("click", () => {
      if (kind === name && isDrawing) stop();
      else { start(name); isDrawing = true; }
    });
  }
  map.on("click", (event) => {
    if (!isDrawing) return;
    const last = points[points.length - 1];
    if (last && map.latLngToContainerPoint([last[1], last[0]]).distanceTo(event.containerPoint) < 3) return;
    add(event.latlng);
  });
  map.on("dblclick", () => isDrawing && finish());
  map.getContainer().addEventListener("keydown", (event) => {
    if (!isDrawing) return;
    if (event.key === " ") add(map.getCenter());
    else if (event.key === "Enter") finish();
    else if (event.key === "Escape") stop();
    else if (event.key === "Backspace") { points.pop(); sketch(); ask(); }
    else return;
    event.preventDefault();
  });

  // Graticule -------------------------------------------------------------------------------------------------------

  const STEPS_MIN = [600, 300, 120, 60, 30, 20, 10, 5, 2, 1, 0.5, 1 / 3, 1 / 6, 1 / 12];
  const net = L.layerGroup();
  const netPane = map.createPane("pane-graticule");
  netPane.style.zIndex = 398;
  netPane.style.pointerEvents = "none";
  const netBox = $("graticule");

  function degrees(value) {
    const seconds = Math.round(Math.abs(value) * 3600);
    const parts = [`${Math.floor(seconds / 3600)}°`];
    if (seconds % 3600) parts.push(`${String(Math.floor((seconds % 3600) / 60)).padStart(2, "0")}′`);
    if (seconds % 60) parts.push(`${String(seconds % 60).padStart(2, "0")}″`);
    return parts.join("");
  }

  function drawNet() {
    net.clearLayers();
    if (!netBox.checked) return;
    const bounds = map.getBounds();
    const width = (bounds.getEast() - bounds.getWest()) * 60;
    const step = (STEPS_MIN.find((minutes) => width / minutes >= 4) || STEPS_MIN[STEPS_MIN.length - 1]) / 60;
    const style = { color: "#4a5763", weight: 1, opacity: 0.7, interactive: false, pane: "pane-graticule" };
    const label = (point, text, className) => L.marker(point, {
      icon: L.divIcon({ html: element("span", `net-label ${className}`, text), className: "", iconSize: [0, 0] }),
      interactive: false, keyboard: false, pane: "pane-labels",
    }).addTo(net);
    const corner = map.containerPointToLatLng([0, map.getSize().y]);
    for (let at = Math.ceil(bounds.getWest() / step); at * step <= bounds.getEast(); at += 1) {
      const lon = at * step;
      L.polyline([[bounds.getSouth(), lon], [bounds.getNorth(), lon]], style).addTo(net);
      label([corner.lat, lon], `${degrees(lon)}${lon < 0 ? "W" : "E"}`, "net-lon");
    }
    for (let at = Math.ceil(bounds.getSouth() / step); at * step <= bounds.getNorth(); at += 1) {
      const lat = at * step;
      L.polyline([[lat, bounds.getWest()], [lat, bounds.getEast()]], style).addTo(net);
      label([lat, corner.lng], `${degrees(lat)}${lat < 0 ? "S" : "N"}`, "net-lat");
    }
  }
  netBox.addEventListener("change", () => {
    if (netBox.checked) net.addTo(map);
    else net.remove();
    drawNet();
    remember();
  });
  map.on("moveend resize", () => netBox.checked && drawNet());
  extras.g = () => (netBox.checked ? "1" : "");
  restorers.g = () => netBox.checked || netBox.click();

  // The online basemap ----------------------------------------------------------------------------------------------

  const baseBox = document.querySelector("input[data-basemap]");
  if (baseBox && atlas.basemap) {
    map.createPane("pane-basemap").style.zIndex = 250;
    const base = L.layerGroup(atlas.basemap.map((url) => L.tileLayer(url, { pane: "pane-basemap", maxZoom: 18, attribution: atlas.basemapCredit })));
    const off = () => {
      base.remove();
      baseBox.checked = false;
      core.tell(words.basemapFailed);
    };
    base.eachLayer((sheet) => sheet.on("tileerror", off));
    baseBox.addEventListener("change", () => (baseBox.checked ? base.addTo(map) : base.remove()));
  }

  desk.start();
})();
