// Everything works without this file. With it: copy buttons, times of the reader's own zone, and numbers that live.
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

// <time datetime="…Z">: the text is UTC; the reader's own time is told on hovering.
for (const time of document.querySelectorAll("time[datetime]")) {
  time.title = new Date(time.dateTime).toLocaleString();
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
