// The page to ask in: the composer, and the thread of what was asked and answered.

import { asTrouble } from "./api.js";
import { Exchange } from "./answer.js";
import { $, given } from "./dom.js";
import { History } from "./history.js";
import { Narrowing } from "./narrow.js";
import { Scope } from "./scope.js";
import { ask } from "./stream.js";
import { Viewer } from "./viewer.js";
import { t } from "./words.js";

// `crypto.randomUUID` exists on secure addresses only.
function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [8, 12, 16, 20].reduceRight((text, at) => `${text.slice(0, at)}-${text.slice(at)}`, hex);
}

class Conversation {
  constructor({ conversation, exchanges, scope }) {
    this.isKept = Boolean(conversation);
    this.id = conversation ?? newId();
    this.thread = $("thread");
    this.form = $("ask");
    this.field = $("question");
    this.submit = $("submit");
    this.stopButton = $("stop");
    this.viewer = new Viewer();
    this.history = new History(conversation);
    this.scope = new Scope(this.isKept ? this.remembered() : scope);
    this.narrowing = new Narrowing(this.form);
    for (const exchange of exchanges) this.reopen(exchange);
    this.setUpComposer();
    if (exchanges.length) this.thread.lastElementChild.scrollIntoView({ block: "start" });
  }

  // Which documents a conversation is about is kept by the browser tab; the server keeps what was asked.
  remembered() {
    try {
      return JSON.parse(sessionStorage.getItem(`scope:${this.id}`)) ?? {};
    } catch {
      return {};
    }
  }

  setUpComposer() {
    this.field.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.form.requestSubmit();
      }
    });
    this.field.addEventListener("input", () => this.grow());
    this.form.addEventListener("submit", (event) => {
      if (event.submitter === $("passages")) return this.carryScope();
      event.preventDefault();
      this.narrowing.box.open = false;
      const question = this.field.value.trim();
      if (!question || this.running) return;
      this.field.value = "";
      this.ask(question);
      this.grow();
    });
    this.stopButton.addEventListener("click", () => this.running?.abort());
    for (const example of document.querySelectorAll("[data-example]")) {
      example.addEventListener("click", () => {
        this.field.value = example.textContent.trim();
        this.grow();
        this.field.focus();
      });
    }
  }

  // The page of passages gets what the fields do not show.
  carryScope() {
    const { collections = [], filters = {} } = this.scope.body;
    this.form.elements.collections.value = collections.join();
    this.form.elements.documents.value = (filters.documents ?? []).join();
  }

  grow() {
    this.field.style.height = "auto";
    this.field.style.height = `${Math.min(this.field.scrollHeight, 200)}px`;
  }

  exchange(question) {
    document.body.classList.remove("fresh");
    const view = new Exchange(question, {
      onSource: (source, link) => this.viewer.open(source, link),
      onRetry: (one) => this.running || this.run(one),
    });
    this.thread.append(view.element);
    return view;
  }

  reopen({ question, answer, feedback }) {
    const view = this.exchange(question);
    if (answer === null) view.withdrawn();
    else view.done(answer, feedback);
  }

  async ask(question) {
    await this.run(this.exchange(question));
  }

  async run(view) {
    this.running = new AbortController();
    this.busy(true);
    view.looking();
    view.element.scrollIntoView({ block: "start" });
    $("news").textContent = t("answer.looking");
    const { filters: chosen, ...where } = this.scope.body;
    const filters = { ...chosen, ...this.narrowing.filters };
    const body = { question: view.question, conversation_id: this.id, ...where };
    if (Object.keys(filters).length) body.filters = filters;
    try {
      view.done(await ask(body, view, this.running.signal));
      this.keep(view.question);
      $("news").textContent = view.state.textContent;
    } catch (error) {
      this.fail(view, error);
    } finally {
      this.running = null;
      this.busy(false);
    }
  }

  fail(view, error) {
    if (error.name === "AbortError") view.broke(t("answer.stopped"), t("answer.stopped.text"), "");
    else {
      const trouble = asTrouble(error);
      view.broke(trouble.code === "network" ? t("answer.broke") : trouble.title, trouble.code === "network" ? t("answer.broke.text") : trouble.text);
    }
    $("news").textContent = view.state.textContent;
  }

  // From the first answer on the conversation has an address of its own.
  keep(question) {
    if (!this.isKept) history.replaceState(null, "", `/ask/${this.id}`);
    this.isKept = true;
    $("export").href = `/api/v1/conversations/${this.id}/export.md`;
    $("export").hidden = false;
    this.history.touch(this.id, question);
    try {
      sessionStorage.setItem(`scope:${this.id}`, JSON.stringify(this.scope.saved));
    } catch {
      // Without storage the choice is only forgotten by a reload.
    }
  }

  busy(is) {
    this.submit.hidden = is;
    this.stopButton.hidden = !is;
    this.form.classList.toggle("busy", is);
    if (is && document.activeElement === this.submit) this.stopButton.focus();
    if (!is && document.activeElement === document.body) this.field.focus({ preventScroll: true });
  }
}

new Conversation(given());
