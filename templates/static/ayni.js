// What a script adds to pages that already work without one. Nothing here is needed to do anything.

const said = document.getElementById("said");

/** Say one sentence in the page's live region, as text. */
function say(sentence) {
  const line = document.createElement("p");
  line.className = "notice tone-warn";
  line.textContent = sentence;
  said?.replaceChildren(line);
}

// A form goes out once. The button is marked after the browser has read its name and value.
document.addEventListener("submit", (submitting) => {
  const form = submitting.target;
  if (form.getAttribute("method") !== "post" || submitting.defaultPrevented) return;
  if (form.dataset.sent) {
    submitting.preventDefault();
    return;
  }
  const waits = form.elements.kept ?? form.matches(".leave"); // offline.js sends these later, and forgets her at once
  if (form.elements.kept && submitting.submitter) {
    form.elements.kept.value = `${form.elements.kept.defaultValue} · ${submitting.submitter.textContent.trim()}`;
  }
  if (!navigator.onLine && !(waits && navigator.serviceWorker?.controller)) { // what was entered stays, where the browser's own page would take its place
    submitting.preventDefault();
    say(document.body.dataset.saidOffline);
    said?.scrollIntoView({ block: "center" });
    return;
  }
  form.dataset.sent = "1";
  const button = submitting.submitter;
  setTimeout(() => button?.setAttribute("aria-busy", "true"));
  setTimeout(() => release(form.parentElement ?? document), 10_000); // a download leaves the page standing
});

/** Let a form be sent again: the page came back from the history, or a request ended. */
function release(root) {
  for (const form of root.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  for (const button of root.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
}
addEventListener("pageshow", () => release(document));
document.addEventListener("htmx:afterRequest", () => release(document));
for (const kind of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(kind, () => say(document.body.dataset.saidOffline));
}

// A dangerous button wants two presses. Leaving it, or Escape, takes the first one back.
function disarm(button) {
  if (!button.dataset.was) return;
  button.lastElementChild.textContent = button.dataset.was;
  button.classList.remove("armed");
  delete button.dataset.was;
}
document.addEventListener("click", (press) => {
  const button = press.target.closest?.("button[data-confirm]");
  if (!button || button.dataset.was) return;
  press.preventDefault();
  const words = button.lastElementChild;
  button.dataset.was = words.textContent;
  words.textContent = button.dataset.confirm;
  button.classList.add("armed");
  button.focus();
  say(document.body.dataset.saidAgain);
}, true);
document.addEventListener("focusout", (leaving) => disarm(leaving.target.closest?.("button") ?? leaving.target));
document.addEventListener("keydown", (key) => key.key === "Escape" && disarm(document.activeElement));

// A worker's page is fetched anew when it comes to the front after half a minute, unless she is writing in it.
const page = document.querySelector("main[data-refresh]");
let hiddenAt = 0;
let touched = false;
document.addEventListener("input", () => (touched = true));
document.addEventListener("visibilitychange", () => {
  if (document.hidden) hiddenAt = Date.now();
  else if (page && !touched && navigator.onLine && Date.now() - hiddenAt > 30_000) location.reload();
});
// What is confirmed in a moment is looked at again, thrice.
if (page?.dataset.refresh === "soon" && !document.body.dataset.asOf) {
  const tries = Number(sessionStorage.getItem(location.pathname));
  if (tries < 3) setTimeout(() => {
    sessionStorage.setItem(location.pathname, tries + 1);
    if (!touched && !document.hidden) location.reload();
  }, 3_000 * 3 ** tries);
}

// A leader's board: each event from the server makes htmx fetch the page again and swap the parts marked data-part
// (each with an id), so that focus and scroll stay where they are.
const board = document.querySelector("main[data-live]");
if (board && window.EventSource) {
  let waiting;
  new EventSource(board.dataset.live).onmessage = () => {
    clearTimeout(waiting);
    waiting = setTimeout(renew, 300);
  };
}
async function renew() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!answer?.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-part][id]")) {
    const next = fresh.getElementById(part.id);
    if (!next || part.contains(document.activeElement) || part.isEqualNode(next)) continue;
    part.replaceWith(next);
    window.htmx?.process(next);
  }
}

// Painting availability: a press on a day or a part fills its line; a drag with mouse or pen paints cells alike.
for (const heading of document.querySelectorAll("[data-paint]")) {
  const table = heading.closest("table");
  const cell = heading.closest("th");
  const boxes = () => heading.dataset.paint === "row"
    ? [...cell.parentElement.querySelectorAll("input")]
    : [...table.tBodies[0].rows].map((row) => row.cells[cell.cellIndex].querySelector("input"));
  const button = document.createElement("button");
  button.type = "button";
  button.append(...heading.childNodes);
  heading.append(button);
  button.addEventListener("click", () => {
    const on = !boxes().every((box) => box.checked);
    for (const box of boxes()) box.checked = on;
    touched = true;
  });
}
let brush = null;
document.addEventListener("pointerdown", (down) => {
  const box = down.pointerType !== "touch" && down.target.closest?.(".paint td")?.querySelector("input");
  if (box) brush = { box, on: !box.checked };
});
document.addEventListener("pointerover", (over) => {
  const box = brush && over.target.closest?.(".paint td")?.querySelector("input");
  if (!box || box === brush.box) return;
  box.checked = brush.on;
  brush.box.checked = brush.on;
  touched = true;
});
document.addEventListener("pointerup", () => (brush = null));

// After a refused form the summary of what needs a second look is read first.
document.querySelector("[data-focus]")?.focus();
