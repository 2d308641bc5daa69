// Writing a concern: write → receipt → type back → send. The receipt comes before the sending.
import { area, ask, button, choice, fill, h, painted } from "./elements.js";
import { shown, typedBack } from "./digits.js";
import { putLetter, putPhotos, readMailbox } from "./exchange.js";
import { ways } from "./front.js";
import { WRITING, pause, watch } from "./leaving.js";
import * as phrases from "./phrases.js";
import { prepared } from "./photo.js";
import { keysOf, readersBox, readersFor } from "./readers.js";
import { LETTER_BODY, MOST_LETTER_BYTES, PHOTO_BODY, b64, dummy, hex, newReceipt, random, reporterKeys, seal, utf8, wTag } from "./sealing.js";
import { signsIn } from "./selfcheck.js";

const MOST_PHOTOS = 4;
const EFFORTS = [0, 1, 2];

export function writePage(site, go) {
  const draft = { category: "", place: "", knowing: "unsure", text: "", photos: [], omitted: new Set() };
  watch(WRITING, () => go("front"));
  return formView(site, draft, go);
}

function formView(site, draft, go) {
  const note = h("p", { className: "warn", hidden: true, role: "alert" });
  const say = (words) => { note.textContent = words; note.hidden = !words; };
  const wage = h("section", { className: "note", hidden: draft.category !== "wage" }, h("b", {}, phrases.wage.title), h("p", {}, phrases.wage.text),
    h("a", { href: "tel:12333", className: "call" }, "12333"));
  const field = area(phrases.form.text, draft.text, (value) => { draft.text = value; });
  const taps = h("div", { className: "taps" });
  const readers = h("div");
  const drawTaps = () => fill(taps, ...[...phrases.blocks[draft.category || "other"], ...phrases.blocks.any].map((words) =>
    button(words, () => { draft.text = field.value = `${field.value}${field.value && !/[，。；\s]$/.test(field.value) ? "，" : ""}${words}`; })));
  const drawReaders = () => fill(readers, readersBox(site.recipients.offices, draft.category, draft.omitted, () => {}));
  drawTaps();
  drawReaders();
  const onward = async () => {
    if (!draft.category) return say(phrases.form.noCategory);
    if (!draft.text.trim() && !draft.photos.length) return say(phrases.form.empty);
    if (bodyOf(site, draft, { replyPublic: random(32), ko: random(32), kb: random(32) }, 0, Array(4).fill(random(16))).length > MOST_LETTER_BYTES) {
      return say(phrases.form.tooLong);
    }
    const signs = signsIn(draft.text);
    if (signs.length) {
      const list = signs.map((sign) => phrases.form.hints[sign]).join("、");
      if (!await ask(`${phrases.form.check}。${phrases.form.checkText}${list}`, phrases.form.checkGo, phrases.form.checkFix)) return undefined;
    }
    return receiptView(site, draft, newReceipt(), go);
  };
  return [
    h("h1", {}, phrases.front.write), h("p", { className: "small" }, phrases.levels),
    h("h2", {}, phrases.form.category),
    choice(phrases.categories, draft.category, (key) => { draft.category = key; wage.hidden = key !== "wage"; drawTaps(); drawReaders(); }),
    wage,
    h("h2", {}, phrases.form.place), choice(phrases.places.map((place) => [place, place]), draft.place, (key) => { draft.place = key; }),
    h("h2", {}, phrases.form.knowing), choice(phrases.knowing, draft.knowing, (key) => { draft.knowing = key; }),
    h("h2", {}, phrases.form.text), h("p", { className: "small" }, phrases.form.blocks), taps, h("p", { className: "small" }, phrases.form.textHint), field,
    h("h2", {}, phrases.form.photos), h("p", { className: "small" }, phrases.form.photoNote), photoBox(draft),
    h("h2", {}, phrases.form.readers), readers, note,
    button(phrases.next, onward, "main"), ways(),
  ];
}

