// Everything works without this file. With it: copy buttons, times of the reader's own zone, the key of the search, and live numbers.
"use strict";

// Copy buttons appear only where the browser can copy: <button data-copy="text" hidden>.
for (const button of document.querySelectorAll("button[data-copy]")) {
  if (!navigator.clipboard) break;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const label = button.textContent;
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = label; }, 1500);
  });
}

// <time datetime="…Z">: the text is UTC. The switch in the header shows the reader's own time instead, with as many digits, and remembers it.
const zones = document.querySelector("button[data-zones]");
const clocks = [...document.querySelectorAll("time[datetime]")].map((time) => ({ time, utc: time.textContent }));
const two = (number, digits = 2) => String(number).padStart(digits, "0");
function local(date, utc) {
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} `;
  const seconds = /:\d\d:\d\d/.test(utc) ? `:${two(date.getSeconds())}` : "";
  const milliseconds = /\.\d{3}/.test(utc) ? `.${two(date.getMilliseconds(), 3)}` : "";
  return (/^\d{4}-/.test(utc) ? day : "") + `${two(date.getHours())}:${two(date.getMinutes())}${seconds}${milliseconds}`;
}
function showTimes(isLocal) {
  for (const { time, utc } of clocks) {
    const date = new Date(time.dateTime);
    time.textContent = isLocal ? local(date, utc) : utc;
    time.title = isLocal ? utc : date.toLocaleString();
  }
  if (zones) {
    zones.textContent = isLocal ? "Local time" : "UTC";
    zones.setAttribute("aria-label", isLocal ? "Local time: show UTC" : "UTC: show local time");
  }
}
let isLocal = false;
try { isLocal = localStorage.getItem("times") === "local"; } catch { /* No storage: it starts with UTC. */ }
if (zones && clocks.length > 0) {
  zones.hidden = false;
  zones.addEventListener("click", () => {
    isLocal = !isLocal;
    try { localStorage.setItem("times", isLocal ? "local" : "utc"); } catch { /* It holds for this page. */ }
    showTimes(isLocal);
  });
}
showTimes(isLocal);

// The key "/" leads to the search of the header.
const search = document.getElementById("find-anything");
addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  event.preventDefault();
  search?.focus();
});

// A cell that ends in an ellipsis has the whole in its title.
for (const cell of document.querySelectorAll("table.rows .text:not([title]), table.rows .short:not([title])")) {
  if (cell.scrollWidth > cell.clientWidth) cell.title = cell.innerText.trim();
}

// <input type="checkbox" data-pick-all="name">: ticks all boxes of the form.
for (const box of document.querySelectorAll("input[data-pick-all]")) {
  box.hidden = false;
  box.addEventListener("change", () => {
    for (const one of document.querySelectorAll(".pick input[type=checkbox]")) one.checked = box.checked;
  });
}

// On a phone the way around is a strip: it begins where one is.
document.querySelector(".side [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

// Numbers that live: <… data-live="/dashboard/…"> names a stream of server-sent events, each a fragment of HTML made by the server for the
// element of its name (`data-part`).
for (const root of document.querySelectorAll("[data-live]")) {
  const source = new EventSource(root.dataset.live);
  source.addEventListener("end", () => source.close());
  for (const part of root.querySelectorAll("[data-part]")) {
    source.addEventListener(part.dataset.part, (event) => { part.innerHTML = event.data; });
  }
  addEventListener("pagehide", () => source.close());
}
