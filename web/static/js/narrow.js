// What kind of documents a question looks at: the fields below the question, which a form sends without scripts too.

import { $ } from "./dom.js";
import { count } from "./words.js";

const LISTS = ["types", "tags", "languages"];

export class Narrowing {
  constructor(form) {
    this.form = form;
    this.box = $("narrow");
    this.button = this.box.querySelector("summary");
    this.said = this.button.textContent.trim();
    this.box.addEventListener("input", () => this.tell());
    this.box.addEventListener("keydown", (event) => this.close(event));
    document.addEventListener("click", (event) => {
      if (!this.box.contains(event.target)) this.box.open = false;
    });
    this.tell();
  }

  // The filters of a question; none while every field is empty.
  get filters() {
    const filters = {};
    for (const name of LISTS) {
      const values = this.form.elements[name].value.split(",").map((one) => one.trim()).filter(Boolean);
      if (values.length) filters[name] = values;
    }
    for (const name of ["from", "to", "as_of"]) if (this.form.elements[name]?.value) filters[name] = this.form.elements[name].value;
    return filters;
  }

  tell() {
    const chosen = Object.keys(this.filters).length;
    $("narrow-name").textContent = chosen ? count("narrow.chosen", chosen) : this.said;
    this.button.classList.toggle("chosen", Boolean(chosen));
  }

  close(event) {
    if (event.key !== "Escape" || !this.box.open) return;
    this.box.open = false;
    this.button.focus();
  }
}
