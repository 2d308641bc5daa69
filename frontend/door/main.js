// Starts the page: one document, one address; what is shown changes, the address never does.
import { button, fill, h } from "./elements.js";
import { fetchBulletin } from "./exchange.js";
import { frontPage, listed, ways } from "./front.js";
import { quickly, start, watch } from "./leaving.js";
import { mailboxPage } from "./mailbox.js";
import * as phrases from "./phrases.js";
import { readRecipients, ready } from "./sealing.js";
import { writePage } from "./write.js";

const PATIENCE = 20000; // a WebAssembly that neither loads nor fails must not leave a dead button
const site = JSON.parse(document.getElementById("site").textContent);
const main = document.getElementById("main");

function exit() {
  const lesson = listed((site.front || {}).lessons).find((one) => one && /^(https?:\/\/|\/m\/)/.test(one.url || ""));
  quickly(lesson ? lesson.url : "/m/");
}

function show(children, inside) {
  fill(main, ...(inside ? [h("nav", {}, button(phrases.back, () => go("front")), button(phrases.leave, exit, "leave"))] : []),
    ...children.filter(Boolean));
  window.scrollTo(0, 0);
}

function go(where) {
  if (Array.isArray(where)) return show(where, true);
  if (where === "front") {
    watch(0, () => {});
    return show([...frontPage(site, go), fingerprint()], false);
  }
  return enter(where);
}

async function enter(where) {
  await loaded; // less than a second after opening
  if (!site.recipients) return show([ways(true)], true);
  return show(where === "write" ? writePage(site, go) : mailboxPage(site, go), true);
}

const fingerprint = () => site.recipients && h("p", { className: "small" }, phrases.front.poster, h("span", { className: "print" }, site.recipients.fingerprint));

async function load() {
  const raw = site.recipients;
  site.recipients = null;
  try {
    if (typeof WebAssembly !== "object") throw new Error("no WebAssembly");
    await Promise.race([ready(), new Promise((_, late) => setTimeout(() => late(new Error("late")), PATIENCE))]);
    site.recipients = readRecipients(raw);
    site.bulletin = await fetchBulletin(); // at every opening, whoever opens and for whatever
  } catch (tooOld) {
    return; // lessons and questions still work; without keys the box shows the other ways
  }
}

history.replaceState(null, "", "/m/"); // no fragment, no query stays in the history
const loaded = load();
go("front");
start();
loaded.then(() => {
  const idle = !main.querySelector("nav, details[open]") && ![...main.querySelectorAll("input")].some((field) => field.value);
  if (idle) go("front"); // now with the notice board and the fingerprint
});
window.addEventListener("pagehide", () => fill(main));
window.addEventListener("pageshow", (event) => { if (event.persisted) go("front"); });
