// What every page has: menus that close by Escape and by a click elsewhere, the theme, dates in the reader's time zone.

import { day } from "./words.js";

const YEAR = 365 * 24 * 3600;

function setUpMenus() {
  const menus = [...document.querySelectorAll("details.menu")];
  document.addEventListener("click", (event) => {
    menus.filter((menu) => menu.open && !menu.contains(event.target)).forEach((menu) => (menu.open = false));
  });
  document.addEventListener("keydown", (event) => {
    const menu = menus.find((one) => one.open);
    if (event.key !== "Escape" || !menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
}

function setUpTheme() {
  const form = document.getElementById("themes");
  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    const chosen = event.submitter.value;
    document.documentElement.dataset.theme = chosen;
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `theme=${chosen}; Max-Age=${YEAR}; Path=/; SameSite=Lax${secure}`;
    for (const one of form.querySelectorAll("button")) one.setAttribute("aria-pressed", String(one === event.submitter));
  });
}

setUpMenus();
setUpTheme();
for (const time of document.querySelectorAll("time[data-day]")) time.textContent = day(time.dateTime);
