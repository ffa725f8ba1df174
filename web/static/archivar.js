// The page talks to the same REST interface as everyone else. Text from documents only ever becomes text nodes.

const token = document.querySelector('meta[name="csrf-token"]')?.content ?? "";
const notice = document.getElementById("notice");
const POLL_MS = 1500;
const SETTLED = new Set(["ready", "failed", "password_required", "quarantined"]);

function say(text) {
  notice.textContent = text;
  notice.hidden = !text;
}

async function call(method, path, body) {
  const headers = { Accept: "application/json", "X-CSRF-Token": token };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const reply = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  if (!reply.ok) throw new Error(await reason(reply));
  return reply;
}

async function reason(reply) {
  const problem = await reply.json().catch(() => ({}));
  return problem.detail ?? `The server answered ${reply.status}.`;
}

function make(name, properties = {}, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
}

// Characters that turn the direction of text around can make `exe.txt` look like `txt.exe`.
function named(text) {
  return make("bdi", { textContent: text.replace(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "") });
}

// --- Asking

function pageAddress(citation) {
  return `/documents/${citation.document_id}/pages/${citation.page}?passage=${citation.passage_id}`;
}

class AnswerView {
  constructor() {
    this.box = document.getElementById("answer");
    this.state = document.getElementById("answer-state");
    this.text = document.getElementById("answer-text");
    this.sources = document.getElementById("sources");
    this.list = document.getElementById("source-list");
    this.known = new Map();
  }

  begin() {
    this.clear();
    this.state.textContent = "Looking through your documents …";
    this.box.hidden = false;
    this.box.setAttribute("aria-busy", "true");
  }

  clear() {
    this.text.replaceChildren();
    this.list.replaceChildren();
    this.sources.hidden = true;
    this.known.clear();
  }

  sentence({ text, verdict, citations, sources }) {
    sources.forEach((source) => this.source(source));
    const line = make("p", { dir: "auto" }, text);
    for (const n of citations) {
      const source = this.known.get(n);
      if (source) line.append(make("a", { className: "cite", href: pageAddress(source), textContent: n, title: `${source.filename}, page ${source.page}` }));
    }
    if (verdict !== "supported") {
      line.append(make("span", { className: "doubt", textContent: verdict === "partly" ? " (partly supported)" : " (not supported by the sources)" }));
    }
    this.text.append(line);
  }

  source(source) {
    if (this.known.has(source.n)) return;
    this.known.set(source.n, source);
    const link = make("a", { href: pageAddress(source) }, named(source.filename), `, page ${source.page}`);
    this.list.append(make("li", { value: source.n }, link, make("blockquote", { dir: "auto", textContent: source.quote })));
    this.sources.hidden = false;
  }

  replace(text) {
    this.clear();
    this.text.append(make("p", { dir: "auto", textContent: text }));
  }

  done(answer) {
    this.clear();
    const sources = answer.citations;
    if (answer.status === "answered") {
      answer.sentences.forEach((sentence) => this.sentence({ ...sentence, sources: sources.filter((s) => sentence.citations.includes(s.n)) }));
    } else {
      this.text.append(make("p", { dir: "auto", textContent: answer.answer }));
    }
    sources.forEach((source) => this.source(source));
    const quoting = answer.model === "quoting";
    const kind = quoting ? "Quoted from your documents" : "Written by a language model, which may be wrong";
    this.state.textContent = answer.status === "answered" ? `${kind} · ${(answer.took_ms / 1000).toFixed(1)} s` : "";
    this.end();
  }

  end() {
    this.box.removeAttribute("aria-busy");
  }

  fail(text) {
    say(text);
    this.end();
    this.box.hidden = !this.text.hasChildNodes();
    this.state.textContent = "";
  }
}

async function* serverEvents(reply) {
  const lines = reply.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await lines.read();
    if (done) return;
    rest += value;
    const blocks = rest.split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const name = block.match(/^event: (.*)$/m)?.[1];
      const data = block.match(/^data: (.*)$/m)?.[1];
      if (name && data) yield [name, JSON.parse(data)];
    }
  }
}

