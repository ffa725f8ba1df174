// The queue of uploads: what waits, what is under way, and what was refused with the reason and a way out.

import { $, button, icon, iconButton, make, pathNamed, plain } from "./dom.js";
import { decide } from "./clashes.js";
import { dropped, isSame, picked } from "./files.js";
import { batches, send } from "./sending.js";
import { count, number, size, t, trouble } from "./words.js";

export class Uploads {
  constructor({ collection, most_bytes: mostBytes, most_files: mostFiles }, list) {
    Object.assign(this, { collection, mostBytes, mostFiles, list });
    this.entries = [];
    this.running = false;
    this.box = $("queue");
    this.setUpPickers();
    this.setUpDrop();
    window.addEventListener("beforeunload", (event) => this.running && event.preventDefault());
  }

  setUpPickers() {
    for (const [trigger, input] of [["choose-files", "files"], ["choose-folder", "folder"]]) {
      $(trigger).addEventListener("click", () => $(input).click());
      $(input).addEventListener("change", () => {
        const files = picked($(input));
        $(input).value = "";
        this.add(files);
      });
    }
  }

  setUpDrop() {
    const zone = $("drop");
    for (const name of ["dragenter", "dragover", "dragleave", "drop"]) {
      document.addEventListener(name, async (event) => {
        if (!event.dataTransfer?.types.includes("Files")) return;
        event.preventDefault();
        zone.classList.toggle("over", name === "dragenter" || name === "dragover" || (name === "dragleave" && event.relatedTarget !== null));
        if (name !== "drop") return;
        const { files, unreadable } = await dropped(event.dataTransfer);
        await this.add(files, unreadable);
      });
    }
  }

  // Take files: refuse what cannot be sent, ask about taken names, then send the rest.
  async add(files, unreadable = 0) {
    if (!files.length) return this.tellEmpty(unreadable);
    const known = this.list.paths;
    const entries = files.map(({ file, path }) => ({ file, path, state: "waiting", share: 0, onConflict: "version", error: this.refusal(file) }));
    entries.filter((entry) => entry.error).forEach((entry) => (entry.state = "failed"));
    const clashing = [];
    for (const entry of entries) {
      const there = entry.error ? undefined : known.get(entry.path);
      if (!there) continue;
      if (await isSame(entry.file, there)) entry.state = "unchanged";
      else clashing.push(entry);
    }
    if (clashing.length && !(await this.settle(clashing))) return;
    // A failed document is tried again by sending it once more.
    entries.filter((entry) => entry.state === "unchanged" && known.get(entry.path).status === "failed").forEach((entry) => (entry.state = "waiting"));
    this.entries.push(...entries.filter((entry) => entry.state !== "skipped"));
    this.draw();
    await this.run();
  }

  async settle(clashing) {
    const choices = await decide(clashing);
    if (choices === null) return false;
    for (const entry of clashing) {
      const choice = choices.get(entry.path);
      if (choice === "skip") entry.state = "skipped";
      else entry.onConflict = choice;
    }
    return true;
  }

  tellEmpty(unreadable) {
    this.entries.push({ path: t("upload.folder"), file: null, state: "failed", error: { code: unreadable ? "unreadable_folder" : "empty_folder" } });
    this.draw();
  }

  refusal(file) {
    if (file.size > this.mostBytes) return { code: "too_large", message: "" };
    return file.size ? null : { code: "empty", message: "" };
  }

  async run() {
    if (this.running) return;
    this.running = true;
    this.stopping = new AbortController();
    for (;;) {
      const [batch] = batches(this.entries.filter((entry) => entry.state === "waiting"), this.mostFiles);
      if (!batch || this.stopping.signal.aborted) break;
      await this.sendBatch(batch);
    }
    this.running = false;
    for (const entry of this.entries) if (entry.state === "waiting") Object.assign(entry, { state: "failed", error: { code: "stopped" } });
    this.draw();
  }

  async sendBatch(batch) {
    batch.forEach((entry) => (entry.state = "sending"));
    this.draw();
    const results = await send(this.collection, batch, {
      signal: this.stopping.signal,
      onProgress: (entry, share) => {
        entry.share = share;
        this.drawProgress(entry);
      },
    });
    batch.forEach((entry, at) => {
      const result = results[at];
      const refused = result.error && !result.id;
      Object.assign(entry, refused ? { state: "failed", error: result.error } : { state: result.change === "unchanged" ? "unchanged" : "done" });
    });
    await this.list.refresh();
    this.entries = this.entries.filter((entry) => entry.state !== "done");
    this.sent = (this.sent ?? 0) + batch.filter((entry) => entry.state === "done").length;
    this.draw();
  }

  again(entry) {
    Object.assign(entry, { state: "waiting", error: null, share: 0 });
    this.draw();
    this.run();
  }

  clear() {
    this.entries = this.entries.filter((entry) => entry.state === "waiting" || entry.state === "sending");
    this.sent = 0;
    this.draw();
    $("choose-files").focus();
  }

  draw() {
    this.box.hidden = !this.entries.length;
    const open = this.entries.filter((entry) => entry.state === "waiting" || entry.state === "sending");
    const failed = this.entries.filter((entry) => entry.state === "failed").length;
    $("queue-title").textContent = open.length ? count("upload.open", open.length) : failed ? count("upload.failed", failed) : t("upload.done");
    $("queue-actions").replaceChildren(
      open.length ? button(t("stop"), { kind: "small", iconName: "stop", click: () => this.stopping.abort() }) : button(t("upload.clear"), { kind: "small", iconName: "close", click: () => this.clear() }));
    $("queue-list").replaceChildren(...this.entries.slice(0, 100).map((entry) => this.line(entry)));
    $("queue-more").textContent = this.entries.length > 100 ? count("upload.more", this.entries.length - 100) : "";
  }

  line(entry) {
    const state = make("div", { className: "queue-state" });
    entry.line = make("li", { className: entry.state }, icon("file"), make("span", { className: "queue-name" }, pathNamed(entry.path)), state);
    if (entry.file) state.append(make("span", { className: "muted queue-size", textContent: size(entry.file.size) }));
    if (entry.state === "sending") {
      entry.bar = make("progress", { className: "progress", max: 1, value: entry.share, "aria-label": plain(entry.path) });
      entry.percent = make("span", { className: "percent" });
      state.append(entry.bar, entry.percent);
      this.drawProgress(entry);
    } else if (entry.state === "failed") {
      const { code, message } = entry.error;
      const [title, text] = trouble(code) ?? [t("trouble"), message];
      entry.line.append(make("p", { className: "why bad" }, icon("alert"), make("span", {}, `${title}. ${this.remedy(code, text)}`)));
      if (code === "network" || code === "stopped" || code === "internal_error" || code === "unavailable" || code === "storage_full") {
        state.append(button(t("retry"), { kind: "small", iconName: "retry", click: () => this.again(entry) }));
      } else state.append(iconButton(t("upload.dismiss"), "close", () => this.dismiss(entry), "quiet"));
    } else state.append(make("span", { className: "muted", textContent: t(`upload.${entry.state}`) }));
    return entry.line;
  }

  remedy(code, text) {
    return code === "too_large" ? t("upload.too_large", { most: size(this.mostBytes) }) : text;
  }

  dismiss(entry) {
    this.entries = this.entries.filter((one) => one !== entry);
    this.draw();
    $("choose-files").focus();
  }

  drawProgress(entry) {
    if (!entry.bar) return;
    entry.bar.value = entry.share;
    entry.percent.textContent = `${number(entry.share * 100)} %`;
  }
}
