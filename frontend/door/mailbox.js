// The mailbox: the receipt opens the answers, a follow-up, one objection; the page remembers nothing of it.
import { area, button, choice, h, painted } from "./elements.js";
import { entered } from "./digits.js";
import { putLetter, readMailbox } from "./exchange.js";
import { ways } from "./front.js";
import { READING, WRITING, watch } from "./leaving.js";
import * as phrases from "./phrases.js";
import { keysOf } from "./readers.js";
import { MOST_LETTER_BYTES, b64, codeOf, leafHash, openEnvelope, reporterKeys, rootOf, same, seal, text, utf8, wTag } from "./sealing.js";
import { tryToSend } from "./write.js";

export function mailboxPage(site, go) {
  watch(READING, () => go("front"));
  return [h("h1", {}, phrases.front.mailbox), ...entered((receipt) => open(site, receipt, go)), ways()];
}

async function open(site, receipt, go) {
  go([h("h1", {}, phrases.mailbox.opening)]);
  await painted();
  try {
    const keys = reporterKeys(receipt, site.recipients.salt);
    const box = await readMailbox(keys);
    go(boxView(site, keys, box, repliesIn(site, keys, box.received), go));
  } catch (broken) {
    go([h("h1", {}, phrases.mailbox.failed), button(phrases.sending.retry, () => open(site, receipt, go), "main"), ways()]);
  }
}

function repliesIn(site, keys, received) {
  const own = [{ epoch: 0, publicKey: keys.replyPublic, secretKey: keys.replySecret }];
  return received.map((row) => openEnvelope(row, site.recipients.salt, own)).filter(Boolean).map(({ body }) => {
    try {
      return JSON.parse(text(body));
    } catch (broken) {
      return null; // an answer that is no JSON is shown as nothing
    }
  }).filter((reply) => reply && reply.t === "reply")
    .sort((one, other) => (String(one.week) < String(other.week) ? -1 : Number(String(one.week) > String(other.week))) || one.j - other.j);
}

// one static list for all: the page looks for itself without asking for itself
function proofOf(site, sent) {
  if (!site.bulletin || !sent.length) return null;
  const { leaves, root } = site.bulletin;
  const whole = same(rootOf(leaves), root);
  return whole && sent.every((row) => leaves.some((leaf) => same(leaf, leafHash(row)))) ? phrases.mailbox.proof : phrases.mailbox.noProof;
}

function boxView(site, keys, box, replies, go) {
  if (!box.sent.length && !replies.length) return [h("h1", {}, phrases.mailbox.title), h("p", {}, phrases.mailbox.unknown), ...entered((receipt) => open(site, receipt, go)), ways()];
  const last = replies[replies.length - 1];
  const news = site.bulletin && site.bulletin.codes.includes(codeOf(keys.kb, site.bulletin.week));
  const state = last && phrases.mailbox.states[last.state];
  return [
    h("h1", {}, phrases.mailbox.title),
    state ? h("p", { className: "state" }, state) : h("p", {}, phrases.mailbox.none),
    news ? h("p", { className: "note" }, phrases.mailbox.news) : null,
    ...replies.map((reply, at) => h("section", { className: "reply" }, h("h2", {}, phrases.mailbox.from(at + 1)), h("p", {}, String(reply.text || "")))),
    h("p", { className: "small" }, proofOf(site, box.sent)), h("p", { className: "small" }, phrases.mailbox.retaliation),
    button(phrases.mailbox.follow, () => go(moreView(site, keys, box, "more", go))),
    state && ["result", "done"].includes(last.state)
      ? h("div", {}, button(phrases.mailbox.object, () => go(moreView(site, keys, box, "object", go))), h("p", { className: "small" }, phrases.mailbox.objectNote)) : null,
  ];
}

// nothing is chosen beforehand: the page does not know whom the first letter left out
const readersOf = (offices) => [
  ...(offices.length > 1 ? [["all", phrases.mailbox.toAll]] : []),
  ...offices.map((office) => [office.id, offices.length > 1 ? phrases.mailbox.only(office.name) : office.name]),
];

function moreView(site, keys, box, kind, go) {
  watch(WRITING, () => go("front"));
  const draft = { text: "", to: null };
  const note = h("p", { className: "warn", hidden: true });
  const send = async () => {
    const body = utf8(JSON.stringify({ v: 1, t: kind, i: box.free, day: site.day, text: draft.text.trim(),
      rpk: b64(keys.replyPublic), ko: b64(keys.ko), kb: b64(keys.kb) }));
    const wrong = !draft.text.trim() ? phrases.form.empty : body.length > MOST_LETTER_BYTES ? phrases.form.tooLong : !draft.to ? phrases.mailbox.choose : "";
    note.textContent = wrong;
    note.hidden = !wrong;
    if (wrong) return;
    go([h("h1", {}, phrases.sending.busy)]);
    await painted();
    const readers = keysOf(site.recipients.offices.filter((office) => draft.to === "all" || office.id === draft.to), site.epoch);
    const envelope = seal(body, { tag: wTag(keys, box.free), epoch: site.epoch, salt: site.recipients.salt, readers });
    await tryToSend((effort) => putLetter(keys, box.free, envelope, effort), 0,
      kind === "object" ? phrases.mailbox.objectionSent : phrases.mailbox.sent, go);
  };
  return [
    h("h1", {}, kind === "object" ? phrases.mailbox.object : phrases.mailbox.follow),
    area(phrases.form.text, "", (value) => { draft.text = value; }),
    h("h2", {}, phrases.mailbox.to), choice(readersOf(site.recipients.offices), null, (key) => { draft.to = key; }),
    note, button(phrases.mailbox.send, send, "main"),
  ];
}
