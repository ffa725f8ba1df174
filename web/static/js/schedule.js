// The form of a schedule: friendly choices become a cron expression, and the next runs are told while choosing.

import { asTrouble, json } from "./api.js";
import { $, given, icon, make } from "./dom.js";
import { Wish } from "./wish.js";
import { language, moment } from "./words.js";
import "./schedules.js";

const PATH = "/api/v1/schedules";
const PAUSE_MS = 300;
const { scope, schedule } = given();
const form = $("wish");
let before = {};

// Cron counts days of the week from Sunday, 0.
const CRON = {
  hourly: (fields) => `${Number(fields.get("minute"))} * * * *`,
  daily: (fields) => `${at(fields)} * * *`,
  weekly: (fields) => `${at(fields)} * * ${fields.getAll("weekday").map((day) => (Number(day) + 1) % 7).sort().join()}`,
  monthly: (fields) => `${at(fields)} ${Number(fields.get("day"))} * *`,
  cron: (fields) => fields.get("cron").trim(),
};

function at(fields) {
  const [hour, minute] = fields.get("time").split(":");
  return `${Number(minute)} ${Number(hour)}`;
}

function times() {
  const fields = new FormData(form);
  return { cron: CRON[fields.get("rhythm")](fields), timezone: fields.get("timezone").trim() };
}

const DELIVERY = {
  email: (value) => (value ? { to: value.split(",").map((one) => one.trim()).filter(Boolean), language } : null),
  webhook: (value) => (value ? { url: value, language } : null),
  folder: (value) => (value ? { language } : null),
};

function valueOf({ type, checked, value }) {
  return type === "checkbox" ? checked : value.trim();
}

// Only what was changed: the format of the rest, which was chosen elsewhere, stays.
function delivery() {
  const changed = Object.keys(DELIVERY).filter((name) => form.elements[name] && valueOf(form.elements[name]) !== before[name]);
  return Object.fromEntries(changed.map((name) => [name, DELIVERY[name](valueOf(form.elements[name]))]));
}

function show() {
  const kind = new FormData(form).get("rhythm");
  for (const part of form.querySelectorAll("[data-for]")) part.hidden = !part.dataset.for.split(" ").includes(kind);
}

async function preview() {
  try {
    const { next_runs: runs } = await json("POST", `${PATH}/preview`, { body: times() });
    $("coming").replaceChildren(icon("calendar"), make("span", {}, runs.slice(0, 3).map(moment).join(" · ")));
    $("coming").classList.remove("bad");
  } catch (error) {
    $("coming").replaceChildren(icon("alert"), make("span", {}, error.message || asTrouble(error).text));
    $("coming").classList.add("bad");
  }
}

if (form) {
  const wish = new Wish(form, scope);
  before = Object.fromEntries(Object.keys(DELIVERY).filter((name) => form.elements[name]).map((name) => [name, valueOf(form.elements[name])]));
  let timer;
  if (!schedule) form.elements.timezone.value = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
  form.addEventListener("input", () => {
    show();
    clearTimeout(timer);
    timer = setTimeout(preview, PAUSE_MS);
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const fields = new FormData(form);
    const body = { name: fields.get("name").trim(), catch_up: fields.get("catch_up"), ...times(), summary: wish.body, delivery: delivery() };
    try {
      const kept = await json(schedule ? "PATCH" : "POST", schedule ? `${PATH}/${schedule}` : PATH, { body });
      location.assign(`/schedules/${kept.id}`);
    } catch (error) {
      wish.fail(error);
    }
  });
  show();
  preview();
}
