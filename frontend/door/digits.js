// The receipt on the screen: shown as five rows, typed back, typed in later.
import { button, h, quiet } from "./elements.js";
import * as phrases from "./phrases.js";
import { isReceipt, onlyDigits, rowsOf } from "./sealing.js";

const box = (label) => h("input", { ...quiet, type: "text", inputMode: "numeric", maxLength: 4, className: "digits", "aria-label": label });

export function shown(receipt) {
  return h("ol", { className: "receipt" }, rowsOf(receipt).map((row) => h("li", {}, row)));
}

// one row, drawn by chance: it shows that the paper is at hand, and it never locks anybody out
export function typedBack(receipt, again, done) {
  const row = 1 + Math.floor(Math.random() * 5);
  const field = box(phrases.receipt.typeBack(row));
  const note = h("p", { className: "warn", hidden: true }, phrases.receipt.wrong);
  field.addEventListener("input", () => {
    field.value = onlyDigits(field.value).slice(0, 4);
    if (field.value.length < 4) return;
    if (field.value === rowsOf(receipt)[row - 1]) done();
    else note.hidden = false;
  });
  setTimeout(() => field.focus(), 0);
  return [h("p", {}, phrases.receipt.typeBack(row)), field, note, button(phrases.receipt.again, again)];
}

export function entered(done) {
  const note = h("p", { className: "warn", hidden: true }, phrases.receipt.bad);
  const fields = [1, 2, 3, 4, 5].map((row) => box(`${row}`));
  const whole = () => onlyDigits(fields.map((field) => field.value).join(""));
  const spread = (digits, from) => {
    let rest = digits;
    for (const field of fields.slice(from)) {
      field.value = rest.slice(0, 4);
      rest = rest.slice(4);
    }
    (fields.find((field) => field.value.length < 4) || fields[4]).focus();
  };
  fields.forEach((field, at) => {
    field.addEventListener("paste", (event) => {
      event.preventDefault();
      spread(onlyDigits(event.clipboardData.getData("text")), at);
    });
    field.addEventListener("input", () => {
      field.value = onlyDigits(field.value).slice(0, 4);
      note.hidden = true;
      if (field.value.length === 4 && at < 4) fields[at + 1].focus();
    });
  });
  const open = () => {
    if (isReceipt(whole())) done(whole());
    else note.hidden = false;
  };
  setTimeout(() => fields[0].focus(), 0);
  return [h("p", {}, phrases.receipt.enter), h("div", { className: "fields" }, fields), note, button(phrases.receipt.open, open, "main")];
}
