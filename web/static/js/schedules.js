// Schedules: paused, resumed, run and deleted, on the list of them and on the page of each.

import { asTrouble, json } from "./api.js";
import { confirm, toast } from "./dialogs.js";
import { named } from "./dom.js";
import { follow } from "./live.js";
import { t } from "./words.js";

const PATH = "/api/v1/schedules";

async function change(id, body) {
  await json("PATCH", `${PATH}/${id}`, { body });
  location.reload();
}

const ACTIONS = {
  run: async ({ run }) => location.assign(`/summaries/${(await json("POST", `${PATH}/${run}/run`)).id}`),
  pause: ({ pause }) => change(pause, { paused: true }),
  resume: ({ resume }) => change(resume, { paused: false }),
  remove: async ({ remove, name }) => {
    const done = await confirm({
      title: t("schedule.delete"),
      text: [named(name), ". ", t("schedule.delete.text")],
      action: t("delete"),
      act: () => json("DELETE", `${PATH}/${remove}`),
    });
    if (done) location.assign("/schedules");
  },
};

for (const [name, act] of Object.entries(ACTIONS)) {
  for (const one of document.querySelectorAll(`button[data-${name}]`)) {
    one.hidden = false;
    one.addEventListener("click", () => Promise.resolve(act(one.dataset)).catch((error) => toast(asTrouble(error).text, true)));
  }
}

follow();
