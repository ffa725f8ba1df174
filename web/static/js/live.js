// Parts of a page that the server draws anew while something goes on: fetched again, and exchanged where they differ.

import { moment } from "./words.js";

const SHORTEST_MS = 1000;
const LONGEST_MS = 15000;
// A page that takes long to draw is asked for less often.
const PATIENCE = 8;
const drawn = new WeakMap();

// Times in the reader's own zone.
export function tellTimes(root = document) {
  for (const time of root.querySelectorAll("time[data-moment]")) time.textContent = moment(time.dateTime);
}

function exchange(now, then) {
  const html = then.outerHTML;
  if ((drawn.get(now) ?? now.outerHTML) === html) return;
  const fresh = document.importNode(then, true);
  drawn.set(fresh, html);
  for (const details of now.querySelectorAll("details[id]")) {
    const same = fresh.querySelector(`#${details.id}`);
    if (same) same.open = details.open;
  }
  const focused = now.contains(document.activeElement) ? document.activeElement : null;
  now.replaceWith(fresh);
  tellTimes(fresh);
  if (focused) (focused.id && document.getElementById(focused.id))?.focus();
}

function exchangeList(now, then) {
  const wanted = [...then.children];
  const kept = new Set(wanted.map(({ id }) => id));
  for (const child of [...now.children]) if (!kept.has(child.id)) child.remove();
  wanted.forEach((child, place) => {
    const known = document.getElementById(child.id);
    if (known) exchange(known, child);
    else {
      const fresh = document.importNode(child, true);
      drawn.set(fresh, child.outerHTML);
      now.insertBefore(fresh, now.children[place] ?? null);
      tellTimes(fresh);
    }
  });
  now.toggleAttribute("data-open", then.hasAttribute("data-open"));
}

function remember() {
  for (const part of document.querySelectorAll("[data-live='part'], [data-live='list'] > *")) drawn.set(part, part.outerHTML);
}

// The page as the server draws it now, null without a connection; no script in it runs.
function fetched() {
  const request = new XMLHttpRequest();
  request.open("GET", location.href.split("#")[0]);
  request.responseType = "document";
  return new Promise((resolve) => {
    request.addEventListener("loadend", () => resolve(request.status === 200 ? request.response : null));
    request.send();
  });
}

async function renew() {
  const fresh = await fetched();
  if (!fresh) return;
  for (const part of document.querySelectorAll("[data-live]")) {
    const then = fresh.getElementById(part.id);
    if (!then) continue;
    if (part.dataset.live === "list") exchangeList(part, then);
    else exchange(part, then);
  }
}

// Draws anew as long as something of the page is open, and tells when nothing is any more.
export async function follow(ended = () => {}) {
  let wait = SHORTEST_MS;
  while (document.querySelector("[data-open]")) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    const began = performance.now();
    await renew();
    wait = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, PATIENCE * (performance.now() - began)));
  }
  ended();
}

remember();
tellTimes();
