// Opening a fetched sealed.bin into the book: the same rules as src/lianbot/officer/opening.py.
import sodium from "libsodium-wrappers-sumo";
import { LETTER, PHOTO, TAG, hex, openEnvelope, text, utf8 } from "../door/sealing.js";
import { withCase } from "./book.js";
import { receive, weeksBefore } from "./casework.js";

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

const word = (body, name) => (typeof body[name] === "string" ? body[name] : "");
const count = (value) => (Number.isInteger(value) && value >= 0 && value < 2 ** 32 ? value : 0);

function letterOf(body, today) {
  const day = /^\d{4}-\d{2}-\d{2}$/.test(body.day) && !Number.isNaN(Date.parse(body.day)) && body.day < today ? body.day : today;
  return { number: count(body.i), kind: body.t, day, text: word(body, "text"), photos: Array.isArray(body.photos) ? body.photos.slice(0, 4).map(String) : [] };
}

export const caseId = (ko, rpk) => hex(sodium.crypto_hash_sha256(utf8(`lianbot-case\n${ko}\n${rpk}`))).slice(0, 8);

function file(book, letter, body, today, found) {
  const ko = word(body, "ko");
  const rpk = word(body, "rpk");
  const id = ko ? caseId(ko, rpk) : caseId(letter.text, String(book.cases.length));
  const known = book.cases.find((one) => one.id === id);
  found.add(id);
  if (known) return withCase(book, receive(known, letter, today));
  return withCase(book, { id, opened: today, category: word(body, "category") || "other", place: word(body, "place"), knowing: word(body, "knowing"),
    state: "received", rpk, ko, kb: word(body, "kb"), letters: [letter], steps: [], replies: [], objected: false });
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
  const before = weeksBefore(week, 1);
  return { found, book: { ...grown, seen: [...seen].sort(), fetched: before > book.fetched ? before : book.fetched } };
}

export function openPhotos(raw, { keys, salt }) {
  const photos = new Map();
  for (const envelope of split(raw, PHOTO)) {
    const opened = openEnvelope(envelope, salt, keys);
    if (opened && opened.body[0] === 0xff && opened.body[1] === 0xd8) photos.set(hex(opened.tag), opened.body);
  }
  return photos;
}
