// What is kept on this telephone: has it kept, and says on the page how old it is, what waits, and what came of it.

const words = document.getElementById("kept");
const keeper = navigator.serviceWorker;
const whose = words?.dataset.whose;

if (words && keeper) {
  keeper.register("/offline.js");
  keeper.addEventListener("message", (heard) => show(heard.data));
  const ask = (what) => keeper.controller?.postMessage(what);
  keeper.addEventListener("controllerchange", () => ask("answers"));
  ask("send");
  addEventListener("online", () => ask("send"));
  document.addEventListener("visibilitychange", () => document.hidden || ask("send"));
  if (document.body.dataset.asOf) sayHowOld(new Date(Number(document.body.dataset.asOf)));
}

function sayHowOld(then) {
  const today = then.toDateString() === new Date().toDateString();
  const day = today ? {} : { weekday: "short", day: "numeric", month: "short" };
  const time = then.toLocaleString(document.documentElement.lang, { ...day, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  document.getElementById("said").replaceChildren(line("warn", words.dataset.asOf.replace("{time}", time)));
}

function line(tone, text, more = "") {
  const made = document.createElement("p");
  made.className = `notice tone-${tone}`;
  const inner = made.appendChild(document.createElement("span"));
  if (more) {
    inner.appendChild(document.createElement("b")).textContent = text;
    inner.append(document.createElement("br"), more);
  } else inner.textContent = text;
  return made;
}

function show({ whose: kept, answers, anew }) {
  if (kept && kept !== whose) return; // somebody else's
  const over = answers.filter((one) => one.state !== "waiting");
  if (anew && over.length && !document.querySelector("main :focus")) return location.reload();
  const lines = answers.map((one) => {
    const { state, detail } = one;
    if (state === "waiting") return line("warn", one.words, words.dataset.waiting);
    return line(state === "refused" ? "bad" : "ok", one.words, detail || words.dataset[state] || words.dataset.sent);
  });
  words.hidden = !lines.length;
  words.querySelector("div").replaceChildren(...lines);
  words.querySelector("button").hidden = !over.length;
  for (const form of document.querySelectorAll("form.waits")) form.classList.remove("waits");
  for (const one of answers) {
    if (one.state === "waiting") document.querySelector(`form[action="${CSS.escape(one.path)}"]`)?.classList.add("waits");
  }
}
words?.querySelector("button").addEventListener("click", () => {
  keeper.controller?.postMessage("seen");
  words.hidden = true;
});

// Messages on this device: the browser is asked when she presses, and not before.
const push = document.getElementById("push");
if (push && keeper && window.PushManager) {
  keeper.ready.then((one) => one.pushManager.getSubscription()).then((held) => (push.hidden = Boolean(held)));
  push.addEventListener("submit", async (submitting) => {
    submitting.preventDefault();
    try {
      const options = { userVisibleOnly: true, applicationServerKey: push.dataset.key };
      const { endpoint, keys } = (await (await keeper.ready).pushManager.subscribe(options)).toJSON();
      Object.assign(push.elements.endpoint, { value: endpoint });
      Object.assign(push.elements.public, { value: keys.p256dh });
      Object.assign(push.elements.secret, { value: keys.auth });
      push.submit();
    } catch {
      document.getElementById("said").replaceChildren(line("warn", push.dataset.refused));
    }
  });
  for (const form of document.querySelectorAll('form[action="/me/messages/devices/end"]')) {
    if (form.closest("li").querySelector(".tag")) form.addEventListener("submit", stopHere);
  }
}
async function stopHere() {
  await (await (await keeper.ready).pushManager.getSubscription())?.unsubscribe();
}
