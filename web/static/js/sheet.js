// A picture of a page in its box: without its blank margins as wide as the box, larger in steps, and scrolled to what
// is marked.

import { make } from "./dom.js";

// What the server paints quoted words with, and the passage around them, on white paper.
const MARKS = [[255, 235, 120], [255, 248, 214]];
const NEAR = 3;
const PIXELS = 12;
const STEPS = [1, 1.5, 2, 3];
// In a box this narrow a whole page cannot be read, so it opens one step larger.
const NARROW = 480;
const BLANK = 235;
const BORDER = 0.03;
const LEAST_SHARE = 0.72;

// Whether the arrow keys move what is in this box from side to side; where they do, they turn no pages.
export const scrolls = (box) => box.scrollWidth > box.clientWidth && box.matches("[tabindex='0']");

export class Sheet {
  constructor(box, smaller, larger) {
    Object.assign(this, { box, smaller, larger, step: box.clientWidth && box.clientWidth < NARROW ? 1 : 0 });
    smaller.addEventListener("click", () => this.zoom(-1));
    larger.addEventListener("click", () => this.zoom(1));
    this.spot = make("span", { className: "sheet-spot" });
    this.frame = make("div", { className: "sheet-frame" }, this.spot);
    this.tell();
  }

  // The frame with this picture in it. `start` is how far down the text the mark begins, undefined without one.
  show(image, start) {
    this.start = start;
    if (image !== this.image) image.addEventListener("load", () => image === this.image && this.loaded());
    this.image = image;
    this.frame.prepend(image);
    for (const other of this.frame.querySelectorAll("img")) if (other !== image) other.remove();
    if (image.complete && image.naturalWidth) this.loaded();
    return this.frame;
  }

  loaded() {
    const { left, right, mark } = seen(this.image);
    const share = Math.max(right - left, LEAST_SHARE);
    const from = Math.min(left, 1 - share);
    this.image.style.width = `${100 / share}%`;
    this.image.style.marginInlineStart = `${(-100 * from) / share}%`;
    const { x, y } = mark ?? { x: left, y: this.start ?? 0 };
    this.spot.style.top = `${100 * y}%`;
    this.spot.style.left = `${(100 * Math.max(0, x - from)) / share}%`;
    this.tell();
    this.reach();
  }

  zoom(by) {
    this.step = Math.min(Math.max(this.step + by, 0), STEPS.length - 1);
    this.tell();
    this.reach();
  }

  tell() {
    this.frame.style.width = `${100 * STEPS[this.step]}%`;
    this.smaller.disabled = this.step === 0;
    this.larger.disabled = this.step === STEPS.length - 1;
  }

  reach() {
    if (this.start !== undefined) this.spot.scrollIntoView({ block: "center", inline: "start" });
  }
}

// Where the print of a page begins and ends from left to right and where its mark begins, all from 0 to 1; the whole
// page where the browser does not let pictures be read.
function seen(image) {
  const { naturalWidth: width, naturalHeight: height } = image;
  const context = make("canvas", { width, height }).getContext("2d", { willReadFrequently: true });
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  const isPrint = (x) => {
    for (let at = x * 4; at < data.length; at += width * 8) if (Math.min(data[at], data[at + 1], data[at + 2]) < BLANK) return true;
    return false;
  };
  let [first, last] = [0, width - 1];
  while (first < width && !isPrint(first)) first += 1;
  if (first === width) return { left: 0, right: 1, mark: undefined };
  while (!isPrint(last)) last -= 1;
  return { left: Math.max(0, first / width - BORDER), right: Math.min(1, last / width + BORDER), mark: markIn(data, width, height) };
}

function markIn(data, width, height) {
  for (const mark of MARKS) {
    for (let y = 0; y < height; y += 2) {
      let found = 0;
      let first = width;
      for (let x = 0; x < width; x += 2) {
        const at = (y * width + x) * 4;
        if (mark.some((value, part) => Math.abs(data[at + part] - value) > NEAR)) continue;
        found += 1;
        first = Math.min(first, x);
      }
      if (found >= PIXELS) return { x: first / width, y: y / height };
    }
  }
  return undefined;
}
