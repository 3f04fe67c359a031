// The steps of a meeting: one at a time, in type the back of the room can read. Words are written with textContent.
(() => {
  "use strict";

  const { plainMap, element, sayer } = window.ecogeoPlain;
  const THEME_KEY = "ecogeo-present-theme";
  const [NONE, HALF, ALL] = [0, 500, 1000];

  function button(className, text, name, onClick) {
    const made = element("button", className, text);
    made.type = "button";
    if (name && name !== text) {
      made.setAttribute("aria-label", name);
      made.title = name;
    }
    made.addEventListener("click", onClick);
    return made;
  }

  function kept(key) {
    try { return window.localStorage.getItem(key); } catch { return null; }
  }

  function keep(key, value) {
    try { window.localStorage.setItem(key, value); return true; } catch { return false; }
  }

  /* Build the player in a root element.
     data: { map, steps, pictures, words, notice }; options: { langOf, onStep, isActive } */
  function mount(root, data, options) {
    const say = sayer(options.langOf);
    const words = data.words;
    const isActive = options.isActive || (() => true);
    let steps = data.steps;
    let at = 0;
    let share = HALF; // of a comparison: how much of the map shows what was before, in thousandths
    let turn = 0;

    root.replaceChildren();
    root.classList.add("present");
    const head = element("div", "present-head");
    const title = element("h2", "present-title");
    title.tabIndex = -1;
    const count = element("p", "present-count");
    const mark = element("p", "present-mark");
    head.append(title, mark, count);
    const body = element("div", "present-body");
    const panel = element("div", "present-panel");
    panel.tabIndex = 0;
    panel.setAttribute("role", "region");
    const wordsBox = element("div", "present-words");
    const pictureBox = element("button", "present-picture");
    pictureBox.type = "button";
    pictureBox.hidden = true;
    const picture = element("img");
    pictureBox.append(picture);
    panel.append(wordsBox, pictureBox);
    const frame = element("div", "present-frame");
    const mapBox = element("div", "present-map");
    mapBox.id = "present-map";
    const swipe = element("div", "present-swipe");
    swipe.hidden = true;
    const swipeLine = element("div", "present-swipe-line");
    const states = { before: element("p", "present-state"), after: element("p", "present-state") };
    for (const [name, box] of Object.entries(states)) box.dataset.state = name;
    const slider = element("input");
    Object.assign(slider, { type: "range", min: String(NONE), max: String(ALL), step: "10", value: String(HALF) });
    slider.autocomplete = "off";
    slider.addEventListener("input", () => { share = Number(slider.value); divide(); });
    swipe.append(swipeLine, states.before, states.after, slider);
    const key = element("details", "present-legend");
    key.open = window.matchMedia("(min-width: 60rem) and (min-height: 30rem)").matches;
    const keyName = element("summary");
    const keyList = element("ul");
    key.append(keyName, keyList);
    const ground = element("div", "present-ground");
    ground.append(mapBox, swipe);
    frame.append(ground, key);
    body.append(panel, frame);
    const bar = element("div", "present-bar");
    bar.setAttribute("role", "toolbar");
    const status = element("p", "present-status");
    status.setAttribute("role", "status");
    const big = element("dialog", "present-big");
    const bigImage = element("img");
    const listBox = element("dialog", "present-list");
    const keysBox = element("dialog", "present-keys");
    root.append(head, body, bar, big, listBox, keysBox);

    const previous = button("present-previous", "", "", () => go(at - 1));
    const next = button("present-next", "", "", () => go(at + 1));
    const compare = button("present-compare", "", "", () => toggle());
    const listButton = button("", "", "", () => openList());
    const theme = button("", "", "", () => setTheme(root.dataset.theme === "dark" ? "light" : "dark"));
    const full = button("", "", "", () => fullScreen());
    const keys = button("", "?", "", () => openKeys());
    bar.append(previous, next, compare, listButton, theme, full, keys, status);
    if (!document.fullscreenEnabled) full.hidden = true;

    let plain = null;

    function begin() {
      if (plain || !data.map) return;
      plain = plainMap(mapBox, data.map, { say, words, widen: 1.6, signPx: 38, labelPx: 21 });
      // The key stands below the map and takes as much room as its lines need: the map follows.
      new ResizeObserver(() => {
        const size = plain.map.getSize();
        if (size.x === mapBox.clientWidth && size.y === mapBox.clientHeight) return;
        plain.map.invalidateSize({ animate: false });
        plain.look(steps[at].bounds, { isCalmly: true });
      }).observe(mapBox);
      plain.map.on("moveend", () => options.onMove && options.onMove());
    }

    if (!data.map) root.classList.add("no-map");

    function setTheme(name) {
      root.dataset.theme = name;
      document.documentElement.dataset.presentTheme = name;
      theme.textContent = say(name === "dark" ? words.themeLight : words.themeDark);
      keep(THEME_KEY, name);
    }

    function translate() {
      previous.textContent = `← ${say(words.previous)}`;
      next.textContent = `${say(words.next)} →`;
      compare.textContent = say(words.compare);
      listButton.textContent = say(words.list);
      full.textContent = say(words.fullScreen);
      keys.setAttribute("aria-label", say(words.keys));
      keys.title = say(words.keys);
      keyName.textContent = say(words.legend);
      bar.setAttribute("aria-label", say(words.controls));
      panel.setAttribute("aria-label", say(words.text));
      pictureBox.setAttribute("aria-label", say(words.enlarge));
      slider.setAttribute("aria-label", say(words.swipe));
      mark.textContent = say(data.notice);
      mark.hidden = !data.notice;
      setTheme(root.dataset.theme || kept(THEME_KEY) || "light");
    }

    function tell(text) {
      status.textContent = text;
    }

    // Both states of a comparison lie in the map; the line between them may be moved, or one of them shown alone.
    function divide() {
      const both = steps[at].comparison;
      swipe.hidden = !both || !plain;
      if (!plain) return;
      if (!both) {
        plain.divide(null);
        return;
      }
      const only = (one, other) => one.filter((name) => !other.includes(name));
      plain.divide({ before: only(both.before, both.after), after: only(both.after, both.before), share: share / ALL });
      states.before.textContent = `① ${say(both.before_title)}`;
      states.after.textContent = `② ${say(both.after_title)}`;
      states.before.hidden = share === NONE;
      states.after.hidden = share === ALL;
      swipeLine.style.left = `${share / 10}%`;
      slider.value = String(share);
      slider.setAttribute("aria-valuetext", `${say(both.before_title)} ${share / 10}%`);
    }

    async function drawMap(step, { isMove }) {
      if (!plain) return;
      const mine = ++turn;
      const both = step.comparison;
      const differing = both ? [...both.before, ...both.after] : [];
      const base = (step.layers || plain.defaults()).filter((name) => !differing.includes(name));
      const shown = [...base, ...differing];
      divide();
      plain.about(step.theme || "");
      if (isMove) {
        plain.spotlight("");
        plain.look(step.bounds);
      }
      const drawn = await plain.setLayers(shown);
      if (!drawn || mine !== turn) return;
      plain.legend(keyList, drawn.layers, { most: 12 });
      if (drawn.failed.length) tell(say(words.failed));
      const light = () => {
        if (mine === turn && !plain.spotlight(step.spotlight || "")) tell(`${step.spotlight}: ${say(words.noShape)}`);
      };
      if (isMove && !plain.isCalm) plain.map.once("moveend", light);
      light();
    }

    function drawWords(step) {
      title.textContent = say(step.title);
      count.textContent = say(words.step, { number: at + 1, total: steps.length });
      wordsBox.replaceChildren(...(step.words || []).map((one) => element("p", "", say(one))));
      const url = step.picture ? data.pictures[step.picture] : null;
      pictureBox.hidden = !url;
      if (url) {
        picture.src = url;
        picture.alt = step.picture_alt || "";
      } else {
        picture.removeAttribute("src");
      }
      previous.disabled = at === 0;
      next.disabled = at === steps.length - 1;
      compare.hidden = !step.comparison;
      panel.scrollTop = 0;
      tellMore();
    }

    // A sign at the foot of the words says that there are more of them below.
    function tellMore() {
      panel.classList.toggle("has-more", panel.scrollHeight - panel.clientHeight - panel.scrollTop > 8);
    }
    panel.addEventListener("scroll", tellMore, { passive: true });
    picture.addEventListener("load", tellMore);

    function scroll(by) {
      panel.scrollBy({ top: by * panel.clientHeight * 0.6 });
    }

    function go(number, { isSilent = false } = {}) {
      at = Math.max(0, Math.min(steps.length - 1, number));
      share = HALF;
      drawWords(steps[at]);
      if (!isSilent) tell(`${count.textContent} · ${title.textContent}`);
      drawMap(steps[at], { isMove: true });
      if (options.onStep) options.onStep(at);
    }

    function toggle() {
      const both = steps[at].comparison;
      if (!both) return;
      share = share === ALL ? NONE : ALL;
      divide();
      tell(say(share === NONE ? both.after_title : both.before_title));
    }

    function closer(box) {
      return button("present-close", say(words.close), "", () => box.close());
    }

    function openList() {
      const list = element("ol");
      steps.forEach((step, number) => {
        const line = element("li");
        const jump = button("", say(step.title), "", () => { listBox.close(); go(number); });
        if (number === at) jump.setAttribute("aria-current", "step");
        line.append(jump);
        list.append(line);
      });
      listBox.replaceChildren(element("h3", "", say(words.list)), list, closer(listBox));
      listBox.setAttribute("aria-label", say(words.list));
      listBox.showModal();
      const here = listBox.querySelector("[aria-current]");
      if (here) here.focus();
    }

    function openKeys() {
      const list = element("ul");
      for (const line of say(words.keyLines).split("|")) list.append(element("li", "", line));
      keysBox.replaceChildren(element("h3", "", say(words.keys)), list, closer(keysBox));
      keysBox.setAttribute("aria-label", say(words.keys));
      keysBox.showModal();
    }

    function fullScreen() {
      if (document.fullscreenElement) document.exitFullscreen();
      else if (root.requestFullscreen) root.requestFullscreen().catch(() => {});
    }

    pictureBox.addEventListener("click", () => {
      bigImage.src = picture.src;
      bigImage.alt = picture.alt;
      big.replaceChildren(bigImage, closer(big));
      big.setAttribute("aria-label", picture.alt || say(words.enlarge));
      big.showModal();
    });

    const moves = {
      ArrowRight: () => go(at + 1), PageDown: () => go(at + 1), " ": () => go(at + 1),
      ArrowLeft: () => go(at - 1), PageUp: () => go(at - 1),
      ArrowDown: () => scroll(1), ArrowUp: () => scroll(-1),
      Home: () => go(0), End: () => go(steps.length - 1),
      b: toggle, l: openList, t: () => theme.click(), f: fullScreen, "?": openKeys, "？": openKeys,
    };

    document.addEventListener("keydown", (event) => {
      if (!isActive() || event.ctrlKey || event.altKey || event.metaKey || root.querySelector("dialog[open]")) return;
      const on = event.target;
      const isSlider = on === slider && !["PageDown", "PageUp", " "].includes(event.key);
      if (isSlider && event.key.length > 1) return; // the arrows move the line, everything else turns the pages
      if (on !== slider && on.closest && on.closest("input, textarea, select, [contenteditable]")) return;
      if (event.key === " " && on.closest && on.closest("button, summary")) return;
      const call = moves[event.key.length === 1 ? event.key.toLowerCase() : event.key];
      if (!call) return;
      event.preventDefault();
      event.stopPropagation();
      call();
    }, true);

    translate();
    begin();
    go(0, { isSilent: true });
    window.addEventListener("resize", () => { tellMore(); if (plain) plain.map.invalidateSize({ animate: false }); });
    document.addEventListener("fullscreenchange", () => { if (plain) setTimeout(() => { plain.map.invalidateSize({ animate: false }); plain.look(steps[at].bounds, { isCalmly: true }); }, 60); });

    return {
      go, tell, words, say, toggle,
      plain: () => plain,
      at: () => at,
      steps: () => steps,
      setSteps(changed, number) { steps = changed; go(Math.min(number ?? at, steps.length - 1), { isSilent: true }); },
      redraw({ isMove = false } = {}) { drawWords(steps[at]); drawMap(steps[at], { isMove }); },
      refresh() { if (plain) { plain.map.invalidateSize({ animate: false }); plain.look(steps[at].bounds, { isCalmly: true }); plain.spotlight(steps[at].spotlight || ""); } },
      translate() { translate(); go(at, { isSilent: true }); },
    };
  }

  window.ecogeoPresent = { mount, button, kept, keep };
})();
