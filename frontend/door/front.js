// The front page: lessons, questions, my record, the box. It looks the same for everybody.
import { button, fill, h, line } from "./elements.js";
import * as phrases from "./phrases.js";

const link = (address) => (/^https?:\/\//.test(address || "") || /^\/m\//.test(address || "") ? address : null);

// the file comes from the rest of the house: whatever it is, the box below must be reachable
export const listed = (list) => (Array.isArray(list) ? list : []);

function lessons(list) {
  const shown = listed(list).filter((lesson) => lesson && lesson.title);
  if (!shown.length) return h("p", {}, phrases.front.nothing);
  return h("div", { className: "cards" }, shown.map((lesson) => {
    const address = link(lesson.url);
    return address
      ? h("a", { className: "card", href: address, rel: "noreferrer" }, h("b", {}, String(lesson.title)), h("span", {}, String(lesson.text || "")))
      : h("details", { className: "card" }, h("summary", {}, String(lesson.title)), h("p", {}, String(lesson.text || "")));
  }));
}

function questions(list) {
  const all = listed(list).filter((one) => one && one.q && one.a);
  const box = h("div", { className: "cards" });
  const draw = (words) => {
    const wanted = words.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const hit = all.filter((one) => wanted.every((word) => `${one.q} ${one.a} ${one.words || ""}`.toLowerCase().includes(word)));
    fill(box, ...(hit.length ? hit : [null]).map((one) => one
      ? h("details", { className: "card" }, h("summary", {}, String(one.q)), h("p", {}, String(one.a)))
      : h("p", {}, phrases.front.noHit)));
  };
  draw("");
  return h("section", {}, h("h2", {}, phrases.front.faq),
    line(phrases.front.search, draw, { type: "search", placeholder: phrases.front.search }), box);
}

function board(bulletin) {
  const said = bulletin && bulletin.statement && bulletin.statement.text;
  return said ? h("section", {}, h("h2", {}, phrases.front.board), h("p", {}, String(said))) : null;
}

export function ways(tooOld = false) {
  return h("section", { className: "ways" }, h("h2", {}, phrases.ways.title),
    tooOld ? h("p", { className: "warn" }, phrases.ways.tooOld) : null,
    h("ul", {}, phrases.ways.list.map(([number, what]) => h("li", {}, h("a", { href: `tel:${number}` }, number), ` ${what}`))),
    h("p", {}, phrases.ways.more));
}

export function frontPage(site, go) {
  const front = site.front || {};
  return [
    h("header", {}, h("h1", {}, phrases.title)),
    front.notice ? h("p", { className: "note" }, String(front.notice)) : null,
    h("section", {}, h("h2", {}, phrases.front.lessons), lessons(front.lessons)),
    questions(front.faq),
    h("section", {}, h("h2", {}, phrases.front.record), h("p", {}, phrases.front.recordText)),
    board(site.bulletin),
    h("section", { className: "box" }, h("h2", {}, phrases.front.box), h("p", {}, phrases.front.boxText),
      button(phrases.front.write, () => go("write")), button(phrases.front.mailbox, () => go("mailbox"))),
    ways(),
  ];
}
