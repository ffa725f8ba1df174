// What a run of summaries says: followed while it is worked, its citations open the page beside it.

import { asTrouble, call, json } from "./api.js";
import { toClipboard } from "./clipboard.js";
import { confirm, toast } from "./dialogs.js";
import { $, named } from "./dom.js";
import { follow } from "./live.js";
import { Viewer } from "./viewer.js";
import { t } from "./words.js";

const PATH = "/api/v1/summaries";
const viewer = new Viewer();

function sourceOf({ dataset }) {
  const { document: id, page, passage, filename, quote, place, version, current, sure } = dataset;
  const source = { document_id: id, page: Number(page), passage_id: Number(passage), filename, quote, place };
  source.scan_confidence = sure === undefined ? null : Number(sure);
  return version === undefined ? source : { ...source, superseded: true, version: Number(version), current_version: Number(current) };
}

async function copy(path) {
  const done = await toClipboard(await (await call("GET", path)).text());
  toast(done ? t("copied") : t("copy.failed"), !done);
}

async function cancel(button) {
  button.disabled = true;
  await json("POST", `/api/v1/jobs/${button.dataset.cancel}/cancel`);
}

async function deliver(button) {
  button.disabled = true;
  await json("POST", `${PATH}/${button.dataset.of}/deliveries`, { body: { channel: button.dataset.deliver } });
  location.reload();
}

async function remove({ dataset }) {
  const done = await confirm({
    title: t("summary.delete"),
    text: [named(dataset.name), ". ", t("summary.delete.text")],
    action: t("delete"),
    act: () => json("DELETE", `${PATH}/${dataset.remove}`),
  });
  if (done) location.assign("/summaries");
}

const ACTIONS = [
  ["[data-copy]", (one) => copy(one.dataset.copy)],
  ["[data-cancel]", cancel],
  ["[data-deliver]", deliver],
  ["[data-remove]", remove],
];

document.addEventListener("click", async (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  const link = event.target.closest("a[data-passage]");
  if (link) {
    event.preventDefault();
    viewer.open(sourceOf(link), link);
    return;
  }
  const [selector, act] = ACTIONS.find(([wanted]) => event.target.closest(wanted)) ?? [];
  if (!act) return;
  const button = event.target.closest(selector);
  try {
    await act(button);
  } catch (error) {
    button.disabled = false;
    toast(asTrouble(error).text, true);
  }
});

const isWorked = $("state").hasAttribute("data-open");
follow(() => isWorked && ($("news").textContent = t("summary.ended")));
