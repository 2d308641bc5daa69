// The case book: the same bytes as src/lianbot/officer/book.py.
import sodium from "libsodium-wrappers-sumo";
import { b64, hex, random, text, unb64, unhex, utf8 } from "../door/sealing.js";

const KIND = "lianbot-case-book";
const BOUND = "lianbot-case-book-v1";
const START = "0".repeat(64);

export const emptyBook = () => ({ v: 1, cases: [], seen: [], audit: [], fetched: "0000W00", packed: {} });

const linkOf = (before, line) => hex(sodium.crypto_hash_sha256(utf8(`${before}\n${line}`)));

export function noted(book, day, by, act, about = "") {
  const before = book.audit.length ? book.audit[book.audit.length - 1].hash : START;
  const line = JSON.stringify({ n: book.audit.length, day, by, act, about });
  return { ...book, audit: [...book.audit, { line, hash: linkOf(before, line) }] };
}

export function unbroken(book) {
  let before = START;
  return book.audit.every((entry) => { before = linkOf(before, entry.line); return before === entry.hash; });
}

export function withCase(book, one) {
  const cases = [...book.cases.filter((other) => other.id !== one.id), one];
  const order = (item) => `${item.letters[0].day} ${item.id}`;
  cases.sort((a, b) => (order(a) < order(b) ? -1 : 1));
  return { ...book, cases };
}

export function writeBook(book, key) {
  const nonce = random(24);
  const box = sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(utf8(JSON.stringify(book)), utf8(BOUND), null, nonce, key);
  return `${JSON.stringify({ v: 1, kind: KIND, nonce: hex(nonce), box: b64(box) })}\n`;
}

export function readBook(raw, key) {
  const file = JSON.parse(raw);
  if (file.kind !== KIND) throw new Error("kind");
  const book = JSON.parse(text(sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(null, unb64(file.box), utf8(BOUND), unhex(file.nonce), key)));
  if (!unbroken(book)) throw new Error("chain");
  return book;
}
