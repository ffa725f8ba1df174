// Sends files in requests that the server takes, and says how far each file has come.

import { asTrouble, token, Trouble, troubleOf } from "./api.js";

const BATCH_BYTES = 32 * 1024 * 1024;

// Groups of files for one request each: so many, so large, and all with the same answer to a taken name.
export function batches(entries, mostFiles) {
  const groups = [];
  for (const entry of entries) {
    const last = groups.at(-1);
    const fits = last && last.length < mostFiles && last[0].onConflict === entry.onConflict && bytes(last) + entry.file.size <= BATCH_BYTES;
    if (fits) last.push(entry);
    else groups.push([entry]);
  }
  return groups;
}

const bytes = (entries) => entries.reduce((sum, entry) => sum + entry.file.size, 0);

// Send one group. `onProgress(entry, share)` is told for each file; the server's entry for each file comes back.
export async function send(collection, entries, { onProgress, signal }) {
  const body = new FormData();
  body.append("on_conflict", entries[0].onConflict);
  for (const { file, path } of entries) body.append("file", file, path);
  const whole = bytes(entries) || 1;
  try {
    const reply = await post(`/api/v1/collections/${collection}/documents`, body, signal, (share) => tell(entries, share * whole, onProgress));
    return reply.documents;
  } catch (error) {
    const { code, message } = asTrouble(error);
    return entries.map(() => ({ id: null, error: { code, message } }));
  }
}

// Files go out in their order, so what was sent so far belongs to the first of them.
function tell(entries, sent, onProgress) {
  let before = 0;
  for (const entry of entries) {
    const size = entry.file.size || 1;
    onProgress(entry, Math.min(1, Math.max(0, (sent - before) / size)));
    before += size;
  }
}

// fetch() cannot say how much it has sent.
function post(path, body, signal, onShare) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", path);
    request.setRequestHeader("X-CSRF-Token", token);
    request.setRequestHeader("Accept", "application/json");
    request.responseType = "json";
    request.upload.addEventListener("progress", (event) => event.total && onShare(event.loaded / event.total));
    request.addEventListener("load", () => {
      if (request.status < 300) resolve(request.response);
      else reject(troubleOf(request.response, request.status));
    });
    request.addEventListener("error", () => reject(new Trouble("network")));
    request.addEventListener("abort", () => reject(new Trouble("stopped")));
    signal.addEventListener("abort", () => request.abort());
    request.send(body);
  });
}
