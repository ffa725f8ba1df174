// Where a question looks: all collections, or some of them, or some documents in them.

import { all, asTrouble } from "./api.js";
import { $, button, icon, make, named, pathNamed } from "./dom.js";
import { open } from "./dialogs.js";
import { count, language, t } from "./words.js";

const SHOWN = 60;

export class Scope {
  constructor({ collections = [], documents = [] } = {}) {
    this.collections = new Map(collections.map((one) => [one.id, one]));
    this.documents = new Map(documents.map((one) => [one.id, one]));
    this.known = new Map();
    this.button = $("scope");
    this.button.addEventListener("click", () => this.choose());
    this.tell();
  }

  // What a question carries.
  get body() {
    const body = {};
    if (this.collections.size) body.collections = [...this.collections.keys()];
    if (this.documents.size) body.filters = { documents: [...this.documents.keys()] };
    return body;
  }

  get saved() {
    return { collections: [...this.collections.values()], documents: [...this.documents.values()] };
  }

  tell() {
    const label = this.documents.size ? this.some(this.documents, "scope.documents") : this.collections.size ? this.some(this.collections, "scope.collections") : t("scope.all");
    $("scope-name").replaceChildren(label);
    this.button.classList.toggle("chosen", Boolean(this.documents.size || this.collections.size));
  }

  some(chosen, words) {
    const [first] = chosen.values();
    return chosen.size === 1 ? named(first.name) : count(words, chosen.size);
  }

  async choose() {
    const before = this.saved;
    this.collectionBox = make("ul", { className: "choices", role: "list" });
    this.documentBox = make("ul", { className: "choices", role: "list" });
    this.filter = make("input", { type: "search", className: "input", id: "scope-filter", placeholder: t("scope.filter"), "aria-label": t("scope.filter"), on: { input: () => this.drawDocuments() } });
    this.note = make("p", { className: "muted", role: "status" });
    const everything = button(t("scope.reset"), { click: () => this.reset() });
    const done = button(t("scope.done"), { kind: "primary", type: "submit", value: "done" });
    this.dialog = open({
      title: t("scope.title"),
      content: [make("div", { className: "scope-parts" },
        make("section", { "aria-label": t("collections") }, make("h3", {}, t("collections")), this.collectionBox),
        make("section", { "aria-label": t("documents") }, make("h3", {}, t("documents")), make("div", { className: "search" }, icon("search"), this.filter), this.documentBox, this.note))],
      actions: [everything, done],
      wide: true,
    });
    this.dialog.addEventListener("close", () => {
      if (this.dialog.returnValue !== "done") this.restore(before);
      this.tell();
      this.onChange?.();
    });
    await this.load();
  }

  restore({ collections, documents }) {
    this.collections = new Map(collections.map((one) => [one.id, one]));
    this.documents = new Map(documents.map((one) => [one.id, one]));
  }

  reset() {
    this.restore({ collections: [], documents: [] });
    this.drawCollections();
    this.drawDocuments();
  }

  async load() {
    this.note.textContent = t("loading");
    try {
      this.everything ??= await all("/api/v1/collections", "collections");
      this.everything.sort((a, b) => a.name.localeCompare(b.name, language));
      this.drawCollections();
      this.collectionBox.querySelector("input")?.focus();
      await this.loadDocuments();
    } catch (error) {
      this.note.textContent = asTrouble(error).text;
    }
  }

  async loadDocuments() {
    const wanted = this.everything.filter((one) => one.documents && (!this.collections.size || this.collections.has(one.id)));
    await Promise.all(wanted.filter((one) => !this.known.has(one.id)).map(async ({ id }) => {
      this.known.set(id, await all(`/api/v1/collections/${id}/documents`, "documents"));
    }));
    this.drawDocuments();
  }

  drawCollections() {
    const boxes = this.everything.map((one) => this.box(named(one.name), this.collections.has(one.id), count("documents", one.documents), (on) => {
      if (on) this.collections.set(one.id, { id: one.id, name: one.name });
      else this.collections.delete(one.id);
      for (const [id, document] of this.documents) if (this.collections.size && !this.collections.has(document.collection)) this.documents.delete(id);
      this.loadDocuments().catch((error) => (this.note.textContent = asTrouble(error).text));
    }));
    this.collectionBox.replaceChildren(...boxes);
  }

  drawDocuments() {
    const wanted = this.filter.value.trim().toLocaleLowerCase(language);
    const inside = this.everything.filter((one) => !this.collections.size || this.collections.has(one.id)).flatMap((one) => this.known.get(one.id) ?? []);
    const found = inside.filter((one) => one.status === "ready" && (!wanted || one.path.toLocaleLowerCase(language).includes(wanted)));
    found.sort((a, b) => this.documents.has(b.id) - this.documents.has(a.id) || a.path.localeCompare(b.path, language, { numeric: true }));
    const boxes = found.slice(0, SHOWN).map((one) => this.box(pathNamed(one.path), this.documents.has(one.id), "", (on) => {
      if (on) this.documents.set(one.id, { id: one.id, name: one.path, collection: one.collection_id });
      else this.documents.delete(one.id);
    }));
    this.documentBox.replaceChildren(...boxes);
    this.note.textContent = found.length > SHOWN ? count("scope.more", found.length - SHOWN) : found.length ? "" : t("scope.none");
  }

  box(name, checked, extra, change) {
    const input = make("input", { type: "checkbox", className: "check", checked, on: { change: (event) => change(event.target.checked) } });
    return make("li", {}, make("label", { className: "choice" }, input, make("span", { className: "choice-name" }, name), make("span", { className: "muted", textContent: extra })));
  }
}

