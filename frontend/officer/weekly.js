// The weekly pack: the same rules as src/lianbot/officer/weekly.py.
import { b64, codeOf, dummy, random, seal, tagOf, unb64, utf8 } from "../door/sealing.js";
import { withCase } from "./book.js";
import { care, isCare, weekOf, weeksBefore } from "./casework.js";
import { sign } from "./keyfile.js";

const CODES = 12;
const REPLIES = 8;
const LANES = 3;
const NOTHING = "0000W00";
const six = (number) => String(number).padStart(6, "0");

// what nobody wrote by hand comes last
export function waiting(book) {
  const found = book.cases.flatMap((one) => one.replies.filter((reply) => !reply.week && one.ko && one.rpk).map((reply) => [one, reply]));
  return [...found.filter(([, reply]) => !isCare(reply.text)), ...found.filter(([, reply]) => isCare(reply.text))];
}

export const coarse = (count) => (count < 5 ? "不到 5" : `约 ${Math.round(count / 5) * 5}`);

export function statementOf(book, changed) {
  const closed = book.cases.filter((one) => one.state === "closed").length;
  return { text: `收到 ${coarse(book.cases.length)} 件，办完 ${coarse(closed)} 件。${changed.trim()}` };
}

function sealedReply(one, reply, salt, lane, week) {
  const number = reply.number * LANES + lane;
  return seal(utf8(JSON.stringify({ v: 1, t: "reply", j: number, week, state: reply.shown, text: reply.text })),
    { tag: tagOf(unb64(one.ko), "o", number), epoch: 0, salt, readers: [unb64(one.rpk)] });
}

function codesOf(book, week) {
  const since = weeksBefore(week, 13);
  const newest = (one) => one.replies.map((reply) => reply.week).sort().pop() || "";
  const answered = book.cases.filter((one) => one.kb && newest(one) >= since).sort((a, b) => (newest(a) < newest(b) ? 1 : -1));
  const codes = answered.slice(0, CODES).map((one) => codeOf(unb64(one.kb), week));
  while (codes.length < CODES) codes.push(codeOf(random(32), week));
  return codes.sort((a, b) => a - b).map(six);
}

// the same week gives the same pack, unless another is asked for
export function makePack(book, keys, recipients, today, { statement = {}, again = false } = {}) {
  const week = weekOf(today);
  if (book.packed[week] && !again) return { book, raw: book.packed[week] };
  const lane = recipients.offices.findIndex((office) => office.id === keys.office);
  if (lane < 0) throw new Error("office");
  const cared = book.cases.reduce((now, one) => withCase(now, care(one, today)), book);
  const chosen = waiting(cared).slice(0, REPLIES);
  const replies = chosen.map(([one, reply]) => sealedReply(one, reply, recipients.salt, lane, week));
  while (replies.length < REPLIES) replies.push(dummy(recipients.salt));
  let carried = cared;
  for (const [one, reply] of chosen) {
    const now = carried.cases.find((other) => other.id === one.id);
    carried = withCase(carried, { ...now, replies: now.replies.map((other) => (other.number === reply.number ? { ...other, week } : other)) });
  }
  const said = utf8(JSON.stringify(statement)); // the bulletin writes it with one blank more
  if (said.length > 1023) throw new Error("statement");
  const padded = new Uint8Array(1024).fill(32);
  padded.set(said);
  const ledgerWeek = `${book.fetched.slice(0, 4)}-${book.fetched.slice(4)}`;
  const attest = book.fetched === NOTHING ? new Uint8Array(64) : sign(keys, "lianbot attest", utf8(`${recipients.log}\0${ledgerWeek}`));
  const inner = utf8(JSON.stringify({ v: 1, office: keys.office, week, codes: codesOf(carried, week), replies: replies.map(b64).sort(),
    fetched: book.fetched, attest: b64(attest), statement: b64(padded) }));
  const raw = JSON.stringify({ v: 1, pack: b64(inner), sig: b64(sign(keys, "lianbot pack", inner)) });
  return { book: { ...carried, packed: { [week]: raw } }, raw };
}
