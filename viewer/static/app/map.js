// The page's half of a map: switches, signs and popups. Folium has drawn the shapes; every word arrives as data in
// #map-data and is written with textContent, never as markup.
(() => {
  "use strict";

  const block = document.getElementById("map-data");
  if (!block || !window.L) return;
  const data = JSON.parse(block.textContent);
  const words = data.words;
  const map = window[data.map];
  const isWhole = data.projectUrl !== null;
  const isCalm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const SIGN_GAP_PX = 30;
  const VILLAGE_ZOOM = 13;
  const MOST_ELEMENTS = 2000;
  const home = { center: map.getCenter(), zoom: map.getZoom() };

  function element(tag, className, text) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  function factList(facts) {
    const list = element("dl");
    for (const [label, value] of facts) {
      list.append(element("dt", "", label), element("dd", "", value));
    }
    return list;
  }

  function figure(value, decimals) {
    return value.toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  }

  // Popups ---------------------------------------------------------------------------------------------------------

  function featureCard(layer, record) {
    const card = element("div", "card");
    card.append(element("strong", "card-title", record.name || record.key), element("span", "card-kind", layer.title));
    const facts = [[words.key, record.key], ...record.facts];
    if (layer.source) facts.push([words.source, layer.source]);
    card.append(factList(facts));
    return card;
  }

  function answerBadge(answer) {
    const badge = element("span", `answer answer-${answer}`);
    const sign = element("span", "sign", data.answers[answer].sign);
    sign.setAttribute("aria-hidden", "true");
    badge.append(sign, ` ${data.answers[answer].text}`);
    return badge;
  }

  function pageLink(sign, text) {
    const link = element("a", "card-link", text);
    link.href = data.projectUrl.replace("__id__", encodeURIComponent(sign.id));
    return link;
  }

  function accuracyOf(sign) {
    return sign.accuracy === null ? words.unknown : `±${figure(sign.accuracy, 0)}`;
  }

  function siteCard(sign) {
    const card = element("div", "card");
    card.append(element("strong", "card-title", sign.name || sign.site), answerBadge(sign.answer));
    const facts = [[words.key, sign.site]];
    if (sign.answer === "involved" && sign.overlapHa) facts.push([words.overlap, figure(sign.overlapHa, 4)]);
    facts.push([words.accuracy, accuracyOf(sign)]);
    card.append(factList(facts));
    for (const review of sign.reviews) card.append(element("p", "review", review));
    if (sign.needsGeometry) card.append(element("p", "tag", words.needsGeometry));
    if (sign.why) card.append(element("p", "minor", sign.why));
    if (sign.isVague) card.append(element("p", "minor", words.vague));
    if (isWhole) {
      const link = pageLink(sign, words.open);
      link.setAttribute("aria-label", `${words.open} ${sign.name || sign.site}`);
      card.append(link);
    }
    return card;
  }

  function shortCard(sign) {
    const card = element("div", "card");
    card.append(isWhole ? pageLink(sign, sign.name || sign.site) : element("strong", "card-title", sign.name || sign.site));
    const line = element("div");
    line.append(answerBadge(sign.answer), element("span", "card-kind", ` ${words.accuracy} ${accuracyOf(sign)}`));
    card.append(line, ...sign.reviews.map((review) => element("div", "review", review)));
    return card;
  }

  function groupCard(group) {
    if (group.length === 1) return siteCard(group[0]);
    const list = element("div");
    list.append(element("p", "card-count", `${group.length} ${words.sites}`), ...group.map(shortCard));
    return list;
  }

  let opener = null;
  map.on("popupopen", ({ popup }) => {
    opener = document.activeElement;
    const close = popup.getElement().querySelector(".leaflet-popup-close-button");
    if (close) close.setAttribute("aria-label", words.close);
    const content = popup.getElement().querySelector(".leaflet-popup-content");
    const link = content.querySelector("a");
    if (link) link.focus({ preventScroll: true });
  });
  map.getContainer().addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    map.closePopup();
    if (opener && opener.isConnected) opener.focus({ preventScroll: true });
  });

  // Layers ---------------------------------------------------------------------------------------------------------

  const signBySite = new Map(data.signs.map((sign) => [sign.site, sign]));

  function bindCards(group, layer, recordOf) {
    group.eachLayer((shape) => {
      const record = recordOf(shape.feature);
      const sign = layer.role === "project_sites" ? signBySite.get(record.key) : undefined;
      let at = null;
      shape.on("click", (event) => { at = event.latlng; });
      shape.bindPopup(() => {
        const card = sign ? siteCard(sign) : featureCard(layer, record);
        return at ? withTiled(card, at) : card;
      }, { maxWidth: 340, minWidth: 220 });
    });
  }

  // Layers the server draws are asked by place: what lies under a click is told below what the page knows itself.
  const layerByName = new Map([...data.layers, ...(data.earlier || [])].map((layer) => [layer.name, layer]));

  function tiledOn() {
    return [...layerByName.values()].filter((layer) => layer.tiles && groups.has(layer.pane) && map.hasLayer(groups.get(layer.pane)));
  }

  async function tiledAt(point) {
    const names = tiledOn().map((layer) => layer.name);
    if (!names.length) return [];
    const where = L.latLng(point).wrap();
    const asked = new URLSearchParams({ lon: where.lng, lat: where.lat, zoom: map.getZoom(), layers: names.join(",") });
    const answer = await fetch(`${data.identifyUrl}?${asked}`);
    if (!answer.ok) throw new Error(String(answer.status));
    return (await answer.json()).map((hit) => featureCard(layerByName.get(hit.layer), hit));
  }

  function withTiled(card, point) {
    if (!tiledOn().length) return card;
    const holder = element("div");
    holder.append(card);
    tiledAt(point).then((cards) => {
      if (!cards.length) return;
      holder.append(element("p", "card-kind", words.here), ...cards);
      map.eachLayer((layer) => { if (layer instanceof L.Popup && layer.isOpen()) layer._adjustPan(); });
    }).catch(() => tell(words.failed));
    return holder;
  }

  async function openTiled(point) {
    if (!tiledOn().length) return;
    try {
      const cards = await tiledAt(point);
      if (!cards.length) return;
      const holder = element("div");
      holder.append(...cards);
      L.popup({ maxWidth: 340, minWidth: 220 }).setLatLng(point).setContent(holder).openOn(map);
    } catch {
      tell(words.failed);
    }
  }

  map.on("click", (event) => openTiled(event.latlng));

  function paintOf(layer) {
    return (feature) => {
      const kind = feature.properties.class;
      const isLine = feature.geometry.type.includes("Line");
      return isLine ? { ...layer.paints[kind], ...layer.linePaints[kind] } : layer.paints[kind];
    };
  }

  // A pane for each layer is made by Folium; those of earlier versions, and of layers Folium knows nothing of, are made here.
  function paneOf(layer) {
    if (!map.getPane(layer.pane)) map.createPane(layer.pane).style.zIndex = layer.cells ? 399 : layer.z || 400;
    return layer.pane;
  }

  // A raster is one picture; what its colours mean is known once the server has drawn it.
  async function cellLayer(layer) {
    const answer = await fetch(layer.cells);
    const told = await answer.json();
    if (!answer.ok) throw new Error(told.error);
    const key = data.layers.includes(layer) && document.querySelector(`[data-cells="${CSS.escape(layer.role)}"]`);
    if (key) {
      for (const one of told.classes) {
        const line = element("li");
        const box = element("span", "cell-box");
        box.style.background = one.colour;
        line.append(box, element("span", "legend-title", one.label));
        key.append(line);
      }
      key.hidden = false;
      if (told.pixelM > 1.5 * told.cellM) {
        const note = document.querySelector(`[data-cells-note="${CSS.escape(layer.role)}"]`);
        note.textContent = words.coarse.replace("__pixel__", figure(told.pixelM, 0)).replace("__cell__", figure(told.cellM, 0));
        note.hidden = false;
      }
    }
    return L.imageOverlay(told.url, told.bounds, { pane: paneOf(layer), className: "cells" });
  }

  function tileLayer(layer) {
    return L.tileLayer(layer.tiles, { pane: paneOf(layer), maxZoom: 19, bounds: layer.bounds || undefined });
  }

  async function fetchLayer(layer) {
    if (layer.tiles) return tileLayer(layer);
    if (layer.cells) return cellLayer(layer);
    paneOf(layer);
    let collection = layer.features; // in a file that asks nobody they come with it
    if (!collection) {
      const answer = await fetch(layer.url);
      if (!answer.ok) throw new Error(String(answer.status));
      collection = await answer.json();
    }
    if (collection.picture) return L.imageOverlay(collection.picture, collection.bounds, { pane: layer.pane });
    if (collection.note) layer.note = collection.note;
    const style = paintOf(layer);
    const shared = layer.canvas || collection.features.length > MOST_ELEMENTS ? { renderer: L.canvas({ pane: layer.pane }) } : {};
    const group = L.geoJSON(collection, {
      pane: layer.pane,
      ...shared,
      style,
      pointToLayer: (feature, point) => L.circleMarker(point, { pane: layer.pane, ...shared, ...style(feature) }),
    });
    bindCards(group, layer, (feature) => feature.properties);
    return group;
  }

  const status = document.getElementById("map-status");
  function tell(text) {
    if (status) status.textContent = text;
  }

  const signOpened = []; // who wants to know which projects' sign was opened
  const groups = new Map(); // by pane
  for (const layer of data.layers) {
    const drawn = layer.variable && window[layer.variable];
    if (drawn && drawn.eachLayer) {
      bindCards(drawn, layer, (feature) => layer.records[feature.id]);
      groups.set(layer.pane, drawn);
    } else if (layer.variable) {
      groups.set(layer.pane, L.layerGroup().addTo(map));
    }
  }

  const labels = L.layerGroup();
  const signs = L.layerGroup();

  const wanted = new Set(); // panes that are to be seen
  const fetching = new Map();
  const heard = []; // who wants to know when layers were changed

  function recordOf(layer, shape) {
    return layer.variable ? layer.records[shape.feature.id] : shape.feature.properties;
  }

  function load(layer) {
    if (groups.has(layer.pane)) return Promise.resolve(groups.get(layer.pane));
    if (!fetching.has(layer.pane)) {
      tell(words.loading);
      fetching.set(layer.pane, fetchLayer(layer).then((group) => {
        groups.set(layer.pane, group);
        tell([words.loaded, layer.title, layer.note].filter(Boolean).join(" · "));
        return group;
      }).finally(() => fetching.delete(layer.pane)));
    }
    return fetching.get(layer.pane);
  }

  async function show(layer, isOn) {
    const box = document.querySelector(`input[data-layer="${CSS.escape(layer.role)}"]`);
    const isListed = data.layers.includes(layer);
    if (box && isListed) box.checked = isOn;
    if (isOn && box && box.closest("details")) box.closest("details").open = true;
    if (!isOn) {
      wanted.delete(layer.pane);
      toggle(layer, false);
      return;
    }
    wanted.add(layer.pane);
    try {
      await load(layer);
    } catch (error) {
      wanted.delete(layer.pane);
      if (box && isListed) box.checked = false;
      tell(layer.cells && error.message ? error.message : words.failed);
      return;
    }
    if (wanted.has(layer.pane)) toggle(layer, true);
  }

  function toggle(layer, isOn) {
    const companions = { towns: labels, project_sites: signs };
    const isListed = data.layers.includes(layer);
    for (const shown of [groups.get(layer.pane), isListed ? companions[layer.role] : null]) {
      if (!shown) continue;
      if (isOn) shown.addTo(map);
      else shown.remove();
    }
    for (const tellOf of heard) tellOf(layer, isOn);
  }

  for (const box of document.querySelectorAll("input[data-layer]")) {
    const layer = data.layers.find((candidate) => candidate.role === box.dataset.layer);
    box.addEventListener("change", () => show(layer, box.checked));
  }
  for (const layer of data.layers) {
    if (groups.has(layer.pane)) wanted.add(layer.pane);
    else if (layer.on && (layer.url || layer.tiles || layer.features)) show(layer, true);
  }

  if (data.relief) {
    const [west, south, east, north] = data.relief.bounds;
    map.createPane("pane-relief").style.zIndex = 300;
    const relief = L.imageOverlay(data.relief.url, [[south, west], [north, east]], { pane: "pane-relief" }).addTo(map);
    const box = document.querySelector("input[data-relief]");
    if (box) box.addEventListener("change", () => (box.checked ? relief.addTo(map) : relief.remove()));
  }

  // Signs and labels -----------------------------------------------------------------------------------------------

  let chosen = null; // numbers of the projects that are shown; null for all

  const labelPane = map.createPane("pane-labels");
  labelPane.style.zIndex = 590;
  labelPane.style.pointerEvents = "none";

  // A town's name gives way to the signs: it stands on its point or beside it, and waits for a closer look if there is
  // no room.
  function placeLabels(taken) {
    labels.clearLayers();
    const occupied = taken.map(({ x, y }) => ({ x, y, half: 16 }));
    const nearNames = map.getZoom() >= VILLAGE_ZOOM ? (data.places || []) : [];
    const inView = map.getBounds().pad(0.2);
    const names = [...data.labels, ...nearNames.filter((place) => inView.contains(place.point)).map((place) => ({ ...place, isMinor: true }))];
    for (const label of names) {
      const at = map.latLngToLayerPoint(label.point);
      const halfWidth = label.name.length * (label.isMinor ? 7 : 8);
      const isFree = ([right, down]) => occupied.every((other) =>
        Math.abs(other.x - at.x - right) > halfWidth + other.half || Math.abs(other.y - at.y - down) > 22);
      const beside = [[0, 0], [0, 23], [0, -23], [halfWidth, 0], [-halfWidth, 0], [0, 46], [0, -46]];
      const place = beside.find(isFree);
      if (!place) continue;
      occupied.push({ x: at.x + place[0], y: at.y + place[1], half: halfWidth });
      const text = element("span", label.isMinor ? "town-label village-label" : "town-label", label.name);
      text.style.transform = `translate(-50%, -50%) translate(${place[0]}px, ${place[1]}px)`;
      const icon = L.divIcon({ html: text, className: "", iconSize: [0, 0] });
      L.marker(label.point, { icon, interactive: false, keyboard: false, pane: "pane-labels" }).addTo(labels);
    }
  }

  const reach = L.layerGroup().addTo(map);
  map.createPane("pane-reach").style.zIndex = 395;

  // Where the sites of a group may lie: the widest reach, which holds the others as far as they share a point.
  function showReach(group) {
    reach.clearLayers();
    const placed = group.filter((sign) => sign.isPoint && sign.accuracy);
    if (!placed.length) return;
    const widest = placed.reduce((one, other) => (other.accuracy > one.accuracy ? other : one));
    const colour = data.answers[widest.answer].colour;
    L.circle(widest.point, {
      radius: widest.accuracy, color: colour, weight: 2, dashArray: "6 6", fillColor: colour, fillOpacity: 0.07,
      interactive: false, pane: "pane-reach",
    }).addTo(reach);
  }

  function signIcon(group) {
    const gravest = group[0].answer;
    const badge = element("span", `site-sign answer-${gravest}`);
    if (group.every((sign) => sign.isVague)) badge.classList.add("vague");
    badge.textContent = data.answers[gravest].sign;
    if (group.length > 1) badge.append(element("span", "", String(group.length)));
    return L.divIcon({ html: badge, className: "site-holder", iconSize: group.length > 1 ? [46, 30] : [30, 30] });
  }

  function signLabel(group) {
    const first = group[0];
    const text = data.answers[first.answer].text;
    return group.length > 1 ? `${group.length} ${words.sites} · ${text}` : `${first.name || first.site} · ${text}`;
  }

  // Signs that would lie on one another are shown as one, with their number and the gravest answer.
  function grouped() {
    const made = [];
    const byWeight = data.signs.filter((sign) => !chosen || chosen.has(sign.id)).sort(
      (a, b) => data.gravestFirst.indexOf(a.answer) - data.gravestFirst.indexOf(b.answer),
    );
    for (const sign of byWeight) {
      const at = map.latLngToLayerPoint(sign.point);
      const near = made.find((group) => group.at.distanceTo(at) < SIGN_GAP_PX);
      if (!near) made.push({ at, members: [sign] });
      else if (!near.members.some((member) => member.site === sign.site)) near.members.push(sign);
    }
    return made.map((group) => group.members);
  }

  function placeSigns() {
    signs.clearLayers();
    const placed = grouped();
    placeLabels(placed.map((group) => map.latLngToLayerPoint(group[0].point)));
    for (const group of placed) {
      const marker = L.marker(group[0].point, { icon: signIcon(group), riseOnHover: true });
      marker.bindPopup(() => groupCard(group), { maxWidth: 340, minWidth: 240 });
      marker.on("popupopen", () => { for (const call of signOpened) call(group.map((sign) => sign.id)); });
      marker.on("add", () => {
        const sign = marker.getElement();
        sign.setAttribute("aria-label", signLabel(group));
        if (!isWhole) return;
        sign.addEventListener("focus", () => showReach(group));
        sign.addEventListener("blur", () => marker.isPopupOpen() || reach.clearLayers());
      });
      if (isWhole) {
        marker.on("mouseover popupopen", () => showReach(group));
        marker.on("mouseout", () => marker.isPopupOpen() || reach.clearLayers());
        marker.on("popupclose", () => reach.clearLayers());
      }
      marker.addTo(signs);
    }
  }

  // A popup that moves the map into view must not be closed by signs placed anew.
  let isPopupMove = false;
  map.on("popupopen", () => { isPopupMove = true; });
  map.on("popupclose", () => { isPopupMove = false; });

  // Show the projects of some numbers only: their signs and their ground.
  const hiddenShapes = new Set();
  function choose(ids) {
    chosen = ids;
    const layer = data.layers.find((one) => one.role === "project_sites");
    const group = layer && groups.get(layer.pane);
    if (group && group.eachLayer && !layer.tiles) {
      for (const shape of hiddenShapes) group.addLayer(shape);
      hiddenShapes.clear();
      if (ids) {
        group.eachLayer((shape) => {
          const sign = signBySite.get(recordOf(layer, shape).key);
          if (sign && !ids.has(sign.id)) hiddenShapes.add(shape);
        });
        for (const shape of hiddenShapes) group.removeLayer(shape);
      }
    }
    map.closePopup();
    placeSigns();
  }

  map.on("zoomend", placeSigns);
  if (data.places && data.places.length) map.on("moveend", () => map.getZoom() >= VILLAGE_ZOOM && !isPopupMove && placeSigns());
  placeSigns();
  if (data.layers.some((layer) => layer.role === "towns" && (groups.has(layer.pane) || layer.on))) labels.addTo(map);
  signs.addTo(map);

  function openSite(id) {
    const sought = data.signs.find((sign) => sign.id === id || sign.site === id);
    if (!sought) return false;
    map.setView(sought.point, Math.max(map.getZoom(), 13), { animate: false });
    const near = map.latLngToLayerPoint(sought.point);
    let best = null;
    signs.eachLayer((marker) => {
      const off = map.latLngToLayerPoint(marker.getLatLng()).distanceTo(near);
      if (off < SIGN_GAP_PX && (!best || off < best.off)) best = { off, marker };
    });
    if (best) best.marker.openPopup();
    return best !== null;
  }

  // Open a feature found by a search or a link: its layer is switched on first.
  async function openFeature(name, key, point) {
    const layer = layerByName.get(name);
    if (!layer) return;
    await show(layer, true);
    map.setView(point, Math.max(map.getZoom(), layer.tiles ? 15 : 13), { animate: false });
    if (layer.tiles) {
      await openTiled(L.latLng(point));
      return;
    }
    const group = groups.get(layer.pane);
    if (!group || !group.eachLayer) return;
    let found = null;
    group.eachLayer((shape) => {
      if (shape.feature && recordOf(layer, shape).key === key) found = shape;
    });
    if (found) found.openPopup(L.latLng(point));
  }

  // Controls -------------------------------------------------------------------------------------------------------

  map.getContainer().setAttribute("role", "region");
  map.getContainer().setAttribute("aria-label", words.map);
  L.control.zoom({ position: "topright", zoomInTitle: words.zoomIn, zoomOutTitle: words.zoomOut }).addTo(map);
  L.control.scale({ position: "bottomright", imperial: false }).addTo(map);
  L.control.attribution({ position: "bottomright", prefix: "Leaflet" }).addTo(map);

  const Whole = L.Control.extend({
    onAdd() {
      const bar = element("div", "leaflet-bar");
      const button = element("a", "", "⌂");
      button.href = "#";
      button.title = words.whole;
      button.setAttribute("role", "button");
      button.setAttribute("aria-label", words.whole);
      L.DomEvent.disableClickPropagation(bar);
      L.DomEvent.on(button, "click", (event) => {
        L.DomEvent.preventDefault(event);
        map.setView(home.center, home.zoom, { animate: !isCalm });
      });
      bar.append(button);
      return bar;
    },
  });
  new Whole({ position: "topright" }).addTo(map);

  const asked = /^#site=([^&]+)$/.exec(window.location.hash);
  if (isWhole && asked) openSite(decodeURIComponent(asked[1]));

  window.ecogeoMap = {
    map, data, home, isCalm, element, figure, factList, groups, layerByName, show, load, choose, openSite, openFeature,
    recordOf, paneOf, placeSigns, tell, isOn: (layer) => wanted.has(layer.pane), onToggle: (call) => heard.push(call),
    whenSignOpens: (call) => signOpened.push(call),
  };
})();