async function ask(question, collection, view) {
  const body = { question, stream: true };
  if (collection) body.collections = [collection];
  let ended = false;
  for await (const [name, data] of serverEvents(await call("POST", "/api/v1/answers", body))) {
    if (name === "sentence") view.sentence(data);
    if (name === "replace") view.replace(data.text);
    if (name === "done") view.done(data);
    if (name === "error") view.fail(data.detail);
    ended ||= name === "done" || name === "error";
  }
  if (!ended) view.fail("The answer broke off. Ask again.");
}

function setUpAsking(form) {
  const view = new AnswerView();
  const field = form.elements.question;
  const button = form.querySelector("button");
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (button.disabled || !field.value.trim()) return;
    say("");
    view.begin();
    button.disabled = true;
    try {
      await ask(field.value, form.dataset.collection, view);
    } catch (error) {
      view.fail(error.message);
    } finally {
      button.disabled = false;
    }
  });
}

// --- Documents

function size(bytes) {
  const units = ["Bytes", "KiB", "MiB", "GiB"];
  let unit = 0;
  for (; bytes >= 1024 && unit < units.length - 1; unit += 1) bytes /= 1024;
  return `${unit ? bytes.toFixed(1) : bytes} ${units[unit]}`;
}

function statusCell(item) {
  const cell = make("td", {}, make("span", { className: item.status, textContent: item.status.replace("_", " ") }));
  const { stage, done, total } = item.progress;
  if (item.status === "processing") {
    const bar = make("progress", { ariaLabel: `${item.filename}: ${stage}` });
    if (total > 0) Object.assign(bar, { max: total, value: done });
    cell.append(bar, make("span", { className: "why", textContent: total > 0 ? `${stage} ${done} of ${total}` : stage }));
  }
  const why = item.error?.message ?? item.warnings.map((code) => code.replaceAll("_", " ")).join(", ");
  if (why) cell.append(make("span", { className: "why", textContent: why }));
  return cell;
}

function row(item, mayWrite, onDelete) {
  const read = item.pages > 0;
  const href = read ? `/documents/${item.id}/pages/1` : `/api/v1/documents/${item.id}/file`;
  const actions = make("td", { className: "number" });
  if (mayWrite) {
    const button = make("button", { type: "button", className: "quiet danger", textContent: "Delete", ariaLabel: `Delete ${item.filename}` });
    button.addEventListener("click", () => onDelete(item));
    actions.append(button);
  }
  const line = make("tr", {},
    make("td", {}, make("a", { href }, named(item.path))),
    statusCell(item),
    make("td", { className: "number", textContent: item.pages || "" }),
    make("td", { className: "number", textContent: size(item.size) }),
    actions);
  line.dataset.id = item.id;
  return line;
}

class DocumentTable {
  constructor(table) {
    this.table = table;
    this.body = table.tBodies[0];
    this.collection = table.dataset.collection;
    this.mayWrite = Boolean(table.dataset.mayWrite);
    this.empty = document.getElementById("no-documents");
    this.seen = new Map();
    this.timer = 0;
    this.failures = 0;
  }

  async refresh() {
    clearTimeout(this.timer);
    let settled = true;
    try {
      const items = await this.fetch();
      this.show(items);
      settled = items.every((item) => SETTLED.has(item.status));
      if (this.failures) say("");
      this.failures = 0;
    } catch (error) {
      this.failures += 1;
      settled = false;
      if (this.failures > 2) say(error.message);
    }
    if (!settled) this.timer = setTimeout(() => this.refresh(), POLL_MS * (1 + Math.min(this.failures, 10)));
  }

  async fetch() {
    const items = [];
    let cursor = "";
    do {
      const query = new URLSearchParams({ limit: 200, cursor });
      const page = await (await call("GET", `/api/v1/collections/${this.collection}/documents?${query}`)).json();
      items.push(...page.documents);
      cursor = page.next_cursor ?? "";
    } while (cursor && items.length < 2000);
    return items;
  }

