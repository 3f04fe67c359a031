"use strict";
// A search over every section of the documents. It asks nobody: the index is a script beside it, so that it also works
// from a folder. Chinese has no spaces between words: a section is found where it holds each of the words asked for.
(function () {
  const MOST = 30, AROUND = 40;
  const home = new URL("../", document.currentScript.src);
  const entries = (window.ecogeoIndex || []).map(function (entry) {
    return Object.assign({ low: (entry.title + " " + entry.text).toLowerCase() }, entry);
  });

  function found(asked) {
    const words = asked.toLowerCase().split(/\s+/).filter(Boolean);
    if (!words.length) { return []; }
    return entries.map(function (entry, place) {
      if (!words.every(function (word) { return entry.low.includes(word); })) { return null; }
      const title = entry.title.toLowerCase();
      const inTitle = words.filter(function (word) { return title.includes(word); }).length;
      const exact = title === asked.trim().toLowerCase() ? 1 : 0;
      return { entry: entry, place: place, weight: exact * 100 + inTitle * 10, words: words };
    }).filter(Boolean).sort(function (a, b) { return b.weight - a.weight || a.place - b.place; });
  }

  function excerpt(entry, words) {
    const low = entry.text.toLowerCase();
    const at = Math.max(0, ...words.map(function (word) { return low.indexOf(word); }));
    const from = Math.max(0, at - AROUND);
    return (from ? "…" : "") + entry.text.slice(from, from + 3 * AROUND) + (entry.text.length > from + 3 * AROUND ? "…" : "");
  }

  function show(list, asked) {
    const hits = found(asked);
    list.replaceChildren();
    list.hidden = !asked.trim();
    hits.slice(0, MOST).forEach(function (hit) {
      const line = document.createElement("li"), link = document.createElement("a"), text = document.createElement("p");
      link.href = new URL(hit.entry.where, home).href;
      link.textContent = hit.entry.title === hit.entry.page ? hit.entry.title : hit.entry.page + " › " + hit.entry.title;
      text.textContent = excerpt(hit.entry, hit.words);
      line.append(link, text);
      list.append(line);
    });
    const tally = document.createElement("li");
    tally.className = "eg-tally";
    tally.textContent = hits.length ? hits.length + " 处 found" : "没有找到 nothing found";
    list.prepend(tally);
  }

  function begin() {
    const header = document.querySelector(".md-header__inner");
    if (!header) { return; }
    const form = document.createElement("form"), input = document.createElement("input"), list = document.createElement("ol");
    form.className = "eg-search";
    form.setAttribute("role", "search");
    input.type = "search";
    input.placeholder = "搜索 Search";
    input.setAttribute("aria-label", "搜索 Search");
    list.hidden = true;
    list.setAttribute("aria-live", "polite");
    form.append(input, list);
    header.append(form);
    input.addEventListener("input", function () { show(list, input.value); });
    form.addEventListener("submit", function (event) {
      event.preventDefault();
      const first = list.querySelector("a");
      if (first) { first.click(); }
    });
    document.addEventListener("keydown", function (event) {
      const typing = /^(input|textarea|select)$/i.test(document.activeElement.tagName);
      if (event.key === "/" && !typing) { event.preventDefault(); input.focus(); }
      if (event.key === "Escape") { list.hidden = true; }
    });
    document.addEventListener("click", function (event) { if (!form.contains(event.target)) { list.hidden = true; } });
    input.addEventListener("focus", function () { show(list, input.value); });
  }

  if (document.readyState === "loading") { document.addEventListener("DOMContentLoaded", begin); } else { begin(); }
})();
