// The documents of a collection: listed, filtered, sorted, and watched while any of them is still being read.

import { all, asTrouble, json } from "./api.js";
import { $, named, plain } from "./dom.js";
import { confirm, toast } from "./dialogs.js";
import { isSettled, needsHelp, row } from "./document_row.js";
import { Kinds } from "./kinds.js";
import { count, language, number, statusName, t } from "./words.js";

const POLL_MS = 1000;
const SLOWEST = 6;
// Documents are read one after the other, so only those whose turn it is need to be watched.
const WATCHED = 12;
const SHOWN = 200;

const byName = new Intl.Collator(language, { numeric: true, sensitivity: "base" });
const ORDERS = {
  name: (a, b) => byName.compare(a.path, b.path),
  newest: (a, b) => b.created_at.localeCompare(a.created_at) || byName.compare(a.path, b.path),
  largest: (a, b) => b.size - a.size || byName.compare(a.path, b.path),
  trouble: (a, b) => rank(a) - rank(b) || byName.compare(a.path, b.path),
};
const rank = (item) => (needsHelp(item) ? 0 : isSettled(item) ? 2 : 1);

export class DocumentList {
  constructor({ collection, documents, complete, may_write: mayWrite, kinds }) {
    this.collection = collection;
    this.items = new Map(documents.map((item) => [item.id, item]));
    this.acts = mayWrite ? { remove: (item) => this.remove(item), retry: (item) => this.retry(item) } : null;
    this.drawn = new Map();
    this.most = SHOWN;
    this.pace = 1;
    this.timer = 0;
    this.setUpTools(kinds);
    this.show();
    if (complete) this.watch();
    else this.refresh();
  }

  setUpTools(kinds) {
    this.filter = $("filter");
    this.order = $("order");
    this.kinds = new Kinds($("kinds"), kinds, () => this.show());
    this.filter.addEventListener("input", () => this.show());
    this.order.addEventListener("change", () => this.show());
    $("more").addEventListener("click", () => {
      this.most += SHOWN;
      this.show();
    });
  }

  get paths() {
    return new Map([...this.items.values()].map((item) => [item.path, item]));
  }

  // Fetch the whole list anew; after an upload, and where the page brought only the first part.
  async refresh() {
    try {
      const items = await all(`/api/v1/collections/${this.collection}/documents`, "documents");
      this.items = new Map(items.map((item) => [item.id, item]));
      this.show();
    } catch (error) {
      toast(asTrouble(error).text, true);
    }
    this.pace = 1;
    this.watch();
  }

  watch() {
    clearTimeout(this.timer);
    if (this.isOver || [...this.items.values()].every(isSettled)) return;
    this.timer = setTimeout(() => this.look(), POLL_MS * this.pace);
  }

  async look() {
    const open = [...this.items.values()].filter((item) => !isSettled(item));
    open.sort((a, b) => (a.status === b.status ? a.created_at.localeCompare(b.created_at) : a.status === "processing" ? -1 : 1));
    const seen = await Promise.all(open.slice(0, WATCHED).map((item) => this.lookAt(item)));
    this.pace = seen.some(Boolean) ? 1 : Math.min(this.pace * 1.3, SLOWEST);
    if (seen.some(Boolean)) this.show();
    this.watch();
  }

  // Nothing more comes to someone who is signed out, and what is shown no longer moves.
  end(trouble) {
    if (!this.isOver) toast(trouble.text, true);
    this.isOver = true;
  }

  // Whether anything changed.
  async lookAt(item) {
    try {
      const now = await json("GET", `/api/v1/documents/${item.id}`);
      if (JSON.stringify(now) === JSON.stringify(item)) return false;
      this.items.set(item.id, now);
      if (isSettled(now)) $("news").textContent = `${plain(now.filename)}: ${statusName(now.status)}`;
      return true;
    } catch (error) {
      const trouble = asTrouble(error);
      if (trouble.code === "not_signed_in") this.end(trouble);
      if (trouble.code !== "not_found") return false;
      this.items.delete(item.id);
      return true;
    }
  }

  show() {
    const wanted = this.filter.value.trim().toLocaleLowerCase(language);
    const all = [...this.items.values()];
    this.kinds.offer(all);
    const found = all.filter((item) => this.kinds.lets(item) && (!wanted || item.path.toLocaleLowerCase(language).includes(wanted)));
    found.sort(ORDERS[this.order.value] ?? ORDERS.name);
    this.draw(found.slice(0, this.most));
    this.tell(found, Boolean(wanted) || this.kinds.isChosen);
  }

  // Only rows that changed are replaced, so that focus and open explanations survive.
  draw(items) {
    const body = $("documents").tBodies[0];
    const rows = items.map((item) => {
      const state = JSON.stringify(item);
      const known = this.drawn.get(item.id);
      if (known?.state === state) return known.row;
      const made = row(item, this.acts);
      this.drawn.set(item.id, { state, row: made });
      return made;
    });
    const same = rows.length === body.rows.length && rows.every((one, at) => body.rows[at] === one);
    if (!same) body.replaceChildren(...rows);
  }

  tell(found, isFiltered) {
    const all = [...this.items.values()];
    const busy = all.filter((item) => !isSettled(item)).length;
    const bad = all.filter(needsHelp).length;
    const parts = [isFiltered ? t("filter.found", { found: found.length, all: all.length }) : count("documents", all.length)];
    if (busy) parts.push(count("documents.busy", busy));
    if (bad) parts.push(count("documents.bad", bad));
    $("summary").textContent = parts.join(" · ");
    $("own-count").textContent = number(all.length);
    $("list").hidden = !all.length;
    $("no-documents").hidden = Boolean(all.length);
    $("nothing-found").hidden = !all.length || Boolean(found.length);
    $("documents").hidden = !found.length;
    $("more").hidden = found.length <= this.most;
    const ask = $("ask-collection");
    const isReady = all.some((item) => item.status === "ready");
    if (ask) ask.hidden = $("summarise-collection").hidden = !isReady;
  }

  async remove(item) {
    const done = await confirm({
      title: t("document.delete"),
      text: [named(item.path), ". ", t("document.delete.text")],
      action: t("delete"),
      act: () => json("DELETE", `/api/v1/documents/${item.id}`),
    });
    if (!done) return;
    this.items.delete(item.id);
    this.show();
    $("summary").focus();
    toast(t("deleted"));
  }

  async retry(item) {
    try {
      this.items.set(item.id, await json("POST", `/api/v1/documents/${item.id}/retry`));
      this.pace = 1;
      this.show();
      this.watch();
    } catch (error) {
      toast(asTrouble(error).text, true);
    }
  }
}