  // Only rows that changed are replaced, so that focus and selections survive polling.
  show(items) {
    items.sort((a, b) => a.path.localeCompare(b.path));
    const rows = new Map([...this.body.rows].map((one) => [one.dataset.id, one]));
    const wanted = items.map((item) => {
      const state = JSON.stringify(item);
      if (this.seen.get(item.id) === state && rows.has(item.id)) return rows.get(item.id);
      this.seen.set(item.id, state);
      return row(item, this.mayWrite, (one) => this.remove(one));
    });
    const same = wanted.length === this.body.rows.length && wanted.every((one, i) => this.body.rows[i] === one);
    if (!same) this.body.replaceChildren(...wanted);
    this.table.hidden = !items.length;
    this.empty.hidden = Boolean(items.length);
  }

  async remove(item) {
    if (!confirm(`Delete ${item.filename} with all its versions? This cannot be undone.`)) return;
    try {
      await call("DELETE", `/api/v1/documents/${item.id}`);
      say("");
    } catch (error) {
      say(error.message);
    }
    await this.refresh();
  }
}

// --- Uploading

// fetch() cannot say how much it has sent.
function send(path, form, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", path);
    request.setRequestHeader("X-CSRF-Token", token);
    request.setRequestHeader("Accept", "application/json");
    request.responseType = "json";
    request.upload.addEventListener("progress", (event) => onProgress(event.loaded / event.total));
    request.addEventListener("load", () => {
      if (request.status < 300) resolve(request.response);
      else reject(new Error(request.response?.detail ?? `The server answered ${request.status}.`));
    });
    request.addEventListener("error", () => reject(new Error("The upload broke off. Check the connection, then try again.")));
    request.send(form);
  });
}

async function upload(form, files, table) {
  const bar = document.getElementById("upload-progress");
  const refused = document.getElementById("refused");
  const most = Number(form.dataset.mostFiles);
  refused.replaceChildren();
  say("");
  bar.hidden = false;
  try {
    for (let at = 0; at < files.length; at += most) {
      const body = new FormData();
      const some = files.slice(at, at + most);
      for (const file of some) body.append("file", file, file.webkitRelativePath || file.name);
      const sent = await send(`/api/v1/collections/${table.collection}/documents`, body, (part) => {
        bar.value = (at + part * some.length) / files.length;
      });
      const failed = sent.documents.filter((one) => one.error && !one.id);
      refused.append(...failed.map((one) => make("li", {}, named(one.filename), `: ${one.error.message}`)));
      await table.refresh();
    }
  } catch (error) {
    say(error.message);
  } finally {
    bar.hidden = true;
    bar.value = 0;
    await table.refresh();
  }
}

function setUpUpload(form, table) {
  const input = form.querySelector('input[type="file"]');
  input.addEventListener("change", async () => {
    const files = [...input.files];
    input.value = "";
    await upload(form, files, table);
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  for (const name of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(name, (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      form.classList.toggle("over", name === "dragover");
      if (name === "drop" && event.dataTransfer.files.length) upload(form, [...event.dataTransfer.files], table);
    });
  }
}

// --- Collections

function setUpCollections() {
  const create = document.getElementById("new-collection");
  create?.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      const made = await (await call("POST", "/api/v1/collections", { name: create.elements.name.value })).json();
      location.assign(`/collections/${made.id}`);
    } catch (error) {
      say(error.message);
    }
  });
  const remove = document.getElementById("delete-collection");
  remove?.addEventListener("click", async () => {
    if (!confirm(`Delete the collection ${remove.dataset.name} with all its documents? This cannot be undone.`)) return;
    try {
      await call("DELETE", `/api/v1/collections/${remove.dataset.id}`);
      location.assign("/");
    } catch (error) {
      say(error.message);
    }
  });
}

const asking = document.getElementById("ask");
if (asking) setUpAsking(asking);
const documents = document.getElementById("documents");
if (documents) {
  const table = new DocumentTable(documents);
  table.refresh();
  const form = document.getElementById("upload");
  if (form) setUpUpload(form, table);
}
setUpCollections();
