// The fields of a wish: what is to be summarised, and how. What becomes of it is up to the form around them.

import { asTrouble, json } from "./api.js";
import { $, icon, make } from "./dom.js";
import { Narrowing } from "./narrow.js";
import { Scope } from "./scope.js";
import { count, t } from "./words.js";

const PAUSE_MS = 400;
const PARTS = ["template", "length", "focus", "audience", "language"];

export class Wish {
  constructor(form, scope) {
    this.form = form;
    this.scope = new Scope(scope);
    this.narrowing = new Narrowing(form);
    this.submit = form.querySelector("button:not([type='button'])");
    this.scope.onChange = () => this.estimate();
    form.addEventListener("input", () => this.estimate());
    this.estimate();
  }

  // As the REST interface takes it.
  get body() {
    const fields = new FormData(this.form);
    const body = Object.fromEntries(PARTS.map((name) => [name, fields.get(name).trim()]));
    const { collections = [], filters: { documents } = {} } = this.scope.body;
    const filters = this.narrowing.filters;
    const isNarrow = Object.keys(filters).length > 0;
    if (documents && !isNarrow) return { ...body, documents };
    if (documents) return { ...body, filters: { ...filters, documents } };
    if (collections.length === 1) return { ...body, collection: collections[0], ...(isNarrow ? { filters } : {}) };
    return { ...body, filters: collections.length ? { ...filters, collections } : filters };
  }

  estimate() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), PAUSE_MS);
  }

  async ask() {
    this.asked?.abort();
    this.asked = new AbortController();
    try {
      const told = await json("POST", "/api/v1/summaries/estimate", { body: this.body, signal: this.asked.signal });
      this.tell(told.documents ? "clock" : "info", told.documents ? this.words(told) : t("estimate.none"));
      this.submit.disabled = !told.documents && !this.form.dataset.later;
    } catch (error) {
      if (error.name === "AbortError") return;
      this.tell("alert", asTrouble(error).text);
      this.submit.disabled = true;
    }
  }

  words({ documents, pages, tokens, seconds }) {
    const parts = [count("documents", documents), count("estimate.pages", pages)];
    if (tokens) parts.push(count("estimate.tokens", tokens));
    if (seconds !== null) parts.push(seconds < 60 ? t("estimate.soon") : count("estimate.minutes", Math.round(seconds / 60)));
    return parts.join(" · ");
  }

  tell(symbol, text) {
    $("estimate").replaceChildren(icon(symbol), make("span", {}, text));
  }

  fail(error) {
    $("problem").replaceChildren(icon("alert"), make("span", {}, asTrouble(error).text));
    $("problem").hidden = false;
    $("problem").scrollIntoView({ block: "nearest" });
  }
}

