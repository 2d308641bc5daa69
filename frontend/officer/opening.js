// Opening a fetched sealed.bin into the book: the same rules as src/lianbot/officer/opening.py.
import sodium from "libsodium-wrappers-sumo";
import { LETTER, PHOTO, TAG, b64, hex, openEnvelope, same, tagLeafOf, text, unb64, utf8 } from "../door/sealing.js";
import { withCase } from "./book.js";
import { receive, weeksBefore } from "./casework.js";
import { fingerprint, signingPair } from "./keyfile.js";

const KINDS = ["concern", "more", "object"];

function* split(raw, size) {
  if (raw.length % size) throw new Error("whole");
  for (let at = 0; at < raw.length; at += size) yield raw.subarray(at, at + size);
}

// sealed text is a stranger's: anything that is not one of our objects is nothing
function bodyOf(raw) {
  try {
    const body = JSON.parse(text(raw));
    return body && typeof body === "object" && KINDS.includes(body.t) ? body : null;
  } catch (strange) {
    return null;
  }
}

// half of a surrogate pair is valid in JSON and in no file
const word = (body, name) => (typeof body[name] === "string" ? text(utf8(body[name])) : "");
const count = (value) => (Number.isInteger(value) && value >= 0 && value < 2 ** 32 ? value : 0);

// a day that is none or lies ahead would move deadlines; 31 February is a day to Date
function dayOf(day, today) {
  const moment = /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : NaN;
  return !Number.isNaN(moment) && new Date(moment).toISOString().slice(0, 10) === day && day > "0001" && day < today ? day : today;
}

// 32 bytes in base64, or nothing: a key that fits no cipher would stop the pack of everybody else
function keyIn(body, name) {
  try {
    const raw = unb64(word(body, name));
    return raw.length === 32 && b64(raw) === body[name] ? body[name] : "";
  } catch (strange) {
    return "";
  }
}

// points of low order are no keys either
function replyKey(body) {
  try {
    sodium.crypto_box_beforenm(unb64(keyIn(body, "rpk")), new Uint8Array(32));
    return body.rpk;
  } catch (strange) {
    return "";
  }
}

function letterOf(body, today) {
  const photos = Array.isArray(body.photos) ? body.photos.slice(0, 4) : [];
  return { number: count(body.i), kind: body.t, day: dayOf(word(body, "day"), today), text: word(body, "text"),
    photos: photos.filter((tag) => typeof tag === "string" && /^[0-9a-f]{32}$/.test(tag)) };
}

export const caseId = (ko, rpk) => hex(sodium.crypto_hash_sha256(utf8(`lianbot-case\n${ko}\n${rpk}`))).slice(0, 8);

function file(book, letter, body, today, found) {
  const ko = keyIn(body, "ko");
  const rpk = replyKey(body);
  const id = ko ? caseId(ko, rpk) : caseId(letter.text, String(book.cases.length));
  const known = book.cases.find((one) => one.id === id);
  found.add(id);
  if (known) return withCase(book, receive(known, letter, today));
  return withCase(book, { id, opened: today, category: word(body, "category") || "other", place: word(body, "place"), knowing: word(body, "knowing"),
    state: "received", rpk, ko, kb: keyIn(body, "kb"), letters: [letter], steps: [], replies: [], objected: false });
}

export function openSealed(raw, { book, keys, salt, week, today }) {
  const seen = new Set(book.seen);
  const letters = [];
  for (const envelope of split(raw, LETTER)) {
    const tag = hex(envelope.subarray(0, TAG));
    if (seen.has(tag)) continue;
    seen.add(tag);
    const opened = openEnvelope(envelope, salt, keys);
    const body = opened && bodyOf(opened.body);
    if (body) letters.push([letterOf(body, today), body]);
  }
  letters.sort((one, other) => one[0].number - other[0].number);
  const found = new Set();
  let grown = book;
  for (const [letter, body] of letters) grown = file(grown, letter, body, today, found);
  const before = week ? weeksBefore(week, 1) : book.fetched; // without intake.json nothing is claimed
  return { found, book: { ...grown, seen: [...seen].sort(), fetched: before > book.fetched ? before : book.fetched } };
}

// The same rows in the same order as intake.json lists them: neither half a file nor one of another day.
// By their tags alone: hashing whole envelopes here would take a minute.
export function listedBy(leaves, raw) {
  const rows = [...split(raw, LETTER)];
  return Array.isArray(leaves) && leaves.length === rows.length
    && rows.every((row, at) => String(leaves[at]).slice(0, 32) === hex(tagLeafOf(row.subarray(0, TAG))));
}

// What our keys cannot open counts as seen for good: the wrong list or an old key file must open nothing.
// Throws with key or quarter.
export function fits(keys, opening, recipients, epoch) {
  const own = recipients.offices.find((office) => office.id === keys.office);
  if (!own || !same(own.sign, signingPair(keys).publicKey)) throw new Error("key");
  const newest = Math.max(...[...own.keys.keys()].filter((one) => one <= epoch && recipients.offices.every((office) => office.keys.has(one))));
  const held = opening.find((key) => key.epoch === newest);
  if (!held || !same(held.publicKey, own.keys.get(newest))) throw new Error("quarter");
}

// The second person: an office of the published list, and another than the first; the same rules as src/lianbot/officer/second.py.
// Throws with list, key, stranger or same.
export function secondOf(other, keys, recipients) {
  if (!recipients) throw new Error("list");
  const named = (one) => recipients.offices.some((office) => office.id === one.office && same(office.sign, signingPair(one).publicKey));
  if (!named(keys)) throw new Error("key");
  if (!named(other)) throw new Error("stranger");
  if (other.office === keys.office || same(signingPair(other).publicKey, signingPair(keys).publicKey)) throw new Error("same");
  return { office: other.office, said: `second ${other.office} ${fingerprint(other)}` };
}

export function openPhotos(raw, { keys, salt }) {
  const photos = new Map();
  for (const envelope of split(raw, PHOTO)) {
    const opened = openEnvelope(envelope, salt, keys);
    if (opened && opened.body[0] === 0xff && opened.body[1] === 0xd8) photos.set(hex(opened.tag), opened.body);
  }
  return photos;
}
