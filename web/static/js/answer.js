// One question with its answer: while it is looked for, while its sentences come, and when it is complete.

import { button, icon, make, named, plain } from "./dom.js";
import { toClipboard } from "./clipboard.js";
import { opinion } from "./opinion.js";
import { toast } from "./dialogs.js";
import { count, isPoor, number, place, replaced, t } from "./words.js";

const LIST_ITEM = /^\s*(?:[-*•]|\d+[.)])\s/;

export function pageAddress({ document_id: id, page, passage_id: passage, quote }) {
  const query = new URLSearchParams({ passage, quote: quote.slice(0, 500) });
  return `/documents/${id}/pages/${page}?${query}`;
}

// Where a source stands: in the terms of its format, else on its page.
export const placeOf = ({ place: at, page }) => (at ? plain(place(at)) : t("page.n", { n: number(page) }));

const withRemark = (source, where) => [where, isPoor(source) && t("scan.poor"), replaced(source)].filter(Boolean).join(", ");

const whole = (source) => withRemark(source, source.place
  ? `${plain(source.filename)}, ${placeOf(source)}`
  : t("source.at", { name: plain(source.filename), page: number(source.page) }));

export class Exchange {
  constructor(question, { onSource, onRetry }) {
    Object.assign(this, { question, onSource, onRetry });
    this.sources = new Map();
    this.state = make("p", { className: "answer-state" });
    this.text = make("div", { className: "answer-text", "aria-live": "polite", dir: "auto" });
    this.foot = make("div", { className: "answer-foot" });
    this.answer = make("div", { className: "answer" }, this.state, this.text, this.foot);
    this.meaning = make("p", { className: "meaning", dir: "auto", hidden: true });
    this.element = make("article", { className: "exchange" },
      make("h2", { className: "question", dir: "auto", textContent: question }), this.meaning, this.answer);
  }

  tell(symbol, text, look = "") {
    this.state.className = `answer-state ${look}`;
    this.state.replaceChildren(symbol === "pulse" ? make("span", { className: "pulse" }) : icon(symbol), make("span", {}, text));
  }

  looking() {
    this.answer.setAttribute("aria-busy", "true");
    this.answer.className = "answer looking";
    this.clear();
    this.understood(null);
    this.tell("pulse", t("answer.looking"));
  }

  waiting(ahead) {
    this.tell("pulse", ahead ? count("answer.waiting", ahead) : t("answer.next"));
  }

  // A follow-up question as it stands by itself.
  understood(question) {
    this.meaning.textContent = question ? t("answer.understood", { question }) : "";
    this.meaning.hidden = !question;
  }

  clear() {
    this.text.replaceChildren();
    this.foot.replaceChildren();
    this.sources.clear();
  }

  sentence({ text, verdict, citations, sources = [], reasons = [] }) {
    this.tell("pulse", t("answer.checking"));
    sources.forEach((source) => this.sources.set(source.n, source));
    const line = make("span", { className: LIST_ITEM.test(text) ? "sentence item" : "sentence", dir: "auto" }, make("span", { className: "words" }, text));
    if (verdict !== "supported") {
      line.classList.add(verdict);
      const why = reasons.map((reason) => t(`verdict.why.${reason}`)).join(" ");
      line.append(make("span", { className: "verdict", title: why }, icon("alert"), t(`verdict.${verdict}`)));
    }
    line.append(...citations.map((n) => this.chip(n)).filter(Boolean), " ");
    this.text.append(line);
  }

  chip(n) {
    const source = this.sources.get(n);
    if (!source) return null;
    const place = whole(source);
    const link = make("a", { className: "cite", href: pageAddress(source), title: place, textContent: n, "aria-label": t("source.n", { n, place }) });
    return this.opening(link, source);
  }

