// The REST interface that everyone else uses too, with the troubles it can give in the words of the page.

import { t, trouble } from "./words.js";

export const token = document.querySelector('meta[name="csrf-token"]')?.content ?? "";

export class Trouble extends Error {
  constructor(code, detail = "") {
    super(detail);
    this.code = code;
  }

  get title() {
    return trouble(this.code)?.[0] ?? t("trouble");
  }

  // What happened and what to do: in the page's language where the code is known, else in the server's words.
  get text() {
    return trouble(this.code)?.[1] || this.message || t("trouble");
  }
}

// The trouble that a failed call or a broken connection is.
export function asTrouble(error) {
  if (error instanceof Trouble) return error;
  if (error instanceof TypeError) return new Trouble("network", error.message);
  throw error;
}

export function troubleOf(body, status) {
  return new Trouble(body?.code ?? "internal_error", body?.detail ?? String(status));
}

export async function call(method, path, { body, signal } = {}) {
  const headers = { Accept: "application/json", "X-CSRF-Token": token };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const reply = await fetch(path, { method, headers, signal, body: body === undefined ? undefined : JSON.stringify(body) });
  if (reply.ok) return reply;
  throw troubleOf(await reply.json().catch(() => null), reply.status);
}

export const json = async (method, path, options) => (await call(method, path, options)).json();

// Every item of a list, page by page, up to `most`.
export async function all(path, name, most = 5000) {
  const items = [];
  let cursor = "";
  do {
    const page = await json("GET", `${path}?${new URLSearchParams({ limit: 200, cursor })}`);
    items.push(...page[name]);
    cursor = page.next_cursor ?? "";
  } while (cursor && items.length < most);
  return items;
}
