// Leaving at once, and forgetting by the wall clock when nobody is there any more.
import { ask, fill } from "./elements.js";
import * as phrases from "./phrases.js";

const MINUTE = 60000;
export const WRITING = 10 * MINUTE;
export const READING = 3 * MINUTE;

let limit = 0;
let touched = Date.now();
let asking = false;
let paused = false;
let forget = () => {};

export function watch(milliseconds, onforget) {
  limit = milliseconds;
  forget = onforget;
  touched = Date.now();
}

// the camera hides the page for as long as it likes
export function pause(on) {
  paused = on;
  touched = Date.now();
}

async function look() {
  if (!limit || paused) return;
  const left = touched + limit - Date.now();
  if (left <= 0) {
    limit = 0;
    document.querySelectorAll(".veil").forEach((veil) => veil.remove());
    asking = false;
    forget();
  } else if (left <= MINUTE && !asking && document.visibilityState === "visible") {
    asking = true;
    await ask(phrases.idle.still, phrases.idle.yes);
    asking = false;
    touched = Date.now();
  }
}

export function start() {
  for (const kind of ["pointerdown", "keydown", "input"]) {
    document.addEventListener(kind, () => { if (!asking) touched = Date.now(); }, { passive: true });
  }
  document.addEventListener("visibilitychange", look);
  window.addEventListener("focus", () => pause(false));
  setInterval(look, 5000);
}

export function quickly(address) {
  fill(document.body);
  location.replace(address);
}
