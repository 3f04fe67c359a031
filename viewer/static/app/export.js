// The one file: map, tables and the steps of a meeting. Nothing is fetched; every word is data and written with
// textContent, never as markup.
(() => {
  "use strict";

  const block = document.getElementById("county-data");
  if (!block || !window.ecogeoPresent) return;
  const data = JSON.parse(block.textContent);
  const { plainMap, element, figure, sayer, swatch } = window.ecogeoPlain;
  const { mount, button } = window.ecogeoPresent;
  const root = document.getElementById("export");
  const words = data.words;
  const FIRST_ROWS = 100;
  const MOST_FOUND = 20;
  let lang = data.lang;
  const say = sayer(() => lang);

  let plain = null;
  let player = null;
  let current = "";
  let serial = 0;
  const sections = new Map(); // name -> {tab, box, build, isBuilt}

  // Frame ----------------------------------------------------------------------------------------------------------

  const skip = element("a", "skip");
  skip.href = "#export-main";
  const head = element("header", "masthead");
  const brand = element("p", "brand");
  const brandCounty = element("span", "brand-county");
  const brandTitle = element("span", "brand-title");
  brand.append(brandCounty, " ", brandTitle);
  const nav = element("nav", "sections");
  const tabs = element("ul");
  nav.append(tabs);
  const language = button("language", "", "", () => { lang = lang === "zh" ? "en" : "zh"; translate(); });
  head.append(brand, nav, language);
  const notice = element("p", "notice");
  notice.setAttribute("role", "note");
  const main = element("main");
  main.id = "export-main";
  main.tabIndex = -1;
  const heading = element("h1", "unseen");
  main.append(heading);
  root.append(skip, head, notice, main);

  function section(name, title, build) {
    const line = element("li");
    const tab = element("a", "");
    tab.href = `#${name}`;
    line.append(tab);
    tabs.append(line);
    const box = element("section", `export-section export-${name}`);
    box.hidden = true;
    main.append(box);
    sections.set(name, { tab, box, title, build, isBuilt: false });
  }

  function open(name) {
    const wanted = sections.has(name) ? name : [...sections.keys()][0];
    current = wanted;
    for (const [other, held] of sections) {
      held.box.hidden = other !== wanted;
      if (other === wanted) held.tab.setAttribute("aria-current", "page");
      else held.tab.removeAttribute("aria-current");
    }
    const held = sections.get(wanted);
    document.body.classList.toggle("is-full", wanted === "map" || wanted === "present");
    heading.textContent = `${say(data.county)} · ${say(held.title)}`;
    if (!held.isBuilt) {
      held.isBuilt = true;
      held.build(held.box);
    }
    if (wanted === "map" && plain) plain.map.invalidateSize({ animate: false });
    if (wanted === "present" && player) player.refresh();
  }

  function fromHash() {
    open(window.location.hash.slice(1).split("=")[0]);
  }

  function translate() {
    document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";
    document.title = `${say(data.county)} · ${say(words.title)}`;
    skip.textContent = lang === "zh" ? "跳到正文" : "Skip to content";
    brandCounty.textContent = say(data.county);
    brandTitle.textContent = say(words.title);
    nav.setAttribute("aria-label", say(words.navigation));
    language.textContent = say(words.language);
    language.lang = lang === "zh" ? "en" : "zh-CN";
    notice.textContent = say(data.notice);
    notice.hidden = !data.notice;
    for (const [name, held] of sections) {
      held.tab.textContent = say(held.title);
      held.isBuilt = false;
      if (name !== "map" && name !== "present") held.box.replaceChildren();
    }
    if (plain) redrawMap();
    else sections.get("map") && (sections.get("map").isBuilt = false);
    if (player) {
      sections.get("present").isBuilt = true;
      player.translate();
    }
    open(current || window.location.hash.slice(1).split("=")[0]);
  }

  // Map ------------------------------------------------------------------------------------------------------------

  const on = new Set();
  let mapParts = null;

  function answerBadge(answer) {
    const badge = element("span", `answer answer-${answer}`);
    const sign = element("span", "sign", data.answers[answer].sign);
    sign.setAttribute("aria-hidden", "true");
    badge.append(sign, ` ${say(data.answers[answer].text)}`);
    return badge;
  }

  function factList(facts) {
    const list = element("dl");
    for (const [label, value] of facts) list.append(element("dt", "", label), element("dd", "", value));
    return list;
  }

  function popup(card, at) {
    L.popup({ maxWidth: 340, minWidth: 220 }).setLatLng(at).setContent(card).openOn(plain.map);
  }

  function featureCard(layer, row) {
    const card = element("div", "card");
    card.append(element("strong", "card-title", layer.names[row] || layer.keys[row]), element("span", "card-kind", say(layer.title)));
    const facts = [[say(words.key), layer.keys[row]]];
    for (const [label, values] of layer.facts) if (values[row]) facts.push([say(label), values[row]]);
    if (layer.source) facts.push([say(words.source), layer.source]);
    card.append(factList(facts));
    return card;
  }

  function signCard(group) {
    const card = element("div", "card");
    for (const sign of group) {
      const accuracy = sign.accuracy === null ? say(words.unknown) : `±${figure(sign.accuracy, 0)}`;
      const one = element("div", "card-sign");
      one.append(element("strong", "card-title", sign.name || sign.site), answerBadge(sign.answer), factList([[say(words.key), sign.site], [say(words.accuracy), accuracy]]));
      one.append(button("quiet", say(words.details), `${say(words.details)} ${sign.name || sign.site}`, () => openProject(sign.id)));
      card.append(one);
    }
    return card;
  }

  function buildMap(box) {
    if (mapParts) return;
    const layout = element("div", "export-atlas");
    const panel = element("div", "export-panel");
    const frame = element("div", "export-frame");
    const holder = element("div", "export-map");
    holder.id = "export-map";
    frame.append(holder);
    layout.append(panel, frame);
    box.append(layout);
    mapParts = { panel };
    plain = plainMap(holder, data.map, {
      say, words, signPx: 30, labelPx: 15,
      onFeature: (layer, row, at) => popup(featureCard(layer, row), at),
      onSign: (group, at) => popup(signCard(group), at),
    });
    for (const name of plain.defaults()) on.add(name);
    redrawMap();
  }

  function redrawMap() {
    if (!mapParts) return;
    plain.map.closePopup();
    const { panel } = mapParts;
    const finder = element("div", "finder");
    finder.setAttribute("role", "search");
    const label = element("label", "", say(words.find));
    label.htmlFor = "export-find";
    const input = element("input");
    input.id = "export-find";
    input.type = "search";
    input.maxLength = 100;
    const told = element("p", "minor");
    told.setAttribute("role", "status");
    const list = element("ul", "finder-list");
    input.addEventListener("input", () => find(input.value, told, list));
    finder.append(label, input, told, list);
    const legend = element("ul", "legend");
    for (const layer of data.map.layers) legend.append(layerLine(layer));
    const whole = button("quiet", say(words.whole), "", () => plain.look(null));
    panel.replaceChildren(finder, whole, element("h2", "", say(words.layers)), legend);
    const notes = element("ul", "minor");
    for (const note of data.about.notes) notes.append(element("li", "", say(note)));
    panel.append(element("h2", "", say(words.leftOut)), notes);
    plain.setLayers([...on]);
  }

  function layerLine(layer) {
    const line = element("li", "legend-layer");
    const label = element("label");
    const box = element("input");
    box.type = "checkbox";
    box.checked = on.has(layer.name);
    box.dataset.layer = layer.name;
    box.addEventListener("change", () => {
      if (box.checked) on.add(layer.name);
      else on.delete(layer.name);
      plain.setLayers([...on]);
    });
    label.append(box);
    const isSingle = layer.classes.length === 1 && layer.role !== "project_sites";
    if (isSingle) label.append(swatch(layer, layer.classes[0]));
    const earlier = layer.name.endsWith(".earlier") ? ` · ${layer.source}` : "";
    label.append(element("span", "legend-title", `${say(layer.title)}${earlier}`), element("span", "legend-count", String(layer.count ?? "")));
    line.append(label);
    if (!isSingle) {
      const classes = element("ul", "legend-classes");
      for (const kind of layer.classes) {
        const one = element("li");
        if (layer.role === "project_sites") {
          const sign = element("span", `sign-swatch answer-${kind.values[0]}`, data.answers[kind.values[0]].sign);
          sign.setAttribute("aria-hidden", "true");
          one.append(sign);
        } else {
          one.append(swatch(layer, kind));
        }
        one.append(element("span", "legend-title", say(kind.label)), element("span", "legend-count", String(kind.count ?? "")));
        classes.append(one);
      }
      if (layer.role === "project_sites" && data.map.signs.some((sign) => sign.isVague)) classes.append(plain.signLine("vague", "?", say(words.vagueKey)));
      line.append(classes);
    }
    if (layer.aside) line.append(element("p", "minor", say(words.aside, { count: layer.aside })));
    return line;
  }

  function find(text, told, list) {
    list.replaceChildren();
    const wanted = text.trim().toLowerCase();
    if (!wanted) { told.textContent = ""; return; }
    const found = [];
    const projects = data.tables.projects;
    projects.rows.forEach((row, place) => {
      if (`${row[0]} ${row[1]} ${row[3]}`.toLowerCase().includes(wanted)) found.push({ text: `${row[0]} ${row[1]}`, kind: say(projects.title), call: () => showProject(projects.ids[place]) });
    });
    for (const [name, lat, lon] of data.map.labels) {
      if (name.toLowerCase().includes(wanted)) found.push({ text: name, kind: "", call: () => plain.look([lon - 0.06, lat - 0.05, lon + 0.06, lat + 0.05]) });
    }
    for (const layer of data.map.layers) {
      if (layer.role === "project_sites" || layer.name.endsWith(".earlier") || !layer.names) continue;
      layer.names.forEach((name, row) => {
        if (`${layer.keys[row]} ${name}`.toLowerCase().includes(wanted)) found.push({ text: `${layer.keys[row]} ${name}`, kind: say(layer.title), call: () => showFeature(layer, row) });
      });
    }
    told.textContent = !found.length ? say(words.none) : say(found.length > MOST_FOUND ? words.foundMore : words.found, { count: found.length, shown: MOST_FOUND });
    for (const one of found.slice(0, MOST_FOUND)) {
      const line = element("li");
      line.append(button("", `${one.text} ${one.kind}`.trim(), "", one.call));
      list.append(line);
    }
  }

  function boundsOf(layer, row) {
    const held = L.latLngBounds([]);
    for (const [kind, parts] of layer.shapes[row]) {
      const runs = kind === 2 ? parts.flat() : kind === 1 ? parts : [];
      if (kind === 0) for (let at = 0; at < parts.length; at += 2) held.extend([parts[at + 1] * 1e-5, parts[at] * 1e-5]);
      for (const run of runs) {
        let x = 0;
        let y = 0;
        for (let at = 0; at < run.length; at += 2) {
          x += run[at];
          y += run[at + 1];
          held.extend([y * 1e-5, x * 1e-5]);
        }
      }
    }
    return held;
  }

  async function showFeature(layer, row) {
    on.add(layer.name);
    const box = document.querySelector(`input[data-layer="${CSS.escape(layer.name)}"]`);
    if (box) box.checked = true;
    await plain.setLayers([...on]);
    const held = boundsOf(layer, row);
    if (!held.isValid()) return;
    plain.map.fitBounds(held.pad(0.6), { animate: false, maxZoom: 15 });
    popup(featureCard(layer, row), held.getCenter());
  }

  function showProject(id) {
    if (!data.map) { openProject(id); return; }
    window.location.hash = "map";
    open("map");
    const sign = data.map.signs.find((one) => one.id === id);
    if (!sign) { openProject(id); return; }
    const { held } = plain.subjectBounds(id);
    plain.map.fitBounds(held.pad(0.8), { animate: false, maxZoom: 14 });
    popup(signCard(data.map.signs.filter((one) => one.id === id && one.at[0] === sign.at[0] && one.at[1] === sign.at[1])), sign.at);
  }

  function openProject(id) {
    if (plain) plain.map.closePopup();
    window.location.hash = "projects";
    open("projects");
    const opener = document.querySelector(`[data-details="${CSS.escape(id)}"]`);
    if (opener) {
      if (opener.getAttribute("aria-expanded") !== "true") opener.click();
      opener.focus();
      opener.scrollIntoView({ block: "start" });
    }
  }

  // Tables ---------------------------------------------------------------------------------------------------------

  function plainText(cell, kind) {
    if (kind === "answer") return say(data.answers[cell].text);
    return say(cell);
  }

  function buildTable(name, box) {
    const table = data.tables[name];
    const isProjects = name === "projects";
    box.append(element("h2", "", say(table.title)));
    if (!table.rows.length) { box.append(element("p", "", say(words.noRows))); return; }
    const filters = element("form", "filters");
    filters.addEventListener("submit", (event) => event.preventDefault());
    const controls = [];
    const words_ = element("input");
    words_.type = "search";
    filters.append(field(say(words.search), words_));
    table.columns.forEach((column, place) => {
      if (column.kind !== "choice" && column.kind !== "answer") return;
      const values = new Map();
      for (const row of table.rows) {
        for (const value of split(column, plainText(row[place], column.kind))) if (value) values.set(value, (values.get(value) || 0) + 1);
      }
      if (values.size < 2 || values.size > 80) return;
      const select = element("select");
      const every = element("option", "", say(words.every));
      every.value = "";
      select.append(every);
      for (const [value, count] of values) {
        const made = element("option", "", `${value} (${count})`);
        made.value = value;
        select.append(made);
      }
      select.addEventListener("change", apply);
      controls.push([place, column, select]);
      filters.append(field(say(column.label), select));
    });
    const told = element("p", "summary");
    told.setAttribute("role", "status");
    const scroll = element("div", "scroll");
    scroll.tabIndex = 0;
    scroll.setAttribute("role", "region");
    scroll.setAttribute("aria-label", say(table.title));
    const grid = element("table", "grid");
    const line = element("tr");
    for (const column of table.columns) {
      const cell = element("th", column.kind === "number" ? "number" : "", say(column.label));
      cell.scope = "col";
      line.append(cell);
    }
    const headRow = element("thead");
    headRow.append(line);
    const body = element("tbody");
    grid.append(headRow, body);
    scroll.append(grid);
    const more = button("", "", "", () => { limit += FIRST_ROWS; draw(); });
    box.append(filters, told, scroll, more);
    let limit = FIRST_ROWS;
    let fitting = [];
    const held = table.rows.map((row) => row.map((cell, place) => plainText(cell, table.columns[place].kind)).join(" ").toLowerCase());

    function apply() {
      const wanted = words_.value.trim().toLowerCase();
      fitting = table.rows.map((row, place) => place).filter((place) =>
        (!wanted || held[place].includes(wanted)) &&
        controls.every(([at, column, select]) => !select.value || split(column, plainText(table.rows[place][at], column.kind)).includes(select.value)));
      limit = isProjects ? Infinity : FIRST_ROWS;
      draw();
    }

    function draw() {
      body.replaceChildren(...fitting.slice(0, limit).flatMap((place) => rowOf(table, place, isProjects)));
      told.textContent = say(words.counted, { count: fitting.length, total: table.rows.length });
      more.hidden = fitting.length <= limit;
      more.textContent = say(words.more, { count: Math.min(FIRST_ROWS, fitting.length - limit) });
    }

    words_.addEventListener("input", apply);
    apply();
  }

  function split(column, text) {
    return column.kind === "choice" ? text.split("、") : [text];
  }

  function field(text, control) {
    const holder = element("div", "field");
    control.id = `export-field-${serial += 1}`;
    const label = element("label", "", text);
    label.htmlFor = control.id;
    holder.append(label, control);
    return holder;
  }

  function rowOf(table, place, isProjects) {
    const line = element("tr");
    table.columns.forEach((column, at) => {
      const value = table.rows[place][at];
      const cell = element(at === 1 && isProjects ? "th" : "td", column.kind === "number" ? "number" : column.kind === "code" ? "code" : "");
      if (cell.tagName === "TH") cell.scope = "row";
      if (column.kind === "answer") cell.append(answerBadge(value));
      else cell.textContent = say(value);
      line.append(cell);
    });
    if (!isProjects) return [line];
    const id = table.ids[place];
    const name = table.rows[place][1];
    const links = element("div", "row-links");
    const extra = element("tr", "row-details");
    extra.hidden = true;
    const wide = element("td");
    wide.colSpan = table.columns.length;
    extra.append(wide);
    if (table.details[place].length) {
      const opener = button("quiet", say(words.details), `${say(words.details)} ${name}`, () => {
        extra.hidden = !extra.hidden;
        opener.setAttribute("aria-expanded", String(!extra.hidden));
        if (!wide.childElementCount) wide.append(answersTable(table.details[place]));
      });
      opener.setAttribute("aria-expanded", "false");
      opener.dataset.details = id;
      links.append(opener);
    }
    if (data.map && data.map.signs.some((sign) => sign.id === id)) links.append(button("quiet", say(words.onMap), `${say(words.onMap)} ${name}`, () => showProject(id)));
    line.children[1].append(links);
    return [line, extra];
  }

  function simpleTable(heads, rows) {
    const scroll = element("div", "scroll");
    scroll.tabIndex = 0;
    scroll.setAttribute("role", "region");
    scroll.setAttribute("aria-label", heads.join(" "));
    const grid = element("table", "grid");
    const headRow = element("thead");
    const line = element("tr");
    for (const text of heads) {
      const cell = element("th", "", text);
      cell.scope = "col";
      line.append(cell);
    }
    headRow.append(line);
    const body = element("tbody");
    for (const row of rows) {
      const made = element("tr");
      for (const cell of row) {
        const held = element("td");
        if (cell instanceof Node) held.append(cell);
        else held.textContent = say(cell);
        made.append(held);
      }
      body.append(made);
    }
    grid.append(headRow, body);
    scroll.append(grid);
    return scroll;
  }

  function answersTable(lines) {
    const heads = ["site", "layer", "answer", "much", "verdict", "clause", "nextStep", "review"].map((name) => say(words[name]));
    return simpleTable(heads, lines.map(([site, layer, answer, ...rest]) => [site, layer, answerBadge(answer), ...rest]));
  }

  // About ----------------------------------------------------------------------------------------------------------

  function buildAbout(box) {
    const about = data.about;
    box.append(element("h2", "", say(words.leftOut)));
    const notes = element("ul", "plain-list");
    for (const note of about.notes) notes.append(element("li", "", say(note)));
    box.append(notes);
    if (about.judgedOn) box.append(element("p", "", say(words.judgedOn, { day: about.judgedOn })));
    box.append(element("p", "", say(words.notLegal)));
    if (about.notRun.length) box.append(element("h2", "", say(words.notRun)), simpleTable([say(words.name), say(words.reason)], about.notRun));
    box.append(element("h2", "", say(words.layerVersions)), simpleTable(["layer", "versionName", "date", "origin", "licenceName"].map((name) => say(words[name])), about.layers));
    box.append(element("h2", "", say(words.inputs)), simpleTable(["name", "file", "versionName", "date", "digest"].map((name) => say(words[name])), about.sources));
    box.append(element("p", "", say(words.software, { version: about.version })), element("pre", "licence", about.licence));
  }

  if (data.map) section("map", words.tabMap, buildMap);
  section("present", words.tabPresent, (box) => {
    if (player) return;
    const holder = element("div");
    box.append(holder);
    player = mount(holder, data, { langOf: () => lang, isActive: () => current === "present" });
  });
  section("projects", words.tabProjects, (box) => buildTable("projects", box));
  section("findings", words.tabFindings, (box) => buildTable("findings", box));
  section("indicators", words.tabIndicators, (box) => buildTable("indicators", box));
  section("shorelines", words.tabShorelines, (box) => buildTable("shorelines", box));
  section("about", words.tabAbout, buildAbout);
  window.addEventListener("hashchange", fromHash);
  skip.addEventListener("click", (event) => { event.preventDefault(); main.focus(); });
  translate();
})();
