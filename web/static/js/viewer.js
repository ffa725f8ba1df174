// The page that a citation points at, beside the answer; on narrow screens it covers it. Escape closes it.

import { asTrouble, json } from "./api.js";
import { $, make, named, plain, wide } from "./dom.js";
import { scrolls, Sheet } from "./sheet.js";
import { isPoor, number, place, replaced, t } from "./words.js";

export class Viewer {
  constructor() {
    this.dialog = $("viewer");
    this.body = $("viewer-body");
    this.moves = 0;
    $("viewer-close").addEventListener("click", () => this.dialog.close());
    $("viewer-back").addEventListener("click", () => this.turn(-1));
    $("viewer-on").addEventListener("click", () => this.turn(1));
    this.dialog.addEventListener("close", () => this.closed());
    this.dialog.addEventListener("keydown", (event) => this.key(event));
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.dialog.open && !document.querySelector("dialog:modal")) this.dialog.close();
    });
    wide.addEventListener("change", () => this.dialog.open && this.present());
  }

  async open(source, link) {
    this.link?.removeAttribute("aria-current");
    Object.assign(this, { source, link, page: source.page, pages: 0 });
    link.setAttribute("aria-current", "true");
    $("viewer-title").replaceChildren(named(source.filename));
    $("viewer-quote").textContent = source.quote;
    $("viewer-changed").hidden = true;
    this.present();
    this.sheet ??= new Sheet(this.body, $("viewer-smaller"), $("viewer-larger"));
    $("viewer-close").focus();
    this.show();
    const found = await json("GET", `/api/v1/documents/${source.document_id}`).catch(() => null);
    if (this.source !== source || !found) return;
    this.pages = found.pages;
    this.drawPager();
  }

  // Beside the answer where there is room, else above everything.
  present() {
    const isModal = !wide.matches;
    if (this.dialog.open) {
      if (isModal === this.isModal) return;
      this.moves += 1;
      this.dialog.close();
    }
    if (isModal) this.dialog.showModal();
    else this.dialog.show();
    this.isModal = isModal;
    document.body.classList.add("viewing");
  }

  closed() {
    // It was only taken down to be put up in the other way.
    if (this.moves) {
      this.moves -= 1;
      return;
    }
    document.body.classList.remove("viewing");
    this.link?.removeAttribute("aria-current");
    this.link?.focus();
    this.source = null;
    this.body.replaceChildren();
  }

  key(event) {
    if (event.target.closest("input, textarea, select") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!scrolls(event.target) && event.key === "ArrowLeft") this.turn(-1);
    if (!scrolls(event.target) && event.key === "ArrowRight") this.turn(1);
    if (event.key === "+") $("viewer-larger").click();
    if (event.key === "-") $("viewer-smaller").click();
  }

  turn(step) {
    const page = this.page + step;
    if (page < 1 || (this.pages && page > this.pages)) return;
    this.page = page;
    this.show();
  }

  drawPager() {
    const isCited = this.page === this.source.page;
    const of = this.pages ? t("page.of", { n: number(this.page), all: number(this.pages) }) : t("page.n", { n: number(this.page) });
    $("viewer-page").textContent = this.name ? plain(place(this.name)) : of;
    $("viewer-back").disabled = this.page <= 1;
    $("viewer-on").disabled = Boolean(this.pages) && this.page >= this.pages;
    const query = isCited ? `?${this.mark()}` : this.source.superseded ? `?${new URLSearchParams(this.version())}` : "";
    $("viewer-document").href = `/documents/${this.source.document_id}/pages/${this.page}${query}`;
    $("viewer-cited").hidden = !isCited;
    const remarks = [plain(place(this.source.place ?? "")), isPoor(this.source) ? t("scan.poor") : "", replaced(this.source)].filter(Boolean);
    $("viewer-place").hidden = !remarks.length;
    $("viewer-place").textContent = remarks.join(", ");
    // Text that flows has no pages to turn.
    const isWhole = this.pages === 1 && this.isText;
    for (const id of ["viewer-page", "viewer-back", "viewer-on"]) $(id).hidden = isWhole;
  }

  mark() {
    return new URLSearchParams({ passage: this.source.passage_id, quote: this.source.quote.slice(0, 500) });
  }

  // Of a source whose version answers no more all pages are those of that version.
  version() {
    return this.source.superseded ? { version: this.source.version } : {};
  }

  async show() {
    const { source, page } = this;
    this.name = "";
    this.drawPager();
    this.body.setAttribute("aria-busy", "true");
    this.body.replaceChildren(make("div", { className: "sheet-waiting" }, make("span", { className: "pulse" }), t("page.loading")));
    try {
      const part = page === source.page ? { passage: source.passage_id } : { part: 1, ...this.version() };
      const found = await json("GET", `/api/v1/documents/${source.document_id}/pages/${page}?${new URLSearchParams(part)}`);
      if (this.source === source && this.page === page) this.draw(found);
    } catch (error) {
      if (this.source === source && this.page === page) this.body.replaceChildren(make("p", { className: "notice bad", role: "alert" }, asTrouble(error).text));
    } finally {
      this.body.removeAttribute("aria-busy");
    }
  }

  draw(found) {
    Object.assign(this, { name: found.name, isText: found.width <= 0 });
    this.drawPager();
    const passage = found.page === this.source.page ? found.passages.find((one) => one.id === this.source.passage_id) : undefined;
    $("viewer-changed").hidden = found.page !== this.source.page || passage !== undefined;
    for (const id of ["viewer-smaller", "viewer-larger"]) $(id).hidden = found.width <= 0;
    if (found.width <= 0) return this.drawText(found, passage);
    const query = passage ? `?${this.mark()}` : "";
    const alt = t(passage ? "page.alt.marked" : "page.alt", { n: number(found.page), name: plain(this.source.filename) });
    const image = make("img", { className: "sheet", alt, width: Math.round(found.width), height: Math.round(found.height) });
    const text = make("details", { className: "page-text" }, make("summary", {}, t("page.text")), pageText(found.text, passage));
    image.addEventListener("error", () => this.drawText(found, passage));
    image.src = `/api/v1/documents/${this.source.document_id}/pages/${found.page}.png${query || (this.source.superseded ? `?version=${this.source.version}` : "")}`;
    this.body.replaceChildren(this.sheet.show(image, passage && startOf(passage, found.text)), text);
    this.body.scrollTo(0, 0);
  }

  drawText(found, passage) {
    const text = pageText(found.text, passage, passage && this.source.quote);
    this.body.replaceChildren(text);
    this.body.scrollTop = 0;
    text.querySelector("mark:not(.around)")?.scrollIntoView({ block: "center" });
  }
}

// How far down the text of its page a passage begins, from 0 to 1.
export const startOf = (passage, text) => passage.start / Math.max(1, text.length);

// The text of a page with a passage marked, and what is quoted of it more strongly.
export function pageText(text, passage, quote = "") {
  // Places in the text count characters, as the server does; in scripts some of them count twice.
  const characters = Array.from(text);
  const [start, end] = passage ? [passage.start, passage.end] : [0, 0];
  const part = (first, last) => characters.slice(first, last).join("");
  const marked = passage ? marks(part(start, end), quote) : [];
  return make("pre", { className: "text", dir: "auto", tabIndex: 0 }, part(0, start), ...marked, part(end));
}

function marks(passage, quote) {
  const at = quote ? passage.indexOf(quote) : -1;
  if (at < 0) return [make("mark", { textContent: passage })];
  const parts = [passage.slice(0, at), quote, passage.slice(at + quote.length)];
  return parts.map((textContent, index) => (textContent ? make("mark", { textContent, className: index === 1 ? "" : "around" }) : ""));
}
