// The form that starts a summary.

import { json } from "./api.js";
import { $, given } from "./dom.js";
import { Wish } from "./wish.js";

const form = $("wish");
const wish = form && new Wish(form, given().scope);

form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  wish.submit.disabled = true;
  try {
    const job = await json("POST", "/api/v1/summaries", { body: { ...wish.body, title: form.elements.title.value.trim() } });
    location.assign(`/summaries/${job.id}`);
  } catch (error) {
    wish.fail(error);
    wish.submit.disabled = false;
  }
});
