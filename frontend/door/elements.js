// Building the page without innerHTML: Trusted Types refuse every string that would become markup.
export function h(name, props = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key in element && key !== "list") element[key] = value;
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...flat(children).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

// replaceChildren and flat came only in 2020; phones in use are older
export function fill(element, ...children) {
  while (element.firstChild) element.removeChild(element.firstChild);
  element.append(...children);
}

const flat = (children) => children.reduce((all, child) => all.concat(child), []);

export const button = (label, act, kind = "") => h("button", { type: "button", className: kind, onclick: act }, label);

// without these two attributes the text lies in the browser's session file
export const quiet = { autocomplete: "off", autocapitalize: "off", spellcheck: false };

export function area(label, value, onchange, rows = 5) {
  const field = h("textarea", { ...quiet, rows, maxLength: 4000, value, "aria-label": label,
    oninput: () => onchange(field.value) });
  return field;
}

export const line = (label, onchange, more = {}) =>
  h("input", { ...quiet, type: "text", "aria-label": label, oninput: (event) => onchange(event.target.value), ...more });

// one choice out of a few, as large buttons
export function choice(options, chosen, onchange) {
  const box = h("div", { className: "choices", role: "radiogroup" });
  const draw = (now) => fill(box, ...options.map(([key, label]) =>
    h("button", { type: "button", role: "radio", "aria-checked": String(key === now), className: key === now ? "chosen" : "",
      onclick: () => { draw(key); onchange(key); } }, label)));
  draw(chosen);
  return box;
}

// confirm() does not work in the sandbox
export function ask(message, yes, no) {
  return new Promise((answer) => {
    const close = (value) => { veil.remove(); answer(value); };
    const veil = h("div", { className: "veil", role: "dialog", "aria-modal": "true" },
      h("div", { className: "dialog" }, h("p", {}, message),
        button(yes, () => close(true), "main"), no ? button(no, () => close(false)) : null));
    document.body.append(veil);
    veil.querySelector("button").focus();
  });
}

export const painted = () => new Promise((go) => requestAnimationFrame(() => setTimeout(go, 30)));
