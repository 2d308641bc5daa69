// States, steps and deadlines: the same rules as src/lianbot/officer/casework.py.
const WORKING = ["accepted", "referred", "declined", "need_info", "investigating"];
export const NEXT = {
  received: ["acked", ...WORKING], acked: WORKING, accepted: [...WORKING, "feedback"], referred: ["investigating", "need_info", "feedback"],
  declined: ["closed", "accepted"], need_info: [...WORKING, "feedback"], investigating: ["referred", "need_info", "feedback"],
  feedback: ["closed", "investigating"], closed: ["reopened"], reopened: ["investigating", "referred", "feedback"],
};
export const SHOWN = { received: "received", acked: "received", accepted: "received", need_info: "received", investigating: "passed",
  referred: "passed", declined: "result", feedback: "result", reopened: "passed", closed: "done" };

const plain = (day) => new Date(`${day}T00:00:00Z`);
const iso = (date) => date.toISOString().slice(0, 10);
const plus = (day, count) => iso(new Date(plain(day).getTime() + count * 86400000));
// the school's day, wherever this computer believes to be: door and packs count weeks in China Standard Time, which knows no summer time
export const schoolDay = (moment) => iso(new Date(moment.getTime() + 8 * 3600000));

export function addWorkdays(day, count) {
  let now = day;
  for (let left = count; left > 0;) {
    now = plus(now, 1);
    if (![0, 6].includes(plain(now).getUTCDay())) left -= 1;
  }
  return now;
}

export function weekOf(day) {
  const thursday = plain(plus(day, 3 - ((plain(day).getUTCDay() + 6) % 7)));
  const year = thursday.getUTCFullYear();
  const week = 1 + Math.floor((thursday - Date.UTC(year, 0, 1)) / 604800000);
  return `${year}W${String(week).padStart(2, "0")}`;
}

export function weeksBefore(week, count) {
  const fourth = Date.UTC(Number(week.slice(0, 4)), 0, 4);
  const monday = fourth - ((new Date(fourth).getUTCDay() + 6) % 7) * 86400000 + (Number(week.slice(5)) - 1 - count) * 604800000;
  return weekOf(iso(new Date(monday)));
}

const mondayOf = (week) => {
  const fourth = Date.UTC(Number(week.slice(0, 4)), 0, 4);
  return iso(new Date(fourth - ((new Date(fourth).getUTCDay() + 6) % 7) * 86400000 + (Number(week.slice(5)) - 1) * 604800000));
};

export const epochOf = (day) => (Number(day.slice(0, 4)) - 2020) * 4 + Math.floor((Number(day.slice(5, 7)) - 1) / 3) + 1;

export function advance(one, state, { day, by, second = "", note = "" }) {
  if (!NEXT[one.state].includes(state)) throw new Error("step");
  if (state === "closed" && (!second || second === by)) throw new Error("second");
  return { ...one, state, steps: [...one.steps, { day, state, by, second, note }] };
}

export function receive(one, letter, day) {
  const grown = { ...one, letters: [...one.letters, letter] };
  if (letter.kind !== "object" || one.objected) return grown;
  const last = objectionUntil(one);
  if (last && letter.day > last) return grown;
  if (!["closed", "feedback", "declined"].includes(one.state)) return { ...grown, objected: true };
  return { ...grown, objected: true, state: "reopened",
    steps: [...grown.steps, { day, state: "reopened", by: "reporter", second: "", note: "提出不同意" }] };
}

export const answer = (one, words) => ({ ...one,
  replies: [...one.replies, { number: one.replies.length, shown: SHOWN[one.state], text: words.trim(), week: "" }] });

// the question about retaliation waits in the mailbox for the next visit, day 30 and day 90 after the letter
export const CARE = [
  [30, "过了一个月，问您一句：有没有人因为这件事为难您、报复您？有就在这里补一句，或打 12388；人身受威胁打 110。没有就不用回。"],
  [90, "过了三个月，再问您一句：有没有人因为这件事为难您、报复您？有就在这里补一句，或打 12388；人身受威胁打 110。没有就不用回。"],
];
export const isCare = (words) => CARE.some(([, text]) => text === words);
const daysBetween = (from, to) => Math.round((plain(to) - plain(from)) / 86400000);
const lastDay = (one) => (one.steps.length ? one.steps[one.steps.length - 1].day : one.letters[0].day);
const later = (left, right) => (left > right ? left : right);

export function care(one, today) {
  const age = daysBetween(one.letters[0].day, today);
  const due = CARE.filter(([days]) => days <= age && age <= 182).map(([, text]) => text).pop();
  if (!due || !one.steps.length || !one.ko || !one.rpk || one.replies.some((reply) => reply.text === due)) return one;
  return answer(one, due);
}

// the Sunday of the week whose pack carried the newest answer; null while one still waits, or none was given
function told(one) {
  const weeks = one.replies.filter((reply) => !isCare(reply.text)).map((reply) => reply.week);
  return !weeks.length || weeks.includes("") ? null : plus(mondayOf(weeks.sort().pop()), 6);
}

// whether a pack has carried a word of ours: a step in the book tells nobody, the question about retaliation is no receipt;
// who left no key to answer to can be told nothing, and there the step counts
const receipted = (one) => (one.ko && one.rpk ? one.replies.some((reply) => reply.week && !isCare(reply.text)) : one.steps.length > 0);

export function objectionUntil(one) {
  const day = ["closed", "feedback", "declined"].includes(one.state) && told(one);
  return day ? plus(later(day, lastDay(one)), 30) : null;
}

export function deadlines(one, today) {
  if (one.state === "closed") return [];
  const begun = one.letters[0].day;
  const first = one.steps.length ? one.steps[0].day : null;
  const due = [];
  if (!receipted(one)) due.push(["ack", addWorkdays(begun, 3)]);
  if (["received", "acked"].includes(one.state)) due.push(["refer", addWorkdays(begun, 5)]);
  if (first && ["feedback", "declined"].includes(one.state)) due.push(["objection", objectionUntil(one) || plus(lastDay(one), 30)]);
  else if (first) {
    // what was only noted in the book has told the reporter nothing
    if (told(one) || !one.replies.length) due.push(["interim", plus(later(first, told(one) || first), 30)]);
    due.push(["feedback", plus(first, 90)]);
  }
  return due.map(([what, day]) => ({ what, day, late: day < today })).sort((a, b) => (a.day < b.day ? -1 : Number(a.day > b.day)));
}
