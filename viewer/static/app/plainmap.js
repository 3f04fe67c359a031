// A map drawn from plain data: for the pages of a meeting and for the file that asks nobody. Nothing of the data is
// ever markup: words are written with textContent, shapes are numbers.
(() => {
  "use strict";

  const STEP = 1e-5;
  const SITES = "project_sites";

  function element(tag, className, text) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  function drawing(tag, attributes) {
    const made = L.SVG.create(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    return made;
  }

  function figure(value, decimals) {
    return value.toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  }

  // Sentences come as one text, as [Chinese, English] or as {zh, en}.
  function sayer(langOf) {
    return (told, fill) => {
      if (told === null || told === undefined) return "";
      const isEnglish = langOf() === "en";
      let text = told;
      if (Array.isArray(told)) text = told[isEnglish ? 1 : 0];
      else if (typeof told === "object") text = isEnglish ? told.en : told.zh;
      if (!fill) return text;
      return text.replace(/\{(\w+)\}/g, (whole, name) => (name in fill ? String(fill[name]) : whole));
    };
  }

  // Hatches --------------------------------------------------------------------------------------------------------

  function addHatches(hatches) {
    const holder = drawing("svg", { width: 0, height: 0, "aria-hidden": "true", focusable: "false", class: "patterns" });
    const kept = drawing("defs", {});
    for (const hatch of hatches) {
      const turn = hatch.kind === "falling" ? -45 : 45;
      const pattern = drawing("pattern", {
        id: hatch.id, width: 9, height: 9, patternUnits: "userSpaceOnUse", patternTransform: `rotate(${turn})`,
      });
      const ink = { stroke: hatch.edge, "stroke-width": 1.3, "stroke-opacity": 0.75 };
      pattern.append(
        drawing("rect", { width: 9, height: 9, fill: hatch.fill || "none", "fill-opacity": hatch.opacity }),
        drawing("line", { x1: 4.5, y1: 0, x2: 4.5, y2: 9, ...ink }),
      );
      if (hatch.kind === "cross") pattern.append(drawing("line", { x1: 0, y1: 4.5, x2: 9, y2: 4.5, ...ink }));
      kept.append(pattern);
    }
    holder.append(kept);
    document.body.append(holder);
  }

  function swatch(layer, kind) {
    const made = drawing("svg", { class: "swatch", width: 30, height: 18, viewBox: "0 0 30 18", "aria-hidden": "true", focusable: "false" });
    const paint = kind.paint;
    const stroke = { stroke: paint.color, "stroke-width": paint.weight, ...(paint.dashArray ? { "stroke-dasharray": paint.dashArray } : {}) };
    if (layer.dimension === 0) {
      made.append(drawing("circle", { cx: 15, cy: 9, r: (paint.radius || 4) + 1, fill: paint.fillColor || "none", "fill-opacity": paint.fillOpacity || 0, ...stroke }));
    } else if (layer.dimension === 1 || !paint.fill) {
      made.append(drawing("line", { x1: 1, y1: 9, x2: 29, y2: 9, ...stroke }));
    } else {
      made.append(drawing("rect", { x: 2, y: 2, width: 26, height: 14, fill: paint.fillColor || "none", "fill-opacity": paint.fillOpacity ?? 1, ...stroke }));
    }
    return made;
  }

  // Shapes ---------------------------------------------------------------------------------------------------------

  function run(steps) {
    const points = [];
    let x = 0;
    let y = 0;
    for (let at = 0; at < steps.length; at += 2) {
      x += steps[at];
      y += steps[at + 1];
      points.push([y * STEP, x * STEP]);
    }
    return points;
  }

  function isVagueSite(layer, parts) {
    return layer.role === SITES && parts.every(([kind]) => kind === 0);
  }

  function shapesOf(layer, parts, options, lineOptions) {
    const made = [];
    for (const [kind, held] of parts) {
      if (kind === 2) made.push(L.polygon(held.map((rings) => rings.map(run)), options));
      else if (kind === 1) made.push(L.polyline(held.map(run), { ...options, ...lineOptions }));
      else for (let at = 0; at < held.length; at += 2) made.push(L.circleMarker([held[at + 1] * STEP, held[at] * STEP], options));
    }
    return made;
  }

  // The map --------------------------------------------------------------------------------------------------------

  /* options: say, words, widen (how much thicker lines are), signPx, labelPx, onFeature(layer, row, at), onSign(group, at) */
  function plainMap(container, data, options) {
    const { say, words } = options;
    const widen = options.widen || 1;
    const signPx = options.signPx || 30;
    const isCalm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    const map = L.map(container, {
      zoomControl: false, attributionControl: false, zoomSnap: 0.25, maxZoom: 19, zoomAnimation: !isCalm, fadeAnimation: !isCalm,
      markerZoomAnimation: !isCalm, keyboard: options.keyboard !== false,
    });
    map.setView([0, 0], 2);
    const [west, south, east, north] = data.bounds || [73, 18, 135, 54];
    const whole = [[south, west], [north, east]];
    map.fitBounds(whole, { animate: false });
    map.getContainer().setAttribute("role", "region");
    map.getContainer().setAttribute("aria-label", say(words.map));
    L.control.zoom({ position: "topright", zoomInTitle: say(words.zoomIn), zoomOutTitle: say(words.zoomOut) }).addTo(map);
    for (const button of map.getContainer().querySelectorAll(".leaflet-control-zoom a")) button.setAttribute("aria-label", button.title);
    L.control.scale({ position: "bottomright", imperial: false, maxWidth: 160 }).addTo(map);
    L.control.attribution({ position: "bottomright", prefix: "Leaflet" }).addTo(map);
    addHatches(data.hatches);

    if (data.relief) {
      const [left, bottom, right, top] = data.relief.bounds;
      map.createPane("pane-relief").style.zIndex = 300;
      L.imageOverlay(data.relief.url, [[bottom, left], [top, right]], { pane: "pane-relief" }).addTo(map);
    }

    const layers = new Map(data.layers.map((layer) => [layer.name, layer]));
    const groups = new Map();
    const rowsOf = new Map(); // layer name -> shapes by row
    const shown = new Set();
    let asked = 0;
    let theme = ""; // role of the one layer whose answers signs and sites show; empty for the answer over all layers

    function paneOf(layer) {
      const name = `pane-${layer.name}`;
      if (!map.getPane(name)) map.createPane(name).style.zIndex = 400 + layer.order;
      return name;
    }

    function painted(layer, kind) {
      const paint = layer.classes[kind].paint;
      return { ...paint, weight: paint.weight * widen, radius: (paint.radius || 4) * (widen > 1 ? 1.4 : 1), pane: paneOf(layer) };
    }

    function build(layer) {
      if (layer.tiles) return L.tileLayer(layer.tiles, { pane: paneOf(layer), maxZoom: 19 });
      if (layer.image) return L.imageOverlay(layer.image.url, layer.image.bounds, { pane: paneOf(layer), className: "cells" });
      const shared = layer.canvas ? { renderer: L.canvas({ pane: paneOf(layer) }) } : {};
      const group = L.featureGroup();
      const rows = [];
      layer.shapes.forEach((parts, row) => {
        rows.push([]);
        if (isVagueSite(layer, parts)) return;
        const kind = layer.classOf[row];
        const line = layer.classes[kind].line;
        const lineOptions = { ...line, weight: (line.weight || layer.classes[kind].paint.weight) * widen };
        const made = shapesOf(layer, parts, { ...painted(layer, kind), ...shared, interactive: Boolean(options.onFeature) }, lineOptions);
        for (const shape of made) {
          if (options.onFeature) shape.on("click", (event) => options.onFeature(layer, row, event.latlng));
          rows[row].push(shape);
          group.addLayer(shape);
        }
      });
      rowsOf.set(layer.name, rows);
      return group;
    }

    async function groupOf(layer) {
      if (!groups.has(layer.name)) {
        groups.set(layer.name, (async () => {
          if (!layer.shapes && !layer.tiles && !layer.image) {
            const answer = await fetch(layer.url);
            if (!answer.ok) throw new Error(String(answer.status));
            Object.assign(layer, await answer.json());
          }
          return build(layer);
        })());
      }
      try {
        return await groups.get(layer.name);
      } catch (error) {
        groups.delete(layer.name);
        throw error;
      }
    }

    const defaults = () => data.layers.filter((layer) => layer.on && !layer.name.endsWith(".earlier")).map((layer) => layer.name);

    // Show these layers and no others; returns the layers shown, top first.
    async function setLayers(names) {
      const turn = ++asked;
      const wanted = new Set((names || defaults()).filter((name) => layers.has(name)));
      const failed = [];
      const ready = await Promise.all([...wanted].map(async (name) => {
        try {
          return [name, await groupOf(layers.get(name))];
        } catch {
          failed.push(name);
          return [name, null];
        }
      }));
      if (turn !== asked) return null;
      for (const name of [...shown]) {
        if (wanted.has(name)) continue;
        groups.get(name).then((group) => { if (!shown.has(name)) group.remove(); });
        shown.delete(name);
      }
      for (const [name, group] of ready) {
        if (!group) continue;
        shown.add(name);
        if (!map.hasLayer(group)) group.addTo(map);
      }
      paintSites();
      placeSigns();
      return { layers: data.layers.filter((layer) => shown.has(layer.name)), failed };
    }

    // The answer a site's sign shows, or null where the site was not held against the layer the step is about.
    function answerOf(sign) {
      if (!theme) return sign.answer;
      const place = data.themes.findIndex(([role]) => role === theme);
      const letter = place < 0 ? "-" : sign.to[place];
      return letter === "-" ? null : data.gravestFirst[Number(letter)];
    }

    const themedSigns = () => data.signs.map((sign) => ({ ...sign, answer: answerOf(sign) })).filter((sign) => sign.answer !== null);

    const AWAY = { color: "#6b7280", weight: 1, opacity: 0.6, fillColor: "#9ca3af", fillOpacity: 0.15 };

    // Sites are painted by the answer that their signs show; those without one are dimmed.
    function paintSites() {
      const layer = data.layers.find((one) => one.role === SITES);
      const rows = layer && rowsOf.get(layer.name);
      if (!rows || !layer.keys) return;
      const told = new Map(themedSigns().map((sign) => [sign.site, sign.answer]));
      rows.forEach((shapes, row) => {
        const { pane, radius, ...own } = painted(layer, layer.classOf[row]);
        const paint = theme ? layer.answerPaints[told.get(layer.keys[row])] || AWAY : own;
        for (const shape of shapes) {
          const isLine = !(shape instanceof L.Polygon) && !shape.getRadius;
          const weight = isLine ? layer.classes[layer.classOf[row]].line.weight * widen : theme ? paint.weight * widen : own.weight;
          shape.setStyle({ opacity: 1, ...paint, weight, ...(isLine ? { fill: false } : {}) });
        }
      });
    }

    // Show the answers to one layer alone, given by its role; empty for the answers over all layers.
    function about(role) {
      theme = role;
      paintSites();
      placeSigns();
    }

    // Two states of the map on either side of a line: the layers of each are cut off there ------------------------------

    let cut = null; // { before, after, share }, layers by name and how much of the width shows what was before
    const halved = new Set();

    function clip() {
      for (const name of halved) map.getPane(name).style.clip = "";
      halved.clear();
      if (!cut) return;
      const size = map.getSize();
      const [low, high] = [map.containerPointToLayerPoint([0, 0]), map.containerPointToLayerPoint(size)];
      const middle = low.x + size.x * cut.share;
      for (const [names, left, right] of [[cut.before, low.x, middle], [cut.after, middle, high.x]]) {
        const own = names.filter((one) => layers.has(one)).map((one) => layers.get(one));
        const panes = [...own.map(paneOf), ...(own.some((one) => one.role === SITES) ? ["markerPane"] : [])];
        for (const pane of panes) {
          map.getPane(pane).style.clip = `rect(${low.y}px, ${right}px, ${high.y}px, ${left}px)`;
          halved.add(pane);
        }
      }
    }
    map.on("move zoomend resize viewreset", clip);

    function divide(told) {
      cut = told;
      clip();
    }

    // Signs and labels -----------------------------------------------------------------------------------------------

    const signs = L.layerGroup().addTo(map);
    const labels = L.layerGroup().addTo(map);
    const labelPane = map.createPane("pane-labels");
    labelPane.style.zIndex = 590;
    labelPane.style.pointerEvents = "none";
    let chosen = null;
    let lit = "";

    function grouped() {
      const made = [];
      const rank = (sign) => (sign.id === lit ? -1 : data.gravestFirst.indexOf(sign.answer));
      const ordered = themedSigns().filter((sign) => !chosen || chosen.has(sign.id)).sort((a, b) => rank(a) - rank(b));
      for (const sign of ordered) {
        const at = map.latLngToLayerPoint(sign.at);
        const near = made.find((group) => group.at.distanceTo(at) < signPx);
        if (!near || (lit && near.members[0].id === lit && sign.id !== lit)) made.push({ at, members: [sign] });
        else if (!near.members.some((member) => member.site === sign.site)) near.members.push(sign);
      }
      return made;
    }

    function placeLabels(taken) {
      labels.clearLayers();
      const hasTowns = [...shown].some((name) => layers.get(name).role === "towns");
      if (!hasTowns) return;
      const em = options.labelPx || 15;
      const occupied = taken.map(({ x, y }) => ({ x, y, half: signPx * 0.55 }));
      for (const [name, lat, lon] of data.labels) {
        const at = map.latLngToLayerPoint([lat, lon]);
        const half = (name.length * em) / 2 + 4;
        const high = em * 1.45;
        const isFree = ([right, down]) => occupied.every((other) =>
          Math.abs(other.x - at.x - right) > half + other.half || Math.abs(other.y - at.y - down) > high);
        const beside = [[0, 0], [0, em * 1.5], [0, -em * 1.5], [half, 0], [-half, 0], [0, em * 3], [0, -em * 3]];
        const place = beside.find(isFree);
        if (!place) continue;
        occupied.push({ x: at.x + place[0], y: at.y + place[1], half });
        const text = element("span", "town-label", name);
        text.style.transform = `translate(-50%, -50%) translate(${place[0]}px, ${place[1]}px)`;
        const icon = L.divIcon({ html: text, className: "", iconSize: [0, 0] });
        L.marker([lat, lon], { icon, interactive: false, keyboard: false, pane: "pane-labels" }).addTo(labels);
      }
    }

    function placeSigns() {
      signs.clearLayers();
      const hasSites = [...shown].some((name) => layers.get(name).role === SITES);
      const made = hasSites ? grouped() : [];
      placeLabels(made.map((group) => group.at));
      for (const { members } of made) {
        const answer = members[0].answer;
        const badge = element("span", `site-sign answer-${answer}`, data.answers[answer].sign);
        if (members.every((sign) => sign.isVague)) badge.classList.add("vague");
        if (lit && members[0].id === lit) badge.classList.add("lit");
        if (members.length > 1) badge.append(element("span", "", String(members.length)));
        const icon = L.divIcon({ html: badge, className: "site-holder", iconSize: [members.length > 1 ? signPx * 1.5 : signPx, signPx] });
        const isButton = Boolean(options.onSign);
        const marker = L.marker(members[0].at, { icon, interactive: isButton, keyboard: isButton, riseOnHover: true, zIndexOffset: lit && members[0].id === lit ? 1000 : 0 });
        marker.on("add", () => {
          const text = `${members.length > 1 ? `${say(words.sites, { count: members.length })} · ` : ""}${members[0].name || members[0].site} · ${say(data.answers[answer].text)}`;
          if (isButton) marker.getElement().setAttribute("aria-label", text);
          else { marker.getElement().setAttribute("role", "img"); marker.getElement().setAttribute("aria-label", text); }
        });
        if (isButton) marker.on("click", () => options.onSign(members, marker.getLatLng()));
        marker.addTo(signs);
      }
    }

    map.on("zoomend", placeSigns);

    // Spotlight ------------------------------------------------------------------------------------------------------

    map.createPane("pane-dim").style.zIndex = 560;
    map.getPane("pane-dim").style.pointerEvents = "none";
    map.createPane("pane-lit").style.zIndex = 570;
    map.getPane("pane-lit").style.pointerEvents = "none";
    const light = L.layerGroup().addTo(map);

    function subjectBounds(id) {
      const held = L.latLngBounds([]);
      const sites = new Set();
      for (const sign of data.signs) {
        if (sign.id !== id && sign.site !== id) continue;
        held.extend(sign.at);
        sites.add(sign.site);
      }
      const layer = data.layers.find((one) => one.role === SITES);
      const rows = layer && rowsOf.get(layer.name);
      const own = [];
      if (rows && layer.keys) layer.keys.forEach((key, row) => { if (sites.has(key)) own.push(...rows[row]); });
      for (const shape of own) held.extend(shape.getBounds ? shape.getBounds() : shape.getLatLng());
      return { held, own };
    }

    function circle(center, radiusM) {
      const points = [];
      const flat = Math.cos((center.lat * Math.PI) / 180);
      for (let turn = 0; turn < 96; turn += 1) {
        const angle = (turn / 96) * 2 * Math.PI;
        points.push([center.lat + (radiusM / 110540) * Math.sin(angle), center.lng + (radiusM / (111320 * flat)) * Math.cos(angle)]);
      }
      return points;
    }

    // Dim everything but the ground around a project; tells whether there is anything to light.
    function spotlight(id) {
      light.clearLayers();
      lit = "";
      const { held, own } = id ? subjectBounds(id) : { held: L.latLngBounds([]), own: [] };
      if (!held.isValid()) {
        placeSigns();
        return !id;
      }
      lit = (data.signs.find((sign) => sign.id === id || sign.site === id) || {}).id || "";
      const center = held.getCenter();
      const across = map.distance(held.getSouthWest(), held.getNorthEast());
      const seen = map.distance(map.getBounds().getSouthWest(), map.getBounds().getNorthEast());
      const ring = circle(center, Math.max(across * 0.75, seen * 0.09));
      const far = [[-85, -360], [-85, 360], [85, 360], [85, -360]];
      L.polygon([far, ring], { pane: "pane-dim", stroke: false, fillColor: "#0b1418", fillOpacity: 0.62, interactive: false, noClip: false }).addTo(light);
      L.polygon(ring, { pane: "pane-lit", fill: false, color: "#facc15", weight: 4, interactive: false }).addTo(light);
      for (const shape of own) {
        if (shape.getLatLngs) {
          const again = shape instanceof L.Polygon ? L.polygon(shape.getLatLngs()) : L.polyline(shape.getLatLngs());
          again.setStyle({ fill: false, color: "#facc15", weight: 5, interactive: false });
          again.options.pane = "pane-lit";
          again.options.interactive = false;
          again.addTo(light);
        }
      }
      placeSigns();
      return true;
    }

    // The largest part of the ground a step is about that fits into the map.
    function look(bounds, { isCalmly = isCalm } = {}) {
      const to = bounds ? [[bounds[1], bounds[0]], [bounds[3], bounds[2]]] : whole;
      const size = map.getSize();
      if (!size.x || !size.y) return;
      if (isCalmly) map.fitBounds(to, { animate: false, padding: [12, 12] });
      else map.flyToBounds(to, { duration: 0.7, padding: [12, 12] });
    }

    function currentBounds() {
      const seen = map.getBounds();
      return [seen.getWest(), seen.getSouth(), seen.getEast(), seen.getNorth()].map((edge) => Number(edge.toFixed(5)));
    }

    function choose(ids) {
      chosen = ids;
      placeSigns();
    }

    function signLine(className, sign, label) {
      const line = element("li");
      const swatchOf = element("span", `sign-swatch ${className}`, sign);
      swatchOf.setAttribute("aria-hidden", "true");
      line.append(swatchOf, element("span", "", label));
      return line;
    }

    function legend(list, drawn, { most = Infinity } = {}) {
      list.replaceChildren();
      const told = new Set(); // two versions of a layer are painted alike: one line says both
      let count = 0;
      for (const layer of drawn) {
        if (layer.role === SITES) {
          const subject = theme ? data.themes.find(([role]) => role === theme) : null;
          const kinds = theme
            ? data.gravestFirst.filter((answer) => themedSigns().some((sign) => sign.answer === answer)).map((answer) => {
              const text = say(data.answers[answer].text);
              return [answer, subject ? say(words.siteTo, { layer: say(subject[1]), answer: text }) : say(words.siteHere, { answer: text })];
            })
            : layer.classes.map((kind) => [kind.values[0], say(kind.label)]);
          for (const [answer, label] of kinds) list.append(signLine(`answer-${answer}`, data.answers[answer].sign, label));
          if (themedSigns().some((sign) => sign.isVague)) list.append(signLine("vague", "?", say(words.vagueKey)));
          continue;
        }
        for (const kind of layer.classes) {
          if (count >= most) break;
          const name = layer.classes.length > 1 ? `${say(layer.title)} · ${say(kind.label)}` : say(layer.title);
          const same = `${name} ${JSON.stringify(kind.paint)}`;
          if (told.has(same)) continue;
          told.add(same);
          const line = element("li");
          line.append(swatch(layer, kind), element("span", "", name));
          list.append(line);
          count += 1;
        }
      }
    }

    return { map, layers, setLayers, about, signLine, divide, look, spotlight, currentBounds, choose, legend, placeSigns, shown, isCalm, swatch, defaults, subjectBounds };
  }

  window.ecogeoPlain = { plainMap, element, figure, sayer, swatch };
})();
