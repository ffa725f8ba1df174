// The page of a collection.

import { json } from "./api.js";
import { confirm, toast } from "./dialogs.js";
import { $, given } from "./dom.js";
import { DocumentList } from "./documents.js";
import { Uploads } from "./uploads.js";
import { count, t } from "./words.js";
import "./library.js";

const data = given();
const list = new DocumentList(data);
if (data.may_write) new Uploads(data, list);

async function readAgain() {
  let queued = 0;
  const done = await confirm({
    title: t("reprocess.all"),
    text: [t("reprocess.all.text")],
    action: t("reprocess"),
    act: async () => { ({ queued } = await json("POST", `/api/v1/collections/${data.collection}/reprocess`)); },
  });
  if (!done) return;
  toast(count("documents.queued", queued));
  list.refresh();
}

for (const one of [$("reprocess-collection")].filter(Boolean)) {
  one.addEventListener("click", readAgain);
  one.hidden = false;
}
