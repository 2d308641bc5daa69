// The officer's offline tool: import, open, answer, export. It cannot send anything: its policy forbids every connection.
import { area, button, h, line, painted, quiet } from "../door/elements.js";
import { stripped } from "../door/photo.js";
import { categories } from "../door/phrases.js";
import { readRecipients, ready } from "../door/sealing.js";
import { emptyBook, noted, readBook, withCase, writeBook } from "./book.js";
import { NEXT, advance, answer, deadlines, epochOf, schoolDay, weekOf } from "./casework.js";
import { PassphraseError, newKeys, newPassphrase, openingKeys, publicFile, readKeyfile, writeKeyfile } from "./keyfile.js";
import { propose } from "./mending.js";
import { fits, listedBy, openPhotos, openSealed, secondOf } from "./opening.js";
import * as phrases from "./phrases.js";
import { makePack, statementOf, waiting } from "./weekly.js";

const main = document.getElementById("main");
const desk = { keys: null, opening: [], book: emptyBook(), recipients: null, intake: null, photos: new Map(), unsaved: false, shown: null, news: [] };
const today = () => schoolDay(new Date());
const show = (...children) => main.replaceChildren(...children.flat().filter(Boolean));
const category = (key) => (categories.find(([one]) => one === key) || ["", "别的"])[1];

