// Who gets a letter: every office by default, the superior alone for leaders, and whom the writer leaves out.
import { fill, h } from "./elements.js";
import * as phrases from "./phrases.js";

export function readersFor(offices, category, omitted) {
  const superiors = offices.filter((office) => office.superior);
  if (category === "leader" && superiors.length) return superiors;
  return offices.filter((office) => !omitted.has(office.id));
}

export const keysOf = (offices, epoch) => offices.map((office) => office.keys.get(epoch));

export function readersBox(offices, category, omitted, changed) {
  const superiors = offices.filter((office) => office.superior);
  if (category === "leader" && superiors.length) {
    return h("p", {}, phrases.form.onlySuperior(superiors.map((office) => office.name).join("、")));
  }
  const box = h("div", { className: "choices" });
  const draw = () => fill(box, ...offices.map((office) =>
    h("button", { type: "button", "aria-pressed": String(omitted.has(office.id)), className: omitted.has(office.id) ? "chosen" : "",
      onclick: () => {
        if (omitted.has(office.id)) omitted.delete(office.id);
        else if (offices.length - omitted.size > 1) omitted.add(office.id); // somebody must be able to read it
        draw();
        changed();
      } }, phrases.form.omit(office.name))));
  draw();
  return h("div", {}, h("p", {}, `${phrases.form.readersBoth}${offices.map((office) => office.name).join("、")}`),
    offices.length > 1 ? box : null);
}