  opening(link, source) {
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.onSource(source, link);
    });
    return link;
  }

  replace() {
    this.clear();
  }

  done(answer, feedback = null) {
    this.clear();
    this.understood(answer.question_understood);
    this.feedback = feedback;
    this.answer.removeAttribute("aria-busy");
    answer.citations.forEach((source) => this.sources.set(source.n, source));
    this.answer.className = `answer ${answer.status}`;
    (this[answer.status] ?? this.answered).call(this, answer);
  }

  answered(answer) {
    const isQuoted = answer.model === "quoting";
    this.answer.classList.add(isQuoted ? "quoted" : "written");
    answer.sentences.forEach((sentence) => this.sentence(sentence));
    this.tell(isQuoted ? "quote" : "pen", isQuoted ? t("answer.quoted") : t("answer.written", { model: answer.model }));
    if (!isQuoted) this.state.append(make("span", { className: "tag generated" }, t("answer.generated")));
    const doubtful = answer.sentences.filter((sentence) => sentence.verdict !== "supported").length;
    if (doubtful) this.foot.append(make("p", { className: "notice warn" }, icon("alert"), make("span", {}, count("verdict.explained", doubtful))));
    (answer.notices ?? []).forEach(({ code, citations }) => this.foot.append(make("p", { className: "notice warn" }, icon("alert"),
      make("span", {}, t(`notice.${code}`), " ", ...citations.map((n) => this.chip(n)).filter(Boolean)))));
    // What was quoted as it stands is above already.
    const told = answer.sentences.map(({ text }) => text).join("\n");
    const isTold = answer.citations.every(({ quote }) => told.includes(quote.replace(/\s+/g, " ").trim()));
    this.listSources(count("sources", answer.citations.length), answer.citations, !(isQuoted && isTold));
    this.foot.append(make("div", { className: "answer-actions" },
      button(t("copy"), { iconName: "copy", kind: "quiet small", click: () => this.copy(answer) }),
      make("a", { className: "button quiet small", href: `/api/v1/answers/${answer.id}/export.md`, download: "", title: t("export.title") }, icon("download"), make("span", {}, t("export"))),
      opinion(answer.id, this.feedback),
      make("span", { className: "muted took" }, t("answer.took", { seconds: number(answer.took_ms / 1000, 1) }), isQuoted ? "" : builtWith(answer.model))));
  }

  not_found(answer) {
    this.tell("search", t("answer.not_found"), "strong");
    this.text.append(make("p", { className: "muted" }, t("answer.not_found.text")));
    this.foot.append(make("div", { className: "answer-actions" }, opinion(answer.id, this.feedback)));
  }

  blocked(answer) {
    this.tell("shield", t("answer.blocked"), "strong");
    this.text.append(make("p", {}, answer.answer));
  }

  unavailable(answer) {
    this.tell("alert", t("answer.unavailable"), "strong bad");
    this.text.append(make("p", { className: "muted" }, answer.citations.length ? t("answer.unavailable.text") : t("answer.unavailable.none")));
    this.listSources(count("passages.found", answer.citations.length), answer.citations);
    this.offerRetry();
  }

  withdrawn() {
    this.answer.className = "answer withdrawn";
    this.tell("trash", t("answer.withdrawn"), "strong");
    this.text.append(make("p", { className: "muted" }, t("answer.withdrawn.text")));
    this.offerRetry();
  }

  // The answer did not come to its end; what was checked until then stays, and is said to be incomplete.
  broke(title, text, look = "bad") {
    this.answer.removeAttribute("aria-busy");
    this.answer.className = "answer broken";
    this.tell(look === "bad" ? "alert" : "stop", title, `strong ${look}`);
    this.foot.replaceChildren(make("p", { className: "muted" }, this.text.hasChildNodes() ? `${text} ${t("answer.incomplete")}` : text));
    this.offerRetry();
  }

  offerRetry() {
    if (this.onRetry) this.foot.append(make("div", { className: "answer-actions" }, button(t("retry"), { iconName: "retry", click: () => this.onRetry(this) })));
  }

  listSources(title, sources, withQuotes = true) {
    if (!sources.length) return;
    const items = sources.map((source) => make("li", {}, this.opening(
      make("a", { className: "source", href: pageAddress(source) },
        make("span", { className: "cite still", "aria-hidden": "true", textContent: source.n }),
        make("span", { className: "source-text" },
          make("span", { className: "source-name" }, named(source.filename), " ", make("span", { className: "muted", textContent: withRemark(source, placeOf(source)) })),
          withQuotes ? make("span", { className: "source-quote", dir: "auto", textContent: source.quote }) : null)), source)));
    this.foot.append(make("section", { className: "sources" }, make("h3", { textContent: title }), make("ol", {}, ...items)));
  }

  async copy(answer) {
    const lines = answer.sentences.map(({ text, citations }) => text + citations.map((n) => ` [${n}]`).join(""));
    const sources = answer.citations.map((one) => `[${one.n}] ${whole(one)}`);
    const done = await toClipboard([this.question, "", ...lines, "", t("sources.title"), ...sources].join("\n"));
    toast(done ? t("copied") : t("copy.failed"), !done);
  }
}

// The name of a Llama has to be shown with what it writes: that is a condition of its licence.
const builtWith = (model) => (model.toLowerCase().includes("llama") ? " · Built with Llama" : "");
