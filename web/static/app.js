// Everything works without this file. It tells of news while a page is open, and spares a click here and there.
"use strict";

const EVERY = 4000; // milliseconds

// Pages that wait for something replace their main part by what the server says now.
async function refresh(main) {
  const typed = [...main.querySelectorAll("input, textarea")].some((field) => field.value !== field.defaultValue);
  // Not under the hands of somebody who types or moves by keyboard.
  if (typed || (main !== document.activeElement && main.contains(document.activeElement))) return;
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById("main");
  if (fresh && fresh.innerHTML !== main.innerHTML) main.replaceChildren(...fresh.childNodes);
}

// The list of matches stays as it is while somebody reads; a line above it says what came since.
async function tellNews(news) {
  const answer = await fetch(news.dataset.news, { headers: { Accept: "application/json" } });
  if (!answer.ok || answer.redirected) return;
  const said = await answer.json();
  news.hidden = said.count === 0;
  if (news.textContent !== said.text) news.textContent = said.text;
}

async function look() {
  const main = document.getElementById("main");
  if (document.hidden || !main) return;
  try {
    const news = main.querySelector("[data-news]");
    if (main.querySelector("[data-waiting]")) await refresh(main);
    else if (news) await tellNews(news);
  } catch {
    // The server is away for a moment: look again later.
  }
}

setInterval(look, EVERY);

document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-at-once]");
  if (form) form.requestSubmit();
});

// A menu closes by Escape and by a click elsewhere.
document.addEventListener("keydown", (event) => {
  const open = event.key === "Escape" && document.querySelector("details.menu[open]");
  if (open) {
    open.open = false;
    open.querySelector("summary").focus();
  }
});
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
