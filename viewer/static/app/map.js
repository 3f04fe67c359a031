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
      shape.bindPopup(() => (sign ? siteCard(sign) : featureCard(layer, record)), { maxWidth: 340, minWidth: 220 });
    });
  }

  function paintOf(layer) {
    return (feature) => {
      const kind = feature.properties.class;
      const isLine = feature.geometry.type.includes("Line");
      return isLine ? { ...layer.paints[kind], ...layer.linePaints[kind] } : layer.paints[kind];
    };
  }

  async function fetchLayer(layer) {
    const answer = await fetch(layer.url);
    if (!answer.ok) throw new Error(String(answer.status));
    const collection = await answer.json();
    const style = paintOf(layer);
    const shared = layer.canvas ? { renderer: L.canvas({ pane: layer.pane }) } : {};
    const group = L.geoJSON(collection, {
      pane: layer.pane,
      ...shared,
      style,
      pointToLayer: (feature, point) => L.circleMarker(point, { pane: layer.pane, ...shared, ...style(feature) }),
    });
    bindCards(group, layer, (feature) => feature.properties);
    return group;
  }

  const groups = new Map();
  for (const layer of data.layers) {
    const drawn = layer.variable && window[layer.variable];
    if (drawn && drawn.eachLayer) {
      bindCards(drawn, layer, (feature) => layer.records[feature.id]);
      groups.set(layer.role, drawn);
    } else if (layer.variable) {
      groups.set(layer.role, L.layerGroup().addTo(map));
    }
  }

  const status = document.getElementById("map-status");
  function tell(text) {
    if (status) status.textContent = text;
  }

  const labels = L.layerGroup();
  const signs = L.layerGroup();

  async function show(layer, box) {
    if (!groups.has(layer.role)) {
      tell(words.loading);
      try {
        groups.set(layer.role, await fetchLayer(layer));
        tell(`${words.loaded} · ${layer.title}`);
      } catch {
        box.checked = false;
        tell(words.failed);
        return;
      }
    }
    if (box.checked) toggle(layer.role, true);
  }

  function toggle(role, isOn) {
    const group = groups.get(role);
    const companions = { towns: labels, project_sites: signs };
    for (const shown of [group, companions[role]]) {
      if (!shown) continue;
      if (isOn) shown.addTo(map);
      else shown.remove();
    }
  }

  for (const box of document.querySelectorAll("input[data-layer]")) {
    const layer = data.layers.find((candidate) => candidate.role === box.dataset.layer);
    box.addEventListener("change", () => (box.checked ? show(layer, box) : toggle(layer.role, false)));
  }

  if (data.relief) {
    const [west, south, east, north] = data.relief.bounds;
    map.createPane("pane-relief").style.zIndex = 300;
    const relief = L.imageOverlay(data.relief.url, [[south, west], [north, east]], { pane: "pane-relief" }).addTo(map);
    const box = document.querySelector("input[data-relief]");
    if (box) box.addEventListener("change", () => (box.checked ? relief.addTo(map) : relief.remove()));
  }

  // Signs and labels -----------------------------------------------------------------------------------------------

  const labelPane = map.createPane("pane-labels");
  labelPane.style.zIndex = 590;
  labelPane.style.pointerEvents = "none";

  // A town's name gives way to the signs: it stands on its point or beside it, and waits for a closer look if there is
  // no room.
  function placeLabels(taken) {
    labels.clearLayers();
    const occupied = taken.map(({ x, y }) => ({ x, y, half: 16 }));
    for (const label of data.labels) {
      const at = map.latLngToLayerPoint(label.point);
      const halfWidth = label.name.length * 8;
      const isFree = ([right, down]) => occupied.every((other) =>
        Math.abs(other.x - at.x - right) > halfWidth + other.half || Math.abs(other.y - at.y - down) > 22);
      const beside = [[0, 0], [0, 23], [0, -23], [halfWidth, 0], [-halfWidth, 0], [0, 46], [0, -46]];
      const place = beside.find(isFree);
      if (!place) continue;
      occupied.push({ x: at.x + place[0], y: at.y + place[1], half: halfWidth });
      const text = element("span", "town-label", label.name);
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
    const byWeight = [...data.signs].sort(
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

  map.on("zoomend", placeSigns);
  placeSigns();
  if (groups.has("towns")) labels.addTo(map);
  signs.addTo(map);

  function openSite(id) {
    const wanted = data.signs.find((sign) => sign.id === id || sign.site === id);
    if (!wanted) return;
    map.setView(wanted.point, Math.max(map.getZoom(), 13), { animate: false });
    signs.eachLayer((marker) => {
      if (marker.getLatLng().equals(wanted.point)) marker.openPopup();
    });
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

  const asked = /^#site=(.+)$/.exec(window.location.hash);
  if (isWhole && asked) openSite(decodeURIComponent(asked[1]));
})();