function download(name, content) {
  const address = URL.createObjectURL(new Blob([content], { type: "application/octet-stream" }));
  h("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}

function fileField(label, more = {}) {
  const field = h("input", { type: "file", autocomplete: "off", ...more });
  return [h("label", {}, label, field), field];
}

const secret = (label) => h("input", { ...quiet, type: "password", autocomplete: "off", "aria-label": label, placeholder: label });

// --- keys ------------------------------------------------------------------------------------------

function keysView() {
  const [label, field] = fileField(phrases.unlock.file, { accept: ".key", id: "key" });
  const words = secret(phrases.unlock.words);
  const note = h("p", { className: "warn", role: "alert" });
  const open = async () => {
    note.textContent = phrases.unlock.busy;
    await painted();
    try {
      desk.keys = readKeyfile(await field.files[0].text(), words.value);
      desk.opening = openingKeys(desk.keys);
      deskView();
    } catch (closed) {
      note.textContent = closed instanceof PassphraseError ? phrases.unlock[closed.message === "short" ? "short" : "wrong"] : phrases.unlock.kind;
    }
  };
  show(h("h1", {}, phrases.title), h("p", {}, phrases.offline),
    h("section", {}, h("h2", {}, phrases.unlock.head), label, words, button(phrases.unlock.open, open, "main"), note), creation());
}

function creation() {
  const wanted = { office: "", name: "" };
  const superior = h("input", { type: "checkbox", autocomplete: "off" });
  const out = h("div");
  const make = async () => {
    if (!/^[a-z0-9-]{1,20}$/.test(wanted.office) || !wanted.name.trim()) return out.replaceChildren(h("p", { className: "warn" }, phrases.create.need));
    const keys = newKeys(wanted.office, wanted.name.trim(), superior.checked, epochOf(today()));
    const words = newPassphrase();
    out.replaceChildren(h("p", {}, phrases.unlock.busy));
    await painted();
    const file = writeKeyfile(keys, words);
    return out.replaceChildren(h("p", {}, phrases.create.show), h("p", { className: "words" }, words),
      button(phrases.create.key, () => download(`${keys.office}.key`, file)), button(phrases.create.open, () => download(`${keys.office}.public.json`, publicFile(keys))));
  };
  return h("details", {}, h("summary", {}, phrases.create.head), line(phrases.create.office, (value) => { wanted.office = value; }, { placeholder: phrases.create.office }),
    line(phrases.create.name, (value) => { wanted.name = value; }, { placeholder: phrases.create.name }), h("label", { className: "tick" }, superior, phrases.create.superior),
    button(phrases.create.make, make), out);
}

// --- desk ------------------------------------------------------------------------------------------

function keep(book, act, about = "") {
  desk.book = noted(book, today(), desk.keys.office, act, about);
  desk.unsaved = true;
}

// the list first, then the book, then letters: each needs the one before
const rank = (file) => [/recipients.*\.json$/, /intake.*\.json$/, /\.book$/, /sealed.*\.bin$/, /media.*\.bin$/].findIndex((name) => name.test(file.name));

async function take(files) {
  desk.news = [];
  for (const file of [...files].sort((one, other) => rank(one) - rank(other))) {
    try {
      desk.news.push(await takeOne(file));
    } catch (bad) {
      desk.news.push(phrases.desk.faults[bad.message] || phrases.desk.bad(file.name));
    }
  }
  deskView();
}

async function takeOne(file) {
  const kind = rank(file);
  if (kind === 0) desk.recipients = readRecipients(JSON.parse(await file.text()));
  else if (kind === 1) desk.intake = JSON.parse(await file.text());
  else if (kind === 2) { desk.book = readBook(await file.text(), desk.keys.book); desk.unsaved = false; }
  else if (kind >= 3) return takeLetters(new Uint8Array(await file.arrayBuffer()), kind === 4, file.name);
  else throw new Error("kind");
  return phrases.desk.imported(file.name);
}

async function takeLetters(raw, photos, name) {
  if (!desk.recipients) throw new Error("list");
  await painted();
  const about = { keys: desk.opening, salt: desk.recipients.salt };
  if (photos) {
    for (const [tag, picture] of openPhotos(raw, about)) desk.photos.set(tag, picture);
    return phrases.desk.imported(name);
  }
  fits(desk.keys, desk.opening, desk.recipients, epochOf(today()));
  if (desk.intake && !listedBy(desk.intake.leaves, raw)) throw new Error("intake");
  const { book, found } = openSealed(raw, { ...about, book: desk.book, week: desk.intake && desk.intake.week, today: today() });
  keep(book, "open", [...found].join(" "));
  return `${phrases.desk.opened(found.size)}${desk.intake ? "" : phrases.desk.noIntake}`;
}

function deskView() {
  const [label, field] = fileField(phrases.desk.files, { multiple: true, id: "files" });
  field.addEventListener("change", () => take(field.files));
  show(
    h("header", {}, h("h1", {}, `${phrases.title} · ${desk.keys.name}`), desk.recipients && h("p", { className: "small" }, desk.recipients.fingerprint)),
    label, desk.news.map((news) => h("p", { className: "news" }, news)),
    desk.unsaved && h("p", { className: "warn" }, phrases.desk.unsaved), tools(),
    h("div", { className: "columns" }, h("section", {}, h("h2", {}, `${phrases.desk.list}（${phrases.desk.fetched} ${desk.book.fetched}）`), list()), caseView()),
  );
}

function tools() {
  let release = "";
  const pack = (again) => () => {
    if (!desk.recipients) { desk.news = [phrases.desk.needList]; return deskView(); }
    const statement = release.trim() ? statementOf(desk.book, release) : {};
    try {
      const made = makePack(desk.book, desk.keys, desk.recipients, today(), { statement, again });
      keep(made.book, "pack");
      download(`${desk.keys.office}-${weekOf(today())}.pack`, made.raw);
    } catch (refused) {
      desk.news = [phrases.desk.faults[refused.message] || phrases.desk.faults.key];
    }
    return deskView();
  };
  return h("div", { className: "tools" },
    button(phrases.desk.save, () => { download(`${desk.keys.office}.book`, writeBook(desk.book, desk.keys.book)); desk.unsaved = false; deskView(); }, desk.unsaved ? "main" : ""),
    button(`${phrases.desk.pack}（${waiting(desk.book).length}）`, pack(false)), desk.book.packed[weekOf(today())] && button(phrases.desk.again, pack(true)),
    line(phrases.desk.release, (value) => { release = value; }, { placeholder: phrases.desk.release }), renewal());
}

function renewal() {
  const words = secret(phrases.desk.words);
  const note = h("p", { className: "warn" });
  const renew = async () => {
    note.textContent = phrases.unlock.busy;
    await painted();
    try {
      const epochs = new Map([...desk.keys.epochs, [Math.max(...desk.keys.epochs.keys()) + 1, newKeys("", "", false, 0).sign]]);
      const keys = { ...desk.keys, epochs };
      download(`${keys.office}.key`, writeKeyfile(keys, words.value));
      download(`${keys.office}.public.json`, publicFile(keys));
      desk.keys = keys;
      note.textContent = "";
    } catch (short) {
      note.textContent = phrases.unlock.short;
    }
  };
  return h("details", {}, h("summary", {}, phrases.desk.renew), words, button(phrases.desk.renew, renew), note);
}

function list() {
  if (!desk.book.cases.length) return h("p", {}, phrases.desk.none);
  return h("ul", { className: "list" }, desk.book.cases.map((one) => {
    const [soonest] = deadlines(one, today());
    return h("li", {}, button([`${one.letters[0].day} ${category(one.category)} · ${phrases.states[one.state]}`,
      soonest && h("span", { className: soonest.late ? "warn" : "small" }, `${soonest.day} ${phrases.due[soonest.what]}${soonest.late ? `（${phrases.desk.late}）` : ""}`)],
    () => { desk.shown = one.id; keep(desk.book, "show", one.id); deskView(); }, one.id === desk.shown ? "chosen" : ""));
  }));
}

// --- one case ----------------------------------------------------------------------------------------

function caseView() {
  const one = desk.book.cases.find((other) => other.id === desk.shown);
  if (!one) return h("section", {});
  return h("section", { className: "case" }, watermark(),
    h("h2", { className: "only-print" }, phrases.one.sheet), h("h2", {}, `${one.id} · ${category(one.category)} · ${one.place} · ${phrases.knowing[one.knowing] || phrases.knowing.unsure}`), h("p", { className: "small" }, phrases.one.warn),
    h("h3", {}, phrases.one.letters), one.letters.map((letter) => h("article", {}, h("b", {}, `${letter.day} ${phrases.one.from[letter.kind]}`),
      h("p", { className: "letter" }, letter.text), h("div", { className: "photos" }, letter.photos.map(picture)))),
    h("h3", {}, phrases.one.replies), one.replies.map((reply) => h("article", {}, h("b", {}, reply.week ? phrases.one.sent(reply.week) : phrases.one.waiting), h("p", { className: "letter" }, reply.text))),
    h("p", { className: "only-print" }, phrases.one.sign),
    h("div", { className: "tools" }, button(phrases.one.print, () => { keep(desk.book, "handon", one.id); window.print(); }), button(phrases.one.archive, () => archive(one))),
    h("h3", {}, phrases.one.steps), h("ol", {}, one.steps.map((step) => h("li", {}, `${step.day} ${phrases.states[step.state]} ${step.by} ${step.second} ${step.note}`))),
    acting(one), mending(one));
}

// own words alone leave the desk, and only above the floor
function mending(one) {
  const wanted = { text: "", kind: "rectify", unit: "", people: 0 };
  const select = h("select", { "aria-label": phrases.mend.kind, autocomplete: "off", onchange: () => { wanted.kind = select.value; } },
    phrases.mend.kinds.map(([key, label]) => h("option", { value: key }, label)));
  const note = h("p", { className: "warn", role: "alert" });
  const make = () => {
    try {
      const made = propose(desk.book, one, { ...wanted, unit: wanted.unit.trim(), today: today() });
      download("proposal.json", `${JSON.stringify(made)}\n`);
      keep(desk.book, `propose ${wanted.kind}`, one.id);
      note.textContent = phrases.mend.made;
    } catch (refused) {
      note.textContent = phrases.mend.faults[refused.message] || phrases.mend.faults.empty;
    }
  };
  return h("details", { className: "mending" }, h("summary", {}, phrases.mend.head), h("p", { className: "small" }, phrases.mend.rule), select,
    area(phrases.mend.text, "", (value) => { wanted.text = value; }, 3), line(phrases.mend.unit, (value) => { wanted.unit = value; }, { placeholder: phrases.mend.unit }),
    line(phrases.mend.people, (value) => { wanted.people = Number(value) || 0; }, { placeholder: phrases.mend.people, inputMode: "numeric" }), button(phrases.mend.make, make), note);
}

// who looked, and when, across every opened letter
const watermark = () => h("div", { className: "mark", "aria-hidden": "true" }, Array.from({ length: 12 }, () => h("span", {}, `${desk.keys.name} ${today()}`)));

// drawn anew from its dots: a picture from outside is never shown or saved as it came
function picture(tag) {
  const raw = desk.photos.get(tag);
  if (!raw) return h("p", { className: "small" }, phrases.one.missing);
  const canvas = h("canvas", { "aria-label": phrases.one.photo });
  createImageBitmap(new Blob([raw], { type: "image/jpeg" })).then((bitmap) => {
    canvas.width = bitmap.width;
    canvas.height = bitmap.height;
    canvas.getContext("2d").drawImage(bitmap, 0, 0);
  }).catch(() => canvas.replaceWith(phrases.one.missing));
  return canvas;
}

// text without the keys to the reporter's mailbox, and each photo drawn anew with the mark upon it
async function archive(one) {
  const mark = `${desk.keys.office} ${today()}`;
  const { ko, kb, rpk, ...record } = one;
  download(`${one.id}.json`, JSON.stringify({ ...record, watermark: mark }, null, 1));
  for (const tag of one.letters.flatMap((letter) => letter.photos).filter((name) => desk.photos.has(name))) {
    const bitmap = await createImageBitmap(new Blob([desk.photos.get(tag)], { type: "image/jpeg" }));
    const canvas = h("canvas", { width: bitmap.width, height: bitmap.height });
    const brush = canvas.getContext("2d");
    brush.drawImage(bitmap, 0, 0);
    brush.font = "28px sans-serif";
    brush.fillStyle = "red";
    brush.fillText(mark, 12, 36);
    const jpeg = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
    download(`${one.id}-${tag.slice(0, 6)}.jpg`, stripped(new Uint8Array(await jpeg.arrayBuffer())));
  }
  keep(desk.book, "export", one.id);
}

function acting(one) {
  const wanted = { text: "", note: "", state: "" };
  const select = h("select", { "aria-label": phrases.one.state, autocomplete: "off", onchange: () => { wanted.state = select.value; second.hidden = select.value !== "closed"; } },
    h("option", { value: "" }, `${phrases.one.state}：${phrases.one.keep}`), NEXT[one.state].filter((state) => state !== "reopened").map((state) => h("option", { value: state }, `${phrases.one.state}：${phrases.states[state]}`)));
  const [label, field] = fileField(phrases.one.second, { accept: ".key", id: "second" });
  const words = secret(phrases.one.secondWords);
  const second = h("div", { hidden: true }, label, words);
  const note = h("p", { className: "warn", role: "alert" });
  const act = async () => {
    note.textContent = phrases.unlock.busy;
    await painted();
    try {
      let next = one;
      const by = desk.keys.office;
      const closing = wanted.state === "closed" && field.files[0];
      if (closing && !desk.recipients) throw new Error("list");
      const other = closing ? secondOf(readKeyfile(await field.files[0].text(), words.value), desk.keys, desk.recipients) : null;
      if (wanted.state) next = advance(next, wanted.state, { day: today(), by, second: other ? other.office : "", note: wanted.note });
      else if (wanted.text.trim() && one.state === "received") next = advance(next, "acked", { day: today(), by });
      if (wanted.text.trim()) next = answer(next, wanted.text);
      else if (!wanted.state) throw new Error("empty");
      const act = [wanted.text.trim() && "reply", wanted.state && `state ${wanted.state}`, other && other.said];
      keep(withCase(desk.book, next), act.filter(Boolean).join(" "), one.id);
      deskView();
    } catch (refused) {
      note.textContent = refused instanceof PassphraseError ? phrases.unlock.wrong : phrases.one.faults[refused.message] || phrases.one.needSecond;
    }
  };
  return h("div", { className: "acting" }, h("h3", {}, phrases.one.reply), area(phrases.one.reply, "", (value) => { wanted.text = value; }, 4), select, second,
    line(phrases.one.note, (value) => { wanted.note = value; }, { placeholder: phrases.one.note }), button(phrases.one.queue, act, "main"), note);
}

window.addEventListener("beforeunload", (event) => { if (desk.unsaved) event.preventDefault(); });
ready().then(keysView);
