// Earlier conversations: listed, continued, deleted.

import { asTrouble, json } from "./api.js";
import { $, iconButton, make } from "./dom.js";
import { confirm, toast } from "./dialogs.js";
import { day, t } from "./words.js";

const PATH = "/api/v1/conversations";
const AT_ONCE = 50;

export class History {
  constructor(current) {
    this.current = current;
    this.list = $("conversations");
    this.more = $("more-conversations");
    this.more.addEventListener("click", () => this.load());
    for (const line of this.list.children) this.equip(line);
    const toggle = $("history-toggle");
    toggle.addEventListener("click", () => {
      const isOpen = $("history").classList.toggle("open");
      toggle.setAttribute("aria-expanded", String(isOpen));
    });
  }

  equip(line) {
    const name = line.querySelector("a").title;
    line.append(iconButton(t("conversation.delete.named", { name }), "trash", () => this.remove(line), "quiet danger"));
  }

  line({ id, title, updated_at: at }) {
    const line = make("li", { data: { id } },
      make("a", { href: `/ask/${id}`, title }, make("span", { className: "conversation-title", dir: "auto", textContent: title }), make("time", { dateTime: at, textContent: day(at) })));
    this.equip(line);
    return line;
  }

  // The conversation that was just continued goes to the top.
  touch(id, title) {
    const known = [...this.list.children].find((line) => line.dataset.id === id);
    const now = new Date().toISOString();
    const line = known ?? this.line({ id, title, updated_at: now });
    line.querySelector("time").textContent = day(now);
    this.list.prepend(line);
    this.current = id;
    for (const link of this.list.querySelectorAll("a")) link.removeAttribute("aria-current");
    line.querySelector("a").setAttribute("aria-current", "page");
    $("no-conversations").hidden = true;
  }

  // The next ones after those that are listed, which are fetched again: others may have come between.
  async load() {
    try {
      let cursor = "";
      const wanted = this.list.children.length + AT_ONCE;
      const items = [];
      do {
        const page = await json("GET", `${PATH}?${new URLSearchParams({ limit: 200, cursor })}`);
        items.push(...page.conversations);
        cursor = page.next_cursor ?? "";
      } while (cursor && items.length < wanted);
      this.list.replaceChildren(...items.slice(0, wanted).map((item) => this.line(item)));
      this.more.hidden = !cursor && items.length <= wanted;
      this.list.querySelector(`[data-id="${this.current}"] a`)?.setAttribute("aria-current", "page");
    } catch (error) {
      toast(asTrouble(error).text, true);
    }
  }

  async remove(line) {
    const { id } = line.dataset;
    const done = await confirm({
      title: t("conversation.delete"),
      text: [line.querySelector("a").title, " – ", t("conversation.delete.text")],
      action: t("delete"),
      act: () => json("DELETE", `${PATH}/${id}`),
    });
    if (!done) return;
    if (id === this.current) {
      location.assign("/ask");
      return;
    }
    line.remove();
    $("no-conversations").hidden = this.list.children.length > 0;
    $("new-conversation").focus();
  }
}
