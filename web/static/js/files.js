// Files that people drop or choose, with the paths they have inside the folders that came with them.

const LITTER = new Set([".DS_Store", "Thumbs.db", "desktop.ini"]);
const CONTROLS = /[\p{Cc}\p{Cs}]/gu;

// The path under which the server keeps a file; the same rules as there.
export function cleanPath(raw) {
  const parts = raw.normalize("NFC").replaceAll("\\", "/").replace(CONTROLS, "").split("/");
  return parts.map((part) => part.trim()).filter((part) => part.replaceAll(".", "")).join("/") || "unnamed";
}

const chosen = (file, path) => ({ file, path: cleanPath(path) });

// `[{file, path}]` of a file picker; one for folders gives each file its path inside the folder.
export function picked(input) {
  return [...input.files]
    .filter((file) => !LITTER.has(file.name))
    .map((file) => chosen(file, file.webkitRelativePath || file.name));
}

// The same of a drop, folders with all they hold. What cannot be read is left out and counted.
export async function dropped(transfer) {
  // The list is empty again as soon as this turn of the event loop ends, so it is read first.
  const entries = [...transfer.items].filter((item) => item.kind === "file").map((item) => item.webkitGetAsEntry?.() ?? item.getAsFile());
  const found = { files: [], unreadable: 0 };
  for (const entry of entries) {
    if (entry instanceof File) found.files.push(chosen(entry, entry.name));
    else if (entry) await walk(entry, found);
  }
  return found;
}

async function walk(entry, found) {
  try {
    if (entry.isFile) {
      const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
      if (!LITTER.has(file.name)) found.files.push(chosen(file, entry.fullPath));
    } else {
      for (const child of await children(entry)) await walk(child, found);
    }
  } catch {
    found.unreadable += 1;
  }
}

// A reader gives a folder in parts of about a hundred, and an empty part at the end.
async function children(folder) {
  const reader = folder.createReader();
  const entries = [];
  for (;;) {
    const part = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!part.length) return entries;
    entries.push(...part);
  }
}

// Whether two files are the same, as far as the browser can tell: it only hashes on secure addresses.
export async function isSame(file, document) {
  if (file.size !== document.size || !globalThis.crypto?.subtle) return false;
  const hash = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join("") === document.sha256;
}
