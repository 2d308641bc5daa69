// The three fetches of the page: constant sizes, no cookie, no referrer, no header of our own.
import { LETTER, PHOTO, TAG, join, leafOf, makeStamp, oTag, random, readBulletin, same, wTag } from "./sealing.js";

const PER_PAGE = 4;
const LAST_PAGE = 8;
const options = { credentials: "omit", referrerPolicy: "no-referrer", cache: "no-store" };

async function bytes(answer, size) {
  const body = new Uint8Array(await answer.arrayBuffer());
  if (size && body.length !== size) throw new Error("size");
  return body;
}

async function post(path, body, stamp, size) {
  // a bare Uint8Array has no Content-Type, so there is no preflight; the stamp is in the query on every request
  return bytes(await fetch(`/c/${path}?s=${stamp}`, { ...options, method: "POST", body }), size);
}

export async function fetchBulletin() {
  return readBulletin(await bytes(await fetch("/c/b", options)));
}

async function exchange(flag, tags, envelope, stamp) {
  const answer = await post("x", join([flag], ...tags, envelope), stamp, 8 * LETTER);
  return tags.map((tag, at) => {
    const row = answer.subarray(at * LETTER, (at + 1) * LETTER);
    return same(row.subarray(0, TAG), tag) ? row : null; // random filler does not begin with our tag
  });
}

const anyStamp = () => Array.from(random(16), (byte) => byte.toString(16).padStart(2, "0")).join("");

function tagsOfPage(keys, page) {
  const numbers = Array.from({ length: PER_PAGE }, (_, at) => page * PER_PAGE + at);
  return [...numbers.map((number) => wTag(keys, number)), ...numbers.map((number) => oTag(keys, number))];
}

// always two pages, more only when both are used up: how much there is must not show in how much is asked.
// Each office answers under tags of its own lane (0, 3, 6 … or 1, 4, 7 …), so a gap is not the end.
export async function readMailbox(keys) {
  const sent = [];
  const received = [];
  for (let page = 0; page < LAST_PAGE; page += 1) {
    const rows = await exchange(0, tagsOfPage(keys, page), random(LETTER), anyStamp());
    sent.push(...rows.slice(0, PER_PAGE));
    received.push(...rows.slice(PER_PAGE));
    const free = rows.slice(0, PER_PAGE).includes(null);
    if (page >= 1 && free && !rows.slice(PER_PAGE).some(Boolean)) break;
  }
  return { sent: sent.filter(Boolean), received: received.filter(Boolean), free: sent.indexOf(null) };
}

// true when the very same bytes read back; a second try with the same bytes doubles nothing
export async function putLetter(keys, number, envelope, effort) {
  const stamp = await makeStamp(envelope, effort);
  const rows = await exchange(1, tagsOfPage(keys, Math.floor(number / PER_PAGE)), envelope, stamp);
  const row = rows[number % PER_PAGE];
  return row !== null && same(row, envelope);
}

export async function putPhotos(envelopes, effort) {
  const body = join(...envelopes);
  if (body.length !== 4 * PHOTO) throw new Error("photos");
  const answer = await post("m", body, await makeStamp(body, effort), 4 * 32);
  return envelopes.every((one, at) => same(leafOf(one).subarray(16), answer.subarray(32 * at, 32 * at + 32)));
}
