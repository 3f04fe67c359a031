// The county map as a desk tool: search, filters, the table linked both ways, order and opacity of layers, and a link
// that holds the view. Every word arrives as data and is written with textContent.
(() => {
  "use strict";

  const core = window.ecogeoMap;
  const block = document.getElementById("atlas-data");
  if (!core || !block) return;
  const atlas = JSON.parse(block.textContent);
  const { map, data, element, figure } = core;
  const { words, projects, urls } = atlas;
  const byId = new Map(projects.map((project) => [project.id, project]));
  const say = (text, values) => text.replace(/%\((\w+)\)s/g, (_whole, name) => String(values[name]));
  const $ = (id) => document.getElementById(id);

  // Filters: map, table and figures together ------------------------------------------------------------------------

  const form = $("filter-form");
  const rows = [...document.querySelectorAll("tr[data-project]")];
  const FILTERS = ["town", "department", "system", "year", "answer", "verdict"].filter((name) => form.elements[name]);

  const filteredCalls = []; // who wants to know when the filters were changed

  function fits(project, name, value) {
    if (name !== "year") return project[name].includes(value);
    const [start, end] = project.years;
    return start !== null && start <= Number(value) && Number(value) <= end;
  }

  function applyFilters() {
    const active = FILTERS.filter((name) => form.elements[name].value);
    const kept = projects.filter((project) => active.every((name) => fits(project, name, form.elements[name].value)));
    const ids = active.length ? new Set(kept.map((project) => project.id)) : null;
    core.choose(ids);
    for (const row of rows) row.hidden = ids !== null && !ids.has(row.dataset.project);
    for (const box of document.querySelectorAll("[data-tally]")) {
      box.textContent = String(kept.filter((project) => project.answer[0] === box.dataset.tally).length);
    }
    const sum = (name) => kept.reduce((total, project) => total + (project[name] || 0), 0);
    if (active.length) {
      $("figures").textContent = say(words.figures, {
        count: kept.length, total: projects.length, invest: figure(sum("invest"), 2), overlap: figure(sum("overlap"), 4),
      });
    } else {
      $("figures").replaceChildren(...figuresAtFirst.map((node) => node.cloneNode(true)));
    }
    const tag = $("filter-count");
    tag.hidden = !active.length;
    tag.textContent = say(words.filtered, { count: active.length });
    for (const call of filteredCalls) call();
    remember();
  }

  const figuresAtFirst = [...$("figures").childNodes].map((node) => node.cloneNode(true));
  form.addEventListener("change", applyFilters);
  form.addEventListener("reset", () => setTimeout(applyFilters));
  form.addEventListener("submit", (event) => event.preventDefault());

  // The table -------------------------------------------------------------------------------------------------------

  const drawer = $("table-drawer");
  const drawerButton = $("table-toggle");

  function openDrawer(isOpen) {
    drawer.hidden = !isOpen;
    drawerButton.setAttribute("aria-expanded", String(isOpen));
    map.invalidateSize({ animate: false });
    remember();
  }
  drawerButton.addEventListener("click", () => openDrawer(drawer.hidden));

  function mark(ids) {
    for (const row of rows) row.classList.toggle("marked", ids.includes(row.dataset.project));
    const first = rows.find((row) => ids.includes(row.dataset.project) && !row.hidden);
    if (!first || drawer.hidden) return;
    const holder = drawer.querySelector(".drawer-scroll");
    const head = holder.querySelector("thead").offsetHeight;
    holder.scrollTop = first.offsetTop - head;
  }
  core.whenSignOpens((ids) => { mark(ids); selected = ids[0]; remember(); });
  map.on("popupclose", () => { selected = ""; mark([]); remember(); });

  let selected = "";
  drawer.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-show]");
    const row = event.target.closest("tr[data-project]");
    if (event.target.closest("a") || !row || (!button && !row.querySelector("button[data-show]"))) return;
    const layer = data.layers.find((one) => one.role === "project_sites");
    core.show(layer, true).then(() => core.openSite(row.dataset.project));
  });

  // Search ----------------------------------------------------------------------------------------------------------

  const finder = $("finder");
  const finderList = $("finder-list");
  const finderTold = $("finder-told");
  let asked = 0;

  function coordinates(text) {
    const found = /^\s*(-?\d{1,3}(?:\.\d+)?)\s*[,，;\s]\s*(-?\d{1,3}(?:\.\d+)?)\s*$/.exec(text);
    if (!found) return null;
    const [one, other] = [Number(found[1]), Number(found[2])];
    const [lon, lat] = Math.abs(one) > 90 ? [one, other] : Math.abs(other) > 90 ? [other, one] : [one, other];
    return Math.abs(lat) <= 85 && Math.abs(lon) <= 180 ? { lon, lat } : null;
  }

  function entry(name, kind, act) {
    const item = element("li");
    const button = element("button", "finder-hit");
    button.type = "button";
    button.append(element("span", "finder-name", name), element("span", "minor", kind));
    button.addEventListener("click", act);
    item.append(button);
    return item;
  }

  function projectEntry(project) {
    return entry(project.name || project.id, `${words.project} ${project.id}${project.isPlaced ? "" : ` · ${words.noShape}`}`, () => {
      if (project.isPlaced) {
        const layer = data.layers.find((one) => one.role === "project_sites");
        core.show(layer, true).then(() => core.openSite(project.id));
      } else {
        window.location.assign(data.projectUrl.replace("__id__", encodeURIComponent(project.id)));
      }
    });
  }

  async function find() {
    const text = finder.value.trim();
    const turn = ++asked;
    if (!text) {
      finderList.replaceChildren();
      finderTold.textContent = "";
      return;
    }
    const made = [];
    const where = coordinates(text);
    if (where) {
      made.push(entry(`${where.lon}, ${where.lat}`, words.place, () => pin(where)));
    }
    const parts = text.toLowerCase().split(/\s+/);
    const named = projects.filter((project) => {
      const all = `${project.id} ${project.name} ${project.words}`.toLowerCase();
      return parts.every((part) => all.includes(part));
    });
    made.push(...named.slice(0, 8).map(projectEntry));
    let total = named.length + (where ? 1 : 0);
    if (urls.search) {
      try {
        const answer = await fetch(`${urls.search}?${new URLSearchParams({ q: text })}`);
        if (!answer.ok) throw new Error(String(answer.status));
        const told = await answer.json();
        if (turn !== asked) return;
        const others = told.found.filter((one) => one.role !== "project_sites");
        total += told.total - (told.found.length - others.length);
        made.push(...others.map((one) => entry(one.name || one.key, `${one.kind} ${one.key}`, () => core.openFeature(one.layer, one.key, one.point))));
      } catch {
        finderTold.textContent = words.failed;
        return;
      }
    }
    finderList.replaceChildren(...made);
    const told = !total ? words.none : total > made.length ? words.foundMore : words.found;
    finderTold.textContent = say(told, { count: figure(total, 0), shown: made.length });
  }

  const marks = L.layerGroup().addTo(map);
  function pin({ lon, lat }) {
    marks.clearLayers();
    L.circleMarker([lat, lon], { radius: 11, color: "#111827", weight: 4, fill: false, interactive: false }).addTo(marks);
    map.setView([lat, lon], Math.max(map.getZoom(), 14), { animate: false });
  }

  let waiting = 0;
  finder.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(find, 200);
  });
  finder.closest("form").addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(waiting);
    find().then(() => {
      const first = finderList.querySelector("button");
      if (first) first.focus();
    });
  });
  finderList.addEventListener("keydown", (event) => {
    const buttons = [...finderList.querySelectorAll("button")];
    const at = buttons.indexOf(document.activeElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    (buttons[next] || finder).focus();
  });

  // Opacity and order of layers -------------------------------------------------------------------------------------

  const legend = $("legend");
  const adjust = $("adjust");
  adjust.addEventListener("click", () => {
    const isOn = adjust.getAttribute("aria-pressed") !== "true";
    adjust.setAttribute("aria-pressed", String(isOn));
    legend.classList.toggle("adjusting", isOn);
  });

  const layerOf = (role) => data.layers.find((layer) => layer.role === role);
  const order = () => [...legend.children].map((item) => item.dataset.entry);
  const orderAtFirst = order().join(".");

  function setOpacity(role, percent) {
    const pane = core.paneOf(layerOf(role));
    map.getPane(pane).style.opacity = String(percent / 100);
    legend.querySelector(`[data-opacity="${role}"]`).value = String(percent);
  }

  function stack() {
    const roles = order();
    roles.forEach((role, place) => {
      map.getPane(core.paneOf(layerOf(role))).style.zIndex = String(400 + roles.length - 1 - place);
    });
  }

  legend.addEventListener("input", (event) => {
    const role = event.target.dataset.opacity;
    if (role) {
      setOpacity(role, Number(event.target.value));
      remember();
    }
  });
  legend.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-up], button[data-down]");
    if (!button) return;
    const item = button.closest("[data-entry]");
    if (button.dataset.up && item.previousElementSibling) item.previousElementSibling.before(item);
    else if (button.dataset.down && item.nextElementSibling) item.nextElementSibling.after(item);
    else return;
    stack();
    button.focus();
    core.tell(words.moved);
    remember();
  });

  // The link that holds the view ------------------------------------------------------------------------------------

  const extras = {}; // what the other tools put into the link: name -> function that returns a text
  const restorers = {}; // and how they take it back
  let isReady = false;
  let later = 0;

  function stateText() {
    const centre = map.getCenter();
    const state = new URLSearchParams();
    state.set("c", [centre.lat.toFixed(5), centre.lng.toFixed(5), Number(map.getZoom().toFixed(2))].join(","));
    const on = data.layers.filter((layer) => core.isOn(layer)).map((layer) => layer.role);
    const onAtFirst = data.layers.filter((layer) => layer.on).map((layer) => layer.role);
    if (on.join() !== onAtFirst.join()) state.set("l", on.join("."));
    const faded = [...legend.querySelectorAll("[data-opacity]")].filter((slider) => slider.value !== "100");
    if (faded.length) state.set("o", faded.map((slider) => `${slider.dataset.opacity}:${slider.value}`).join("."));
    if (order().join(".") !== orderAtFirst) state.set("z", order().join("."));
    for (const name of FILTERS) if (form.elements[name].value) state.set(`f-${name}`, form.elements[name].value);
    if (!drawer.hidden) state.set("t", "1");
    if (selected) state.set("site", selected);
    for (const [name, tell] of Object.entries(extras)) {
      const text = tell();
      if (text) state.set(name, text);
    }
    return state.toString();
  }

  function remember() {
    if (!isReady) return;
    clearTimeout(later);
    later = setTimeout(() => window.history.replaceState(null, "", `#${stateText()}`), 150);
  }

  async function restore(text) {
    const state = new URLSearchParams(text);
    const [lat, lng, zoom] = (state.get("c") || "").split(",").map(Number);
    if ([lat, lng, zoom].every(Number.isFinite) && state.get("c")) map.setView([lat, lng], zoom, { animate: false });
    if (state.has("l")) {
      const on = new Set(state.get("l").split("."));
      await Promise.all(data.layers.map((layer) => core.show(layer, on.has(layer.role))));
    }
    for (const part of (state.get("o") || "").split(".").filter(Boolean)) {
      const [role, percent] = part.split(":");
      if (layerOf(role) && percent >= 10 && percent <= 100) setOpacity(role, Number(percent));
    }
    if (state.has("z")) {
      for (const role of state.get("z").split(".")) {
        const item = [...legend.children].find((one) => one.dataset.entry === role);
        if (item) legend.append(item);
      }
      stack();
    }
    for (const name of FILTERS) {
      const value = state.get(`f-${name}`);
      if (value !== null) form.elements[name].value = value;
    }
    if (FILTERS.some((name) => form.elements[name].value)) {
      $("filters").open = true;
      applyFilters();
    }
    if (state.get("t") === "1") openDrawer(true);
    for (const [name, take] of Object.entries(restorers)) if (state.has(name)) await take(state.get(name));
    if (state.get("site") && state.get("c")) core.openSite(state.get("site"));
  }

  map.on("moveend zoomend", remember);
  core.onToggle(remember);

  const toolStatus = $("tool-status");
  $("copy-link").addEventListener("click", async () => {
    window.history.replaceState(null, "", `#${stateText()}`);
    try {
      await navigator.clipboard.writeText(window.location.href);
      toolStatus.textContent = words.copied;
    } catch {
      toolStatus.textContent = words.copyFailed;
    }
  });

  // Keys ------------------------------------------------------------------------------------------------------------

  const help = $("help");
  $("help-open").addEventListener("click", () => help.showModal());
  $("help-close").addEventListener("click", () => help.close());
  const keys = {
    "?": () => (help.open ? help.close() : help.showModal()),
    "/": () => finder.focus(),
    t: () => openDrawer(drawer.hidden),
    m: () => map.getContainer().focus(),
    g: () => $("graticule").click(),
    0: () => map.setView(core.home.center, core.home.zoom, { animate: !core.isCalm }),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (/^(input|select|textarea)$/i.test(event.target.tagName) && event.target.type !== "checkbox" && event.target.type !== "range") return;
    if (help.open && event.key !== "?") return;
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  window.ecogeoAtlas = {
    atlas, say, $, remember, extras, restorers, projects: byId, whenFiltered: (call) => filteredCalls.push(call),
    async start() {
      const text = window.location.hash.slice(1);
      if (text) await restore(text);
      isReady = true;
    },
  };
})();
