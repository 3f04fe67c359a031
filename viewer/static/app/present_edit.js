// The page of a meeting: the player, and the editor of its steps. Every word arrives as data.
(() => {
  "use strict";

  const block = document.getElementById("present-data");
  if (!block || !window.ecogeoPresent) return;
  const data = JSON.parse(block.textContent);
  const { element } = window.ecogeoPlain;
  const { mount, button, kept, keep } = window.ecogeoPresent;
  const edit = data.edit;
  const words = edit.words;
  const lang = data.lang;
  const draftKey = `ecogeo-steps-${edit.county}`;
  const panel = document.getElementById("present-editor");
  const stage = document.getElementById("present-stage");
  let isChanged = false;
  let number = edit.number;

  // In a county that is closed for saving, what was changed is kept in this browser.
  let steps = data.steps;
  if (edit.closed) {
    try {
      const draft = JSON.parse(kept(draftKey) || "null");
      if (draft && draft.version === 1 && Array.isArray(draft.steps) && draft.steps.length) steps = draft.steps;
    } catch { steps = data.steps; }
  }

  const askedFirst = window.location.hash;
  const player = mount(document.getElementById("present"), { ...data, steps }, {
    langOf: () => lang,
    onStep: (at) => {
      const address = new URL(window.location.href);
      address.hash = `step=${at + 1}`;
      window.history.replaceState(null, "", address);
      if (!panel.hidden) fill();
    },
  });
  const say = player.say;

  function goToHash(hash) {
    const asked = /^#step=(\d{1,3})$/.exec(hash);
    if (asked && Number(asked[1]) - 1 !== player.at()) player.go(Number(asked[1]) - 1, { isSilent: true });
  }
  window.addEventListener("hashchange", () => goToHash(window.location.hash));

  function fillIn(text, values) {
    return text.replace(/%\((\w+)\)s/g, (whole, name) => (name in values ? String(values[name]) : whole));
  }

  const told = element("p", "told");
  told.setAttribute("role", "status");
  function tell(text, isBad) {
    told.textContent = text;
    told.classList.toggle("bad", Boolean(isBad));
  }

  function changed({ isMove = false, isDrawn = true } = {}) {
    isChanged = true;
    tell(words.unsaved);
    if (isDrawn) player.redraw({ isMove });
  }

  const current = () => player.steps()[player.at()];

  function labelled(text, control) {
    const label = element("label", "", text);
    control.id = control.id || `edit-${Math.abs([...text].reduce((sum, one) => (sum * 31 + one.codePointAt(0)) | 0, 7))}`;
    label.htmlFor = control.id;
    return [label, control];
  }

  function option(value, text) {
    const made = element("option", "", text);
    made.value = value;
    return made;
  }

  const title = element("input");
  title.type = "text";
  title.maxLength = 120;
  title.addEventListener("input", () => { current().title = title.value; changed(); });
  const text = element("textarea");
  text.addEventListener("input", () => {
    const before = (current().words || []).map((one) => [say(one), one]);
    current().words = text.value.split("\n").map((line) => line.trim()).filter(Boolean).slice(0, 20).map((line) => {
      const same = before.find(([shown]) => shown === line);
      return same ? same[1] : line.slice(0, 600);
    });
    changed();
  });
  const layerBox = element("fieldset", "layer-choice");
  const spotlight = element("select");
  spotlight.append(option("", words.none), ...edit.subjects.map(([id, name]) => option(id, `${id} ${name}`)));
  spotlight.addEventListener("change", () => {
    if (spotlight.value) current().spotlight = spotlight.value;
    else delete current().spotlight;
    changed();
  });
  const comparison = element("select");
  comparison.addEventListener("change", () => {
    const [kind, name] = [comparison.value.slice(0, 1), comparison.value.slice(2)];
    const layer = data.map.layers.find((one) => one.name === name);
    if (!layer) delete current().comparison;
    else if (kind === "v") {
      const earlier = data.map.layers.find((one) => one.name === `${name}.earlier`);
      current().comparison = {
        before: [earlier.name], after: [name], before_title: `${words.before} ${earlier.source}`.trim(), after_title: `${words.now} ${layer.source}`.trim(),
      };
    } else {
      current().comparison = {
        before: [], after: [name], before_title: fillIn(words.without, { layer: say(layer.title) }).slice(0, 120), after_title: fillIn(words.with, { layer: say(layer.title) }).slice(0, 120),
      };
    }
    player.go(player.at(), { isSilent: true });
    changed({ isDrawn: false });
  });
  const picture = element("input");
  picture.type = "file";
  picture.accept = "image/png,image/jpeg";
  const pictureAlt = element("input");
  pictureAlt.type = "text";
  pictureAlt.maxLength = 200;
  pictureAlt.addEventListener("input", () => { current().picture_alt = pictureAlt.value; changed(); });
  const pictureOff = button("", words.pictureOff, "", () => {
    delete current().picture;
    delete current().picture_alt;
    fill();
    changed();
  });
  picture.addEventListener("change", async () => {
    const file = picture.files[0];
    if (!file) return;
    const form = new FormData();
    form.append("token", edit.token);
    form.append("picture", file);
    try {
      const answer = await fetch(edit.pictureUrl, { method: "POST", body: form });
      const got = await answer.json();
      if (!answer.ok) throw new Error((got.problems || [words.failed]).join("；"));
      data.pictures[got.name] = got.url;
      current().picture = got.name;
      current().picture_alt = pictureAlt.value;
      changed();
      fill();
    } catch (error) {
      tell(error instanceof SyntaxError || error instanceof TypeError ? words.failed : error.message, true);
    }
    picture.value = "";
  });

  function fill() {
    const step = current();
    if (document.activeElement !== title) title.value = say(step.title);
    if (document.activeElement !== text) text.value = (step.words || []).map((one) => say(one)).join("\n");
    const boxes = data.map.layers.map((layer) => {
      const label = element("label");
      const box = element("input");
      box.type = "checkbox";
      box.checked = step.layers ? step.layers.includes(layer.name) : player.plain().defaults().includes(layer.name);
      box.addEventListener("change", () => {
        const on = new Set(current().layers || player.plain().defaults());
        if (box.checked) on.add(layer.name);
        else on.delete(layer.name);
        current().layers = data.map.layers.map((one) => one.name).filter((name) => on.has(name));
        changed();
      });
      const earlier = layer.name.endsWith(".earlier") ? ` · ${words.before} ${layer.source}` : "";
      label.append(box, element("span", "", `${say(layer.title)}${earlier}`));
      return label;
    });
    layerBox.replaceChildren(element("legend", "", words.layers), ...boxes);
    spotlight.value = step.spotlight || "";
    const plainLayers = data.map.layers.filter((layer) => !layer.name.endsWith(".earlier"));
    comparison.replaceChildren(
      option("", words.none),
      ...plainLayers.filter((layer) => data.map.layers.some((one) => one.name === `${layer.name}.earlier`)).map((layer) => option(`v:${layer.name}`, fillIn(words.versions, { layer: say(layer.title) }))),
      ...plainLayers.map((layer) => option(`w:${layer.name}`, fillIn(words.withWithout, { layer: say(layer.title) }))),
    );
    const both = step.comparison;
    comparison.value = both ? `${both.before.length ? "v" : "w"}:${both.after[0]}` : "";
    pictureAlt.value = step.picture_alt || "";
    pictureOff.disabled = !step.picture;
    stepName.textContent = fillIn(words.stepOf, { number: player.at() + 1 });
  }

  function replaceSteps(list, at) {
    player.setSteps(list, at);
    fill();
  }

  function move(by) {
    const list = [...player.steps()];
    const from = player.at();
    const to = from + by;
    if (to < 0 || to >= list.length) return;
    [list[from], list[to]] = [list[to], list[from]];
    replaceSteps(list, to);
    changed({ isDrawn: false });
  }

  function insert(step) {
    const list = [...player.steps()];
    if (list.length >= 100) return;
    list.splice(player.at() + 1, 0, step);
    replaceSteps(list, player.at() + 1);
    changed({ isDrawn: false });
    title.focus();
    title.select();
  }

  function fromView() {
    const plain = player.plain();
    insert({ title: words.newStep, words: [], bounds: plain.currentBounds(), layers: data.map.layers.map((one) => one.name).filter((name) => plain.shown.has(name)) });
  }

  const asFile = (list) => ({ version: 1, steps: list });

  async function save() {
    const held = JSON.stringify(asFile(player.steps()));
    if (edit.closed) {
      if (keep(draftKey, held)) { isChanged = false; tell(`${words.savedHere}。${say(edit.closed)}`); }
      else tell(words.notSavedHere, true);
      return;
    }
    await send(held, words.saved);
  }

  async function send(held, done) {
    try {
      const answer = await fetch(edit.saveUrl, { method: "POST", body: new URLSearchParams({ token: edit.token, after: String(number), steps: held }) });
      const got = await answer.json();
      if (!answer.ok) throw new Error((got.problems || [words.failed]).join("；"));
      number = got.number;
      isChanged = false;
      if (!held) replaceSteps(got.steps, 0);
      tell(done);
    } catch (error) {
      tell(error instanceof SyntaxError || error instanceof TypeError ? words.failed : error.message, true);
    }
  }

  async function backToComputed() {
    if (!window.confirm(words.sureComputed)) return;
    if (edit.closed) {
      try { window.localStorage.removeItem(draftKey); } catch { /* nothing is kept there then */ }
      isChanged = false;
      replaceSteps(structuredClone(pristine), 0);
      tell(words.saved);
      return;
    }
    await send("", words.saved);
  }
  const pristine = structuredClone(data.steps);

  function download() {
    const link = element("a");
    link.href = URL.createObjectURL(new Blob([`${JSON.stringify(asFile(player.steps()))}\n`], { type: "application/json" }));
    link.download = "steps.json";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  const file = element("input");
  file.type = "file";
  file.accept = "application/json,.json";
  file.addEventListener("change", async () => {
    try {
      const got = JSON.parse(await file.files[0].text());
      if (got.version !== 1 || !Array.isArray(got.steps) || !got.steps.length || !got.steps.every((step) => step && step.title)) throw new Error(words.badFile);
      replaceSteps(got.steps, 0);
      isChanged = true;
      tell(words.loaded);
    } catch {
      tell(words.badFile, true);
    }
    file.value = "";
  });

  const handoutForm = element("form");
  handoutForm.method = "post";
  handoutForm.action = edit.handoutUrl;
  const tokenBox = element("input");
  tokenBox.type = "hidden";
  tokenBox.name = "token";
  tokenBox.value = edit.token;
  const stepsBox = element("input");
  stepsBox.type = "hidden";
  stepsBox.name = "steps";
  const handout = element("button", "", words.handout);
  handout.type = "submit";
  handoutForm.append(tokenBox, stepsBox, handout);
  handoutForm.addEventListener("submit", () => { stepsBox.value = JSON.stringify(asFile(player.steps())); });

  const stepName = element("h2");
  function row(...buttons) {
    const made = element("div", "row");
    made.append(...buttons);
    return made;
  }

  const b = (name, onClick) => button("", words[name], "", onClick);
  const pictureLabel = fillIn(words.picture, { most: edit.mostPictureMb });
  const closedNote = edit.closed ? [element("p", "minor", say(edit.closed))] : [];
  picture.disabled = Boolean(edit.closed);
  panel.append(
    stepName, told, ...closedNote,
    row(b("up", () => move(-1)), b("down", () => move(1)), b("copy", () => insert(structuredClone(current()))), b("delete", () => {
      if (player.steps().length < 2) return;
      const list = player.steps().filter((step, at) => at !== player.at());
      replaceSteps(list, Math.max(0, player.at() - 1));
      changed({ isDrawn: false });
      tell(words.deleted);
    })),
    row(b("view", () => { current().bounds = player.plain().currentBounds(); changed({ isDrawn: false }); }), b("whole", () => { delete current().bounds; changed({ isMove: true }); }), b("add", fromView)),
    ...labelled(words.title, title), ...labelled(words.text, text), layerBox,
    ...labelled(words.spotlight, spotlight), ...labelled(words.comparison, comparison),
    ...labelled(pictureLabel, picture), ...labelled(words.pictureAlt, pictureAlt), row(pictureOff),
    row(b("save", save), b("download", download), b("computed", backToComputed)),
    ...labelled(words.load, file),
  );

  const opener = button("", words.edit, "", () => {
    panel.hidden = !panel.hidden;
    opener.textContent = panel.hidden ? words.edit : words.done;
    opener.setAttribute("aria-expanded", String(!panel.hidden));
    player.refresh();
    if (!panel.hidden) { fill(); title.focus(); }
  });
  opener.id = "present-edit";
  opener.setAttribute("aria-expanded", "false");
  opener.setAttribute("aria-controls", panel.id);
  const status = stage.querySelector(".present-status");
  status.before(opener, handoutForm);

  window.addEventListener("beforeunload", (event) => { if (isChanged) event.preventDefault(); });
  goToHash(askedFirst);
  window.ecogeoDeck = player;
})();
