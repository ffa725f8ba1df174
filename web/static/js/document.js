// The page of a document: watched while it is read, its passages marked in place, unlock, retry, read again, stop and delete.

import { asTrouble, json } from "./api.js";
import { $, given, named } from "./dom.js";
import { askName, confirm, toast } from "./dialogs.js";
import { isSettled, state } from "./document_row.js";
import { scrolls, Sheet } from "./sheet.js";
import { pageText, startOf } from "./viewer.js";
import { t } from "./words.js";

const POLL_MS = 1000;
const { document: item, view } = given();
const PATH = `/api/v1/documents/${item.id}`;
const image = $("sheet");
const box = $("sheet-box");
const sheet = image && new Sheet(box, $("sheet-smaller"), $("sheet-larger"));

async function watch() {
  const now = await json("GET", PATH).catch(() => null);
  if (now && isSettled(now)) location.reload();
  else if (now) $("reading").replaceChildren(...state(now, null));
  setTimeout(watch, POLL_MS);
}

// Mark another passage without fetching the page anew.
function mark(id, link) {
  const passage = view.passages.find((one) => one.id === id);
  if (image) {
    image.src = `${PATH}/pages/${view.page}.png?passage=${id}`;
    sheet.show(image, startOf(passage, view.text));
  }
  $("page-text").replaceChildren(pageText(view.text, passage));
  for (const one of document.querySelectorAll("#passages a")) one.removeAttribute("aria-current");
  link.setAttribute("aria-current", "true");
  history.replaceState(null, "", link.href);
  if (!image) $("page-text").querySelector("mark").scrollIntoView({ block: "center" });
}

function setUpPassages() {
  for (const link of document.querySelectorAll("#passages a")) {
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      mark(Number(link.dataset.passage), link);
    });
  }
  $("go-to-page")?.addEventListener("submit", (event) => {
    event.preventDefault();
    const { page } = event.currentTarget.elements;
    const wanted = Math.min(Math.max(Number(page.value), 1), view.pages);
    if (page.value) location.assign(`/documents/${item.id}/pages/${wanted}`);
  });
  document.addEventListener("keydown", (event) => {
    if (event.target.closest("input, textarea, select, dialog, details") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!scrolls(event.target) && event.key === "ArrowLeft") document.querySelector('a[rel="prev"]')?.click();
    if (!scrolls(event.target) && event.key === "ArrowRight") document.querySelector('a[rel="next"]')?.click();
    if (event.key === "+") $("sheet-larger")?.click();
    if (event.key === "-") $("sheet-smaller")?.click();
  });
}

function setUpActions() {
  $("delete-document")?.addEventListener("click", async () => {
    const done = await confirm({
      title: t("document.delete"),
      text: [named(item.path), ". ", t("document.delete.text")],
      action: t("delete"),
      act: () => json("DELETE", PATH),
    });
    if (done) location.assign(`/collections/${item.collection_id}`);
  });
  $("edit-tags")?.addEventListener("click", () => askName({
    title: t("tags"),
    label: t("tags.label"),
    value: item.tags.join(", "),
    action: t("save"),
    most: 1500,
    isRequired: false,
    act: async (text) => {
      await json("PUT", `${PATH}/tags`, { body: { tags: text.split(",").map((one) => one.trim()).filter(Boolean) } });
      location.reload();
    },
  }));
  $("retry-document")?.addEventListener("click", async () => {
    try {
      await json("POST", `${PATH}/retry`);
      location.reload();
    } catch (error) {
      toast(asTrouble(error).text, true);
    }
  });
  for (const [id, path] of [["reprocess-document", `${PATH}/reprocess`], ["stop-reading", `/api/v1/jobs/${item.job_id}/cancel`]]) {
    $(id)?.addEventListener("click", async () => {
      try {
        await json("POST", path);
        location.reload();
      } catch (error) {
        toast(asTrouble(error).text, true);
      }
    });
  }
  $("unlock-document")?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const field = $("password");
    try {
      await json("POST", `${PATH}/password`, { body: { password: field.value } });
      location.reload();
    } catch (error) {
      field.value = "";
      field.focus();
      toast(asTrouble(error).text, true);
    }
  });
  for (const one of document.querySelectorAll("[data-needs-script]")) one.hidden = false;
}

function setUpSheet() {
  const marked = view.passages.find((one) => one.id === view.mark);
  box.append(sheet.show(image, marked && startOf(marked, view.text)));
}

if (sheet) setUpSheet();
setUpPassages();
setUpActions();
if (!isSettled(item)) watch();
