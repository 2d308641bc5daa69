// Answers questions of the Python tests with the page's own modules: one JSON question a line, one JSON answer a line.
import { createInterface } from "node:readline";
import { emptyBook, readBook, writeBook, withCase, noted } from "../../frontend/officer/book.js";
import * as casework from "../../frontend/officer/casework.js";
import { newKeys, openingKeys, publicFile, readKeyfile, writeKeyfile } from "../../frontend/officer/keyfile.js";
import { propose } from "../../frontend/officer/mending.js";
import { fits, listedBy, openSealed, secondOf } from "../../frontend/officer/opening.js";
import { makePack } from "../../frontend/officer/weekly.js";
import * as sealing from "../../frontend/door/sealing.js";
import { signsIn } from "../../frontend/door/selfcheck.js";
import { stripped } from "../../frontend/door/photo.js";

const { hex, unhex } = sealing;
const keyPairs = (keys) => openingKeys(keys);
const recipientsOf = (file) => sealing.readRecipients(JSON.parse(file));

const answers = {
  seal: (q) => hex(sealing.seal(unhex(q.body), { tag: unhex(q.tag), epoch: q.epoch, salt: unhex(q.salt), readers: q.readers.map(unhex), padded: q.padded })),
  vector: (q) => {
    const fill = (byte) => new Uint8Array(32).fill(byte);
    const keys = sealing.reporterKeys(q.receipt, unhex(q.salt));
    return hex(sealing.seal(unhex(q.body), { tag: sealing.wTag(keys, 0), epoch: 7, salt: unhex(q.salt), readers: [unhex(q.reader)],
      chance: { contentKey: fill(0x22), ephemeral: [fill(0x31), fill(0x32), fill(0x33)], throwaway: [fill(0x41), fill(0x42)], order: [2, 0, 1] } }));
  },
  open: (q) => {
    const opened = sealing.openEnvelope(unhex(q.envelope), unhex(q.salt), [{ epoch: q.epoch, publicKey: unhex(q.pub), secretKey: unhex(q.secret) }]);
    return opened && hex(opened.body);
  },
  keys: (q) => {
    const keys = sealing.reporterKeys(q.receipt, unhex(q.salt));
    return [keys.kt, keys.ko, keys.kb, keys.replyPublic, sealing.wTag(keys, 5), sealing.oTag(keys, 6)].map(hex);
  },
  receipts: (q) => Array.from({ length: q.count }, () => sealing.newReceipt()),
  valid: (q) => q.receipts.map((receipt) => sealing.isReceipt(receipt)),
  code: (q) => sealing.codeOf(unhex(q.key), q.week),
  schoolDay: (q) => casework.schoolDay(new Date(q.moment)),
  leaf: (q) => hex(sealing.leafOf(unhex(q.envelope))),
  root: (q) => hex(sealing.rootOf(q.hashes.map(unhex))),
  bulletin: (q) => { const board = sealing.readBulletin(unhex(q.raw)); return [board.week, board.codes, hex(board.root), board.leaves.length, board.statement]; },
  stamp: (q) => sealing.makeStamp(unhex(q.body)),
  recipients: (q) => { const list = recipientsOf(q.file); return [list.log, list.fingerprint, list.offices.map((office) => office.name)]; },
  keyfile: (q) => writeKeyfile(newKeys("hq", "后勤纪检委员", false, 28), q.words),
  readKeyfile: (q) => { const keys = readKeyfile(q.file, q.words); return [keys.office, hex(keys.sign), publicFile(keys)]; },
  rewriteBook: (q) => writeBook(noted(readBook(q.file, unhex(q.key)), "2026-12-01", "hq", "open"), unhex(q.key)),
  listedBy: (q) => listedBy(q.leaves, unhex(q.sealed)),
  fits: (q) => {
    const keys = { office: q.office, sign: unhex(q.sign), epochs: new Map([[q.epoch, unhex(q.seed)]]) };
    try { fits(keys, keyPairs(keys), recipientsOf(q.recipients), 28); return null; } catch (refused) { return refused.message; }
  },
  second: (q) => {
    const [first, other] = [q.first, q.other].map(([office, seed]) => ({ office, sign: unhex(seed) }));
    try { return secondOf(other, first, recipientsOf(q.recipients)).said; } catch (refused) { return refused.message; }
  },
  openStrange: (q) => {
    const pair = { epoch: 28, publicKey: unhex(q.pub), secretKey: unhex(q.secret) };
    return openSealed(unhex(q.sealed), { book: emptyBook(), keys: [pair], salt: unhex(q.salt), week: "2026W49", today: q.today }).book.cases;
  },
  openSealed: (q) => {
    const keys = readKeyfile(q.key, q.words);
    const list = recipientsOf(q.recipients);
    const { book, found } = openSealed(unhex(q.sealed), { book: { v: 1, cases: [], seen: [], audit: [], fetched: "0000W00", packed: {} }, keys: keyPairs(keys), salt: list.salt, week: "2026W49", today: q.today });
    let grown = book;
    for (const one of book.cases) grown = withCase(grown, casework.answer(casework.advance(one, "investigating", { day: q.today, by: "hq" }), q.text));
    const packed = makePack(grown, keys, list, q.today, { statement: { text: "改了" } });
    return [[...found], writeBook(packed.book, keys.book), packed.raw];
  },
  tables: () => [casework.NEXT, casework.SHOWN],
  weeks: (q) => q.days.map((day) => [casework.weekOf(day), casework.weeksBefore(casework.weekOf(day), 30), casework.epochOf(day), casework.addWorkdays(day, 5)]),
  deadlines: (q) => casework.deadlines(q.one, q.today).map((due) => [due.day, due.late]),
  receive: (q) => casework.receive(q.one, q.letter, q.today),
  until: (q) => casework.objectionUntil(q.one),
  care: (q) => casework.care(q.one, q.today).replies.map((reply) => reply.text),
  propose: (q) => { try { return propose(q.book, q.one, q.wish); } catch (refused) { return null; } },
  signs: (q) => q.texts.map((text) => signsIn(text)),
  stripped: (q) => hex(stripped(unhex(q.raw))),
};

await sealing.ready();
for await (const line of createInterface({ input: process.stdin })) {
  const question = JSON.parse(line);
  process.stdout.write(`${JSON.stringify(await answers[question.ask](question))}\n`);
}
