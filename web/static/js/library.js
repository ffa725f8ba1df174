// Collections: create, rename, delete.

import { json } from "./api.js";
import { $, named } from "./dom.js";
import { askName, confirm } from "./dialogs.js";
import { count, t } from "./words.js";

const PATH = "/api/v1/collections";

export function create() {
  askName({
    title: t("collection.new"),
    label: t("collection.name"),
    action: t("create"),
    act: async (name) => {
      const made = await json("POST", PATH, { body: { name } });
      location.assign(`/collections/${made.id}`);
    },
  });
}

export function rename({ id, name }) {
  askName({
    title: t("collection.rename"),
    label: t("collection.name"),
    value: name,
    action: t("save"),
    act: async (changed) => {
      await json("PATCH", `${PATH}/${id}`, { body: { name: changed } });
      location.reload();
    },
  });
}

export async function remove({ id, name, documents }) {
  const done = await confirm({
    title: t("collection.delete"),
    text: [named(name), " – ", count("documents", Number(documents)), ". ", t("collection.delete.text")],
    action: t("delete"),
    act: () => json("DELETE", `${PATH}/${id}`),
  });
  if (done) location.assign("/library");
}

const ACTIONS = { create, rename, delete: remove };

for (const one of document.querySelectorAll("button[data-collection-action]")) {
  one.addEventListener("click", () => ACTIONS[one.dataset.collectionAction](one.dataset));
  one.hidden = false;
}

// The first collection is named right in the page, as soon as there is someone to listen.
$("first-collection")?.querySelector("button").removeAttribute("disabled");
$("first-collection")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.currentTarget;
  const problem = $("first-problem");
  try {
    const made = await json("POST", PATH, { body: { name: form.elements.name.value } });
    location.assign(`/collections/${made.id}`);
  } catch (error) {
    problem.textContent = error.text ?? t("trouble");
    problem.hidden = false;
  }
});
