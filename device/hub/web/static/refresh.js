// Keeps a page as the hub is: asks for it again every few seconds, and changes what has changed, in place. So whoever
// reads, has a field or a link in focus, or has scrolled, stays where they are. Without this script a page is as it was
// when it was opened. While nobody looks (another tab, a locked screen) it does not ask.
"use strict";

(() => {
  const main = document.querySelector("main[data-refresh]");
  if (!main || !window.fetch || !window.DOMParser) return;
  const everyMs = Number(main.dataset.refresh) * 1000;
  let tag = "";
  let timer = 0;

  const isField = (node) => ["INPUT", "SELECT", "TEXTAREA"].includes(node.nodeName);

  function sameKind(one, other) {
    return one.nodeType === other.nodeType && one.nodeName === other.nodeName && (one.id || "") === (other.id || "");
  }

  function setAttributes(node, wanted) {
    for (const { name } of [...node.attributes]) {
      if (!wanted.hasAttribute(name) && name !== "open") node.removeAttribute(name);
    }
    for (const { name, value } of [...wanted.attributes]) {
      if (name !== "open" && node.getAttribute(name) !== value) node.setAttribute(name, value);
    }
  }

  // Makes what is in `node` like what is in `wanted`. Every element that is in both stays: one with an id wherever it
  // is, others where one of the same kind stands in their place.
  function follow(node, wanted) {
    let before = node.firstChild;
    const drop = () => {
      const gone = before;
      before = before.nextSibling;
      gone.remove();
    };
    for (const next of [...wanted.childNodes]) {
      if (before && next.id && !sameKind(before, next)) {
        let kept = before;
        while (kept && kept.id !== next.id) kept = kept.nextSibling;
        while (kept && before !== kept) drop();
      }
      if (!before || !sameKind(before, next)) {
        node.insertBefore(next, before);
        continue;
      }
      const same = before;
      before = before.nextSibling;
      if (next.nodeType !== Node.ELEMENT_NODE) {
        if (same.nodeValue !== next.nodeValue) same.nodeValue = next.nodeValue;
      } else if (!isField(same)) {  // what somebody has typed or chosen stays
        setAttributes(same, next);
        follow(same, next);
      }
    }
    while (before) drop();
  }

  async function ask() {
    const headers = { "X-Desk-Refresh": "1" };
    if (tag) headers["If-None-Match"] = tag;
    const answer = await fetch(location.href, { headers, redirect: "manual", credentials: "same-origin" });
    if (answer.type === "opaqueredirect" || answer.status === 403) {  // nobody is logged in any more
      location.reload();
      return false;
    }
    if (answer.status !== 200) return true;  // 304: nothing has changed; else the hub is away for a moment
    tag = answer.headers.get("ETag") || "";
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = page.querySelector("main[data-refresh]");
    if (found) {
      const focused = document.activeElement;
      follow(main, found);
      if (focused && focused.id && !focused.isConnected) {
        document.getElementById(focused.id)?.focus({ preventScroll: true });
      }
    }
    return true;
  }

  function later() {
    clearTimeout(timer);
    if (!document.hidden) timer = setTimeout(turn, everyMs);
  }

  async function turn() {
    try {
      if (!(await ask())) return;
    } catch {
      // No network: the next time.
    }
    later();
  }

  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    if (!document.hidden) turn();
  });
  later();
})();
