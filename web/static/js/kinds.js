// Which documents of a list are shown: those with a tag, of a kind or in a language, of what there is in the list.

import { make } from "./dom.js";
import { languageName, t } from "./words.js";

const PARTS = [
  { name: "tags", of: (item) => item.tags, label: (tag) => tag },
  { name: "types", of: (item) => (item.media_type ? [item.media_type] : []), label: (type, kinds) => kinds[type] ?? type },
  { name: "languages", of: (item) => (item.language ? [item.language] : []), label: languageName },
];
const titles = { tags: t("tags"), types: t("kinds.types"), languages: t("kinds.languages") };

export class Kinds {
  // `kinds` are the names of media types.
  constructor(select, kinds, onChange) {
    Object.assign(this, { select, kinds });
    this.offered = "";
    select.addEventListener("change", onChange);
  }

  get isChosen() {
    return Boolean(this.select.value);
  }

  // One choice for each value that some but not every document has; what was chosen stays chosen.
  offer(items) {
    const groups = PARTS.map((part) => {
      const values = [...new Set(items.flatMap(part.of))].sort((a, b) => a.localeCompare(b));
      return values.length > 1 || (part.name === "tags" && values.length) ? { part, values } : null;
    }).filter(Boolean);
    const offered = JSON.stringify(groups.map(({ part, values }) => [part.name, values]));
    if (offered === this.offered) return;
    this.offered = offered;
    const chosen = this.select.value;
    const options = groups.map(({ part, values }) => make("optgroup", { label: titles[part.name] },
      ...values.map((value) => make("option", { value: `${part.name}:${value}`, textContent: part.label(value, this.kinds) }))));
    this.select.replaceChildren(make("option", { value: "", textContent: t("kinds.all") }), ...options);
    this.select.value = chosen;
    if (this.select.selectedIndex < 0) this.select.value = "";
    this.select.parentElement.hidden = !groups.length;
  }

  lets(item) {
    if (!this.isChosen) return true;
    const cut = this.select.value.indexOf(":");
    const part = PARTS.find((one) => one.name === this.select.value.slice(0, cut));
    return part.of(item).includes(this.select.value.slice(cut + 1));
  }
}
