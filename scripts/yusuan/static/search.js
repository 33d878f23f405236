/* Search of the static site: finds any part of a name or sentence, from one character on. No library, no server. */
"use strict";
const yusuan = (() => {
  const SHOWN = 300, FIRST = 10, EXCERPT = 90, here = document.currentScript.src.replace(/search\.js.*$/, "");
  const waiting = new Map(), kept = new Map();

  /* Files hand their data to take(); a file is asked for once. */
  function take(kind, name, data) { waiting.get(`${kind}/${name}`)(data); }
  function load(kind, name, file) {
    const key = `${kind}/${name}`;
    if (!kept.has(key)) kept.set(key, new Promise((done, failed) => {
      waiting.set(key, done);
      const script = document.createElement("script");
      script.src = here + file;
      script.onerror = () => failed(new Error(file));
      document.head.append(script);
    }));
    return kept.get(key);
  }

  /* The form in which texts are compared: width and case do not count, blanks are nothing. */
  const fold = text => text.normalize("NFKC").toLowerCase().replace(/\s+/gu, "");
  const words = text => [...new Set(text.split(/\s+/u).map(fold).filter(Boolean))].slice(0, 8);

  /* A number is found whether its thousands are separated or not. */
  function spellings(word) {
    if (/^\d{1,3}(,\d{3})+(\.\d+)?$/.test(word)) return [word, word.replaceAll(",", "")];
    if (!/^[1-9]\d{3,}(\.\d+)?$/.test(word)) return [word];
    const [whole, ...decimals] = word.split(".");
    return [word, [whole.replace(/\B(?=(\d{3})+$)/g, ","), ...decimals].join(".")];
  }

  function numbers(told) {
    let at = 0;
    return told ? told.split(" ").map(step => at += parseInt(step, 36)) : [];
  }

  async function pairs(index, first) {
    const shard = first.codePointAt(0) % index.shards.length;
    const name = shard.toString(16).padStart(2, "0");
    return index.shards[shard] === "1" ? load("pairs", name, `pairs/${name}.js`) : {};
  }

  /* Entries that hold every pair of a word; for a single character, those of every pair that begins with it. */
  async function holding(index, word) {
    const letters = [...word];
    if (letters.length === 1) {
      const known = await pairs(index, word), all = new Set();
      for (const pair in known) if (pair.startsWith(word)) numbers(known[pair]).forEach(n => all.add(n));
      return all;
    }
    let left = null;
    for (let i = 0; i + 1 < letters.length; i++) {
      const found = new Set(numbers((await pairs(index, letters[i]))[letters[i] + letters[i + 1]]));
      left = left ? new Set([...left].filter(n => found.has(n))) : found;
      if (!left.size) break;
    }
    return left;
  }

  async function find(asked) {
    const index = await load("index", 0, "index.js");
    let left = null;
    for (const word of asked.words) {
      const found = new Set();
      for (const spelling of spellings(word)) (await holding(index, spelling)).forEach(n => found.add(n));
      left = left ? new Set([...left].filter(n => found.has(n))) : found;
    }
    const hits = [];
    let more = false;
    for (const n of [...(left || [])].sort((a, b) => a - b)) {
      const part = Math.floor(n / index.chunk);
      const entry = (await load("entries", part, `entries/${part}.js`))[n % index.chunk];
      const [kind, year, unit, title, text, url] = entry;
      const fields = [title, ...text.split(" · ")].map(fold);
      if (asked.year && String(year) !== asked.year) continue;
      if (asked.kind && index.kinds[kind] !== asked.kind) continue;
      if (!asked.words.every(word => spellings(word).some(spelling => fields.some(field => field.includes(spelling))))) continue;
      if (hits.length === SHOWN) { more = true; break; }
      hits.push({ kind: index.kinds[kind], year, unit, title, text, url });
    }
    return { hits, more };
  }

  /* Where words stand in a text, although it is compared in another form. */
  function spans(text, wanted) {
    const places = [];
    let folded = "", at = 0;
    for (const char of text) {
      for (const part of fold(char)) { folded += part; for (let i = 0; i < part.length; i++) places.push([at, at + char.length]); }
      at += char.length;
    }
    const found = [];
    for (const word of wanted)
      for (let i = folded.indexOf(word); i >= 0; i = folded.indexOf(word, i + 1)) found.push([places[i][0], places[i + word.length - 1][1]]);
    found.sort((a, b) => a[0] - b[0]);
    return found.reduce((merged, [first, last]) => {
      const before = merged[merged.length - 1];
      if (before && first <= before[1]) before[1] = Math.max(before[1], last); else merged.push([first, last]);
      return merged;
    }, []);
  }

  function marked(parent, text, wanted, length) {
    const found = spans(text, wanted);
    let at = found.length && text.length > length ? Math.max(0, found[0][0] - Math.floor(length / 3)) : 0;
    const end = Math.min(text.length, at + length);
    if (at) parent.append("…");
    for (const [first, last] of found) {
      if (first >= end) break;
      const hit = document.createElement("mark");
      hit.textContent = text.slice(first, Math.min(last, end));
      parent.append(text.slice(at, first), hit);
      at = Math.min(last, end);
    }
    parent.append(text.slice(at, end), end < text.length ? "…" : "");
  }

  function element(name, parent, text = "") {
    const made = document.createElement(name);
    made.textContent = text;
    parent.append(made);
    return made;
  }

  function show(asked, { hits, more }) {
    const box = document.getElementById("hits"), groups = new Map();
    box.replaceChildren();
    for (const hit of hits) groups.set(hit.kind, [...(groups.get(hit.kind) || []), hit]);
    for (const [kind, found] of groups) {
      const heading = element("h2", box, `${kind} `);
      Object.assign(element("span", heading, String(found.length)), { className: "count" });
      let list = Object.assign(element("ul", box), { className: "findings" });
      for (const [number, hit] of found.entries()) {
        if (number === FIRST && found.length > FIRST + 1) {
          const more = element("details", box);
          element("summary", more, `其余 ${found.length - FIRST} 条`);
          list = Object.assign(element("ul", more), { className: "findings" });
        }
        const item = element("li", list), link = element("a", item);
        link.href = hit.url;
        marked(link, hit.title, asked.words.flatMap(spellings), 200);
        const about = [hit.unit, hit.year || ""].filter(Boolean).join("，");
        if (about) Object.assign(element("span", item, ` ${about}`), { className: "count" });
        if (hit.text) marked(element("div", item), hit.text, asked.words.flatMap(spellings), EXCERPT);
      }
    }
    document.getElementById("said").textContent =
      hits.length ? `找到 ${more ? "超过 " : ""}${hits.length} 条` + (more ? `，只列前 ${hits.length} 条，请多写几个字` : "") : "没有找到。少写几个字，或者换一个说法再试。";
  }

  /* The arrow keys go from hit to hit, and back to the box. */
  function walk(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const stops = [document.getElementById("q"), ...document.querySelectorAll("#hits a, #hits summary")].filter(one => one.checkVisibility());
    const at = stops.indexOf(document.activeElement);
    if (!step || at < 0 || !stops[at + step]) return;
    event.preventDefault();
    stops[at + step].focus();
  }

  async function start() {
    const given = new URLSearchParams(location.search), form = document.getElementById("find");
    for (const name of ["q", "年度", "类"]) if (given.get(name)) form.elements[name].value = given.get(name);
    document.addEventListener("keydown", walk);
    const asked = { words: words(form.elements.q.value), year: form.elements["年度"].value, kind: form.elements["类"].value };
    if (!asked.words.length) { form.elements.q.focus(); return; }
    const said = document.getElementById("said");
    said.textContent = "正在检索…";
    try { show(asked, await find(asked)); } catch (error) { said.textContent = `检索的文件没有取到（${error.message}），请刷新再试。`; }
  }

  document.addEventListener("DOMContentLoaded", start);
  return { take };
})();
