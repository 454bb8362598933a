// What the page does in the browser: markers that lead to their place in the notice, what hovering
// shows, copying and export, light and dark, the two panes of a phone. Gradio carries everything
// else. Each part of the page calls its function here once (see _wired in page.py); text is only
// ever put into the page as text.
window.youju = (() => {
  "use strict";

  let showNotice = () => {};  // asks for another notice; set by notice()
  let wanted = null;          // place in a notice that is on its way
  let opener = null;          // marker that led to the notice, to return to
  let tip = null;             // what hovering shows, and over which element

  const phone = () => window.matchMedia("(max-width: 820px)").matches;
  const $ = (selector) => document.querySelector(selector);
  const remember = (key, value) => { try { localStorage.setItem(key, value); } catch { /* private */ } };
  const recall = (key) => { try { return localStorage.getItem(key); } catch { return null; } };

  // -- light and dark ----------------------------------------------------------------------

  const systemDark = window.matchMedia("(prefers-color-scheme: dark)");
  function paint() {
    const chosen = recall("youju-theme");
    const dark = chosen ? chosen === "dark" : systemDark.matches;
    document.body.classList.toggle("dark", dark);
    document.documentElement.style.colorScheme = dark ? "dark" : "light";
  }
  systemDark.addEventListener("change", paint);

  // -- places in the notice ----------------------------------------------------------------

  // Offsets count code points, as Python does; a text node counts UTF-16 units.
  function unit(text, point) {
    let at = 0;
    for (let n = 0; n < point; n++) at += text.codePointAt(at) > 0xffff ? 2 : 1;
    return at;
  }

  function clear(doc) {
    for (const mark of doc.querySelectorAll("mark")) {
      const parent = mark.parentNode;
      mark.replaceWith(...mark.childNodes);
      parent.normalize();
    }
  }

  // Highlight [start, end) of the notice's text; gives back the marks, in order.
  function highlight(doc, start, end, quote) {
    const text = doc.querySelector(".yj-notice");
    clear(text);
    const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
    const parts = [];
    let place = 0;
    for (let node = walker.nextNode(); node && place < end; node = walker.nextNode()) {
      const size = [...node.data].length;
      const from = Math.max(start - place, 0);
      const to = Math.min(end - place, size);
      if (from < to) parts.push([node, unit(node.data, from), unit(node.data, to)]);
      place += size;
    }
    const said = parts.map(([node, from, to]) => node.data.slice(from, to)).join("");
    if (quote !== undefined && said !== quote) return null;
    return parts.map(([node, from, to]) => {
      const range = document.createRange();
      range.setStart(node, from);
      range.setEnd(node, to);
      const mark = document.createElement("mark");
      range.surroundContents(mark);
      return mark;
    });
  }

  function scrollTo(text, element) {
    const down = element.getBoundingClientRect().top - text.getBoundingClientRect().top;
    const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    text.scrollTo({ top: text.scrollTop + down - text.clientHeight / 4,
                    behavior: calm ? "auto" : "smooth" });
  }

  function pane(name) {
    document.body.dataset.pane = name;
    for (const tab of document.querySelectorAll("[data-pane]")) {
      if (tab.tagName === "BUTTON") {
        tab.setAttribute("aria-pressed", String(tab.dataset.pane === name));
      }
    }
  }

  // Lead to a place: {source, notice, start, end, quote}; asks for the notice if it is not shown.
  function show(place, { focus = true } = {}) {
    const doc = $(".yj-doc");
    if (!doc || doc.dataset.source !== place.source || doc.dataset.notice !== place.notice) {
      wanted = { place, focus };
      showNotice({ source: place.source, notice: place.notice });
      return;
    }
    doc.classList.remove("yj-lost");
    const marks = highlight(doc, Number(place.start), Number(place.end), place.quote);
    if (!marks || !marks.length) return doc.classList.add("yj-lost");
    doc.querySelector(".yj-outline")?.removeAttribute("open");
    const text = doc.querySelector(".yj-notice");
    if (focus) {
      if (phone()) pane("notice");
      marks[0].tabIndex = -1;
      marks[0].focus({ preventScroll: true });
    }
    scrollTo(text, marks[0]);
  }

  function placeOf(element) {
    const { source, notice, start, end, quote } = element.dataset;
    return { source, notice, start, end, quote };
  }

  function back() {
    pane("chat");
    if (opener?.isConnected) opener.focus();
  }

  // -- what hovering shows -----------------------------------------------------------------

  function hideTip() {
    tip?.box.remove();
    tip?.over.removeAttribute("aria-describedby");
    tip = null;
  }

  function placeTip() {
    const { box, over } = tip;
    const at = over.getClientRects()[0] || over.getBoundingClientRect();
    const left = Math.min(Math.max(8, at.left - 24), window.innerWidth - box.offsetWidth - 8);
    const above = at.top - box.offsetHeight - 6;
    box.style.left = `${left}px`;
    box.style.top = `${above > 6 ? above : at.bottom + 6}px`;
  }

  function showTip(over) {
    if (tip?.over === over) return;
    hideTip();
    const { section, quote, before, label } = over.dataset;
    const box = document.createElement("div");
    box.id = "yj-tip";
    box.role = "tooltip";
    const head = document.createElement("b");
    head.textContent = before === undefined ? section : label;
    const body = document.createElement("span");
    body.textContent = before === undefined ? quote : before;
    box.append(head, body);
    document.body.append(box);
    over.setAttribute("aria-describedby", box.id);
    tip = { box, over };
    placeTip();
  }

  const tipped = (event) => event.target.closest?.(".yj-marker, .yj-repair");
  document.addEventListener("mouseover", (event) => {
    if (event.target.closest?.("#yj-tip")) return;
    const element = tipped(event);
    if (element) showTip(element); else hideTip();
  });
  document.addEventListener("focusin", (event) => {
    const element = tipped(event);
    if (element) showTip(element); else hideTip();
  });
  document.addEventListener("scroll", (event) => {
    if (tip && event.target.contains(tip.over)) placeTip();
  }, true);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    if (tip) return hideTip();
    if (event.target.closest?.("#yj-panel")) back();
  });

  // -- copying and export ------------------------------------------------------------------

  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
    } catch {  // no clipboard outside a secure context
      const area = document.createElement("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
  }

  function save(name, type, text) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  const turns = (element) => [...element.querySelectorAll(".yj-turn[data-json]")];

  // -- the parts of the page ---------------------------------------------------------------

  function head(element, trigger, watch) {
    paint();
    pane(document.body.dataset.pane || "chat");
    const named = () => {
      const other = element.querySelector("[data-do=language]");
      if (other) document.documentElement.lang = other.lang === "en" ? "zh-Hans" : "en";
      pane(document.body.dataset.pane);
    };
    named();
    watch("value", named);
    element.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      if (button.dataset.pane) pane(button.dataset.pane);
      else if (button.dataset.do === "language") trigger("language");
      else if (button.dataset.do === "theme") {
        remember("youju-theme", document.body.classList.contains("dark") ? "light" : "dark");
        paint();
      }
    });
  }

  function talk(element, trigger, watch) {
    let count = 0;
    watch("value", () => {
      const all = turns(element);
      const log = $("#yj-log");
      const grown = all.length > count && count >= 0;
      count = all.length;
      const last = all.at(-1);
      if (!grown || !last) return;
      log.scrollTop += last.getBoundingClientRect().top - log.getBoundingClientRect().top - 12;
      // The newest answer's first quote comes into view; the reader stays where they are.
      const marker = last.querySelector(".yj-text .yj-marker");
      const text = $(".yj-notice");
      if (marker) show(placeOf(marker), { focus: false });
      else if (text) clear(text);
    });
    element.addEventListener("click", (event) => {
      const button = event.target.closest("[data-do]");
      if (!button) return;
      const turn = Number(button.dataset.turn);
      const article = button.closest(".yj-turn");
      switch (button.dataset.do) {
        case "show":
          event.preventDefault();
          opener = button;
          hideTip();
          show(placeOf(button));
          break;
        case "example":
          trigger("example", { question: button.dataset.question });
          break;
        case "retry":
          trigger("retry", { turn, question: JSON.parse(article.dataset.json).question });
          break;
        case "edit":
          trigger("edit", { turn });
          setTimeout(() => $("#yj-box textarea")?.focus(), 300);
          break;
        case "cancel": trigger("cancel"); break;
        case "new": count = 0; trigger("anew"); break;
        case "up":
        case "down":
          trigger("judge", { turn, verdict: button.dataset.do });
          break;
        case "copy":
          copy(article.dataset.markdown).then(() => {
            button.classList.add("yj-done");
            setTimeout(() => button.classList.remove("yj-done"), 1500);
          });
          break;
        case "export-markdown":
          save("youju.md", "text/markdown",
            turns(element).map((t) => t.dataset.markdown).join("\n"));
          break;
        case "export-json":
          save("youju.json", "application/json",
            JSON.stringify(turns(element).map((t) => JSON.parse(t.dataset.json)), null, 2));
          break;
      }
    });
  }

  function live(element, trigger, watch) {
    watch("value", () => {
      const log = $("#yj-log");
      if (element.textContent.trim()) log.scrollTop = log.scrollHeight;
    });
  }

  function notice(element, trigger, watch) {
    showNotice = (place) => trigger("show", place);
    watch("value", () => {
      hideTip();
      const next = wanted;
      wanted = null;
      const doc = element.querySelector(".yj-doc");
      const { place } = next || {};
      // Not where it could not be opened: that would ask for it for ever.
      if (place && doc?.dataset.source === place.source && doc.dataset.notice === place.notice) {
        show(place, next);
      }
    });
    element.addEventListener("change", (event) => {
      const doc = element.querySelector(".yj-doc");
      if (event.target.matches(".yj-choice")) {
        trigger("show", { source: doc.dataset.source, notice: event.target.value });
      }
    });
    element.addEventListener("click", (event) => {
      const button = event.target.closest("[data-do]");
      if (!button) return;
      const doc = element.querySelector(".yj-doc");
      const text = doc.querySelector(".yj-notice");
      switch (button.dataset.do) {
        case "goto": {
          event.preventDefault();
          const section = text.querySelector(`section[data-start="${Number(button.dataset.start)}"]`);
          scrollTo(text, section);
          text.focus({ preventScroll: true });
          break;
        }
        case "repairs": {
          const on = doc.classList.toggle("yj-repairs");
          button.setAttribute("aria-pressed", String(on));
          // Only while they are shown do they stand in the way of the Tab key.
          for (const e of text.querySelectorAll(".yj-repair")) {
            if (on) e.tabIndex = 0; else e.removeAttribute("tabindex");
          }
          break;
        }
        case "back": back(); break;
        case "close": trigger("close"); break;
      }
    });
  }

  return { head, talk, live, notice };
})();
