// From concern to mend: the same rules as src/lianbot/officer/mending.py.
const ALIKE = 3;
const OLD_DAYS = 60;
const SMALLEST_UNIT = 5;
const COPIED = 8;
const bare = (words) => words.replace(/\s+/g, "");

// eight signs in a row that stand in both
function copied(own, letter) {
  const signs = [...bare(own)];
  const other = bare(letter);
  for (let at = 0; at + COPIED <= signs.length; at += 1) {
    const run = signs.slice(at, at + COPIED).join("");
    if (other.includes(run)) return run;
  }
  return null;
}

// throws with floor, unit, empty or copied; what leaves has no case number, no day, no word of the reporter
export function propose(book, one, { kind, text, today, unit = "", people = 0 }) {
  const alike = book.cases.filter((other) => other.category === one.category).length;
  // from the day the letter was opened: the day inside is the reporter's word, and any page can write an old one
  const age = Math.round((new Date(`${today}T00:00:00Z`) - new Date(`${one.opened}T00:00:00Z`)) / 86400000);
  if (!["rectify", "lesson"].includes(kind)) throw new Error("kind");
  if (alike < ALIKE && age < OLD_DAYS) throw new Error("floor");
  if (unit && people < SMALLEST_UNIT) throw new Error("unit");
  if (!text.trim()) throw new Error("empty");
  if (one.letters.some((letter) => copied(text, letter.text))) throw new Error("copied");
  return { v: 1, kind, text: text.trim(), unit, floor: alike >= ALIKE ? "alike" : "old" };
}
