// Making elements. Text from documents, names and answers only ever becomes text nodes.

const SVG = "http://www.w3.org/2000/svg";
const TURNING = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
const icons = document.documentElement.dataset.icons;
// Fetched once: a page that lost its server can still show what went wrong.
const drawn = new XMLHttpRequest();
drawn.open("GET", icons);
drawn.responseType = "document";
drawn.send();

// `on` holds listeners, `data` data attributes, names with a hyphen and `role` become attributes, the rest properties.
export function make(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null) continue;
    if (key === "on") Object.entries(value).forEach(([event, listener]) => element.addEventListener(event, listener));
    else if (key === "data") Object.assign(element.dataset, value);
    else if (key.includes("-") || key === "role") element.setAttribute(key, value);
    else element[key] = value;
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

export function icon(name, extra = "") {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", `icon ${extra}`.trim());
  svg.setAttribute("aria-hidden", "true");
  const symbol = drawn.response?.getElementById(name);
  if (symbol) {
    for (const { name: key, value } of symbol.attributes) if (key !== "id") svg.setAttribute(key, value);
    svg.append(...[...symbol.children].map((part) => document.importNode(part, true)));
    return svg;
  }
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${icons}#${name}`);
  svg.append(use);
  return svg;
}

export function button(label, { iconName, kind = "", click, ...properties } = {}) {
  const children = iconName ? [icon(iconName), make("span", {}, label)] : [label];
  const on = click ? { click } : {};
  return make("button", { type: "button", className: `button ${kind}`.trim(), on, ...properties }, ...children);
}

export function iconButton(label, iconName, click, kind = "") {
  const on = { click };
  return make("button", { type: "button", className: `icon-button ${kind}`.trim(), title: label, "aria-label": label, on }, icon(iconName));
}

// Characters that turn the direction of text around can make `exe.txt` look like `txt.exe`.
export const plain = (name) => name.replace(TURNING, "");
export const named = (name, className = "") => make("bdi", { className, textContent: plain(name) });

// A path as people read it: its folders quieter than the file's name.
export function pathNamed(path) {
  const cut = path.lastIndexOf("/") + 1;
  if (!cut) return named(path);
  return make("bdi", {}, make("span", { className: "folder", textContent: plain(path.slice(0, cut)) }), plain(path.slice(cut)));
}

export const $ = (id) => document.getElementById(id);
export const given = () => JSON.parse($("data").textContent);
export const wide = window.matchMedia("(min-width: 70rem)");