function photoBox(draft) {
  const box = h("div", { className: "photos" });
  const note = h("p", { className: "warn", hidden: true });
  const take = async (file) => {
    pause(false);
    if (!file) return;
    note.textContent = phrases.form.photoBusy;
    note.hidden = false;
    try {
      draft.photos.push(await prepared(file));
      note.hidden = true;
    } catch (broken) {
      note.textContent = phrases.form.photoBad;
    }
    draw();
  };
  const draw = () => {
    const input = h("input", { type: "file", accept: "image/*", autocomplete: "off", hidden: true, onchange: () => take(input.files[0]) });
    const pick = button(phrases.form.addPhoto, () => { pause(true); input.click(); });
    fill(box, ...draft.photos.map((raw, at) => thumbnail(raw, () => { draft.photos.splice(at, 1); draw(); })),
      ...(draft.photos.length < MOST_PHOTOS ? [pick, input] : []));
  };
  draw();
  return h("div", {}, box, note);
}

function thumbnail(raw, remove) {
  const address = URL.createObjectURL(new Blob([raw], { type: "image/jpeg" }));
  return h("button", { type: "button", className: "photo", onclick: remove, "aria-label": "×" },
    h("img", { src: address, alt: "", onload: () => URL.revokeObjectURL(address) }), "×");
}

function receiptView(site, draft, receipt, go) {
  let keys = null;
  const derive = () => { keys = keys || reporterKeys(receipt, site.recipients.salt); return keys; };
  const showing = () => [
    h("h1", {}, phrases.receipt.title), h("p", {}, phrases.receipt.lead), shown(receipt),
    button(phrases.receipt.copied, () => { go(typing()); }, "main"),
  ];
  const typing = () => [
    h("h1", {}, phrases.receipt.title), ...typedBack(receipt, () => go(showing()), () => sendView(site, draft, derive, go)),
  ];
  go(showing());
  painted().then(derive); // a second or two of Argon2id while the person copies the digits
}

function bodyOf(site, draft, keys, number, photoTags) {
  return utf8(JSON.stringify({
    v: 1, t: "concern", i: number, day: site.day, category: draft.category, place: draft.place, knowing: draft.knowing,
    text: draft.text.trim(), photos: photoTags.map(hex), rpk: b64(keys.replyPublic), ko: b64(keys.ko), kb: b64(keys.kb),
  }));
}

async function sendView(site, draft, derive, go) {
  go([h("h1", {}, phrases.sending.busy), h("p", { className: "spin", "aria-live": "polite" }, "…")]);
  await painted();
  const keys = derive();
  const readers = keysOf(readersFor(site.recipients.offices, draft.category, draft.omitted), site.epoch);
  const photoTags = draft.photos.map(() => random(16));
  const about = { epoch: site.epoch, salt: site.recipients.salt, readers };
  const photos = draft.photos.map((raw, at) => seal(raw, { ...about, tag: photoTags[at], padded: PHOTO_BODY }));
  while (photos.length && photos.length < MOST_PHOTOS) photos.push(dummy(site.recipients.salt, PHOTO_BODY));
  const letter = { envelope: null, number: -1 };
  const attempt = async (effort) => {
    if (photos.length && !await putPhotos(photos, effort)) return false;
    if (!letter.envelope) {
      letter.number = (await readMailbox(keys)).free;
      letter.envelope = seal(bodyOf(site, draft, keys, letter.number, photoTags), { ...about, tag: wTag(keys, letter.number), padded: LETTER_BODY });
    }
    return putLetter(keys, letter.number, letter.envelope, effort);
  };
  return tryToSend(attempt, 0, phrases.sending.done, go);
}

// the same bytes again: accepting is idempotent, so trying twice doubles nothing
export async function tryToSend(attempt, round, done, go) {
  let arrived = false;
  try {
    arrived = await attempt(EFFORTS[Math.min(round, EFFORTS.length - 1)]);
  } catch (broken) {
    arrived = false; // no network, or a page in between: the read-back decides, nothing else
  }
  if (arrived) {
    go([h("h1", { className: "done" }, "✓"), h("p", { className: "sent" }, done), button(phrases.sending.finish, () => go("front"), "main")]);
  } else if (round < EFFORTS.length - 1) {
    go([h("h1", {}, phrases.sending.failed), button(phrases.sending.retry, async () => {
      go([h("h1", {}, phrases.sending.busy)]);
      await painted();
      await tryToSend(attempt, round + 1, done, go);
    }, "main"), ways()]);
  } else {
    go([h("h1", {}, phrases.sending.full), ways()]);
  }
}
