// Copies the console's browser libraries out of node_modules into the git-ignored static folder,
// each with its licence beside it, so that nothing of them is committed and nothing comes from a CDN.
import { build } from "esbuild";
import { copyFileSync, mkdirSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, "node_modules");
const vendor = join(here, "..", "src", "lianbot", "web", "static", "vendor");

const wanted = [
  ["htmx.org/dist/htmx.min.js", "htmx.min.js"],
  ["htmx.org/LICENSE", "htmx.LICENSE.txt"],
  ["echarts/dist/echarts.common.min.js", "echarts.common.min.js"],
  ["echarts/LICENSE", "echarts.LICENSE.txt"],
];

mkdirSync(vendor, { recursive: true });
for (const [from, to] of wanted) {
  const source = join(modules, from);
  if (!existsSync(source)) throw new Error(`missing ${from}: run npm ci in frontend/ first`);
  copyFileSync(source, join(vendor, to));
}

// The door's page and the officer's tool: one script and one style each, with nothing fetched at run time.
const own = join(here, "..", "src", "lianbot");
const pages = [
  ["door", join(own, "door", "page")],
  ["officer", join(own, "officer", "page")],
];

const hash = (text) => createHash("sha256").update(text).digest("base64");

// the officer opens one file from disk, so script, style and the policy that names their hashes are inside it
function inline(target, script, style) {
  const path = join(target, "officer.html");
  const whole = readFileSync(path, "utf8")
    .replace("SCRIPTHASH", () => hash(script))
    .replace("STYLEHASH", () => hash(style))
    .replace("/*STYLE*/", () => style)
    .replace("/*SCRIPT*/", () => script);
  writeFileSync(path, whole);
}

for (const [name, target] of pages) {
  mkdirSync(target, { recursive: true });
  const built = await build({
    entryPoints: [join(here, name, "main.js")],
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2017",
    conditions: ["import"], // the WebAssembly build; the other one carries an asm.js fallback of 70 s a seal
    define: { "import.meta.url": '""' },
    legalComments: "none",
    charset: "utf8",
    banner: { js: 'if(typeof globalThis==="undefined")window.globalThis=window;' }, // browsers before 2019
    write: false,
  });
  const style = await build({ entryPoints: [join(here, name, `${name}.css`)], minify: true, write: false, charset: "utf8" });
  // browsers hash what they parsed: no CR, no NUL, and nothing that ends the script element
  const script = built.outputFiles[0].text.replace(/\r/g, "").replace(/<\/script/gi, "<\\/script").trim();
  if (script.includes("\0")) throw new Error(`${name}: NUL in the bundle`);
  writeFileSync(join(target, `${name}.js`), script);
  writeFileSync(join(target, `${name}.css`), style.outputFiles[0].text.replace(/\r/g, "").trim());
  copyFileSync(join(here, name, `${name}.html`), join(target, `${name}.html`));
  if (name === "officer") inline(target, script, style.outputFiles[0].text.replace(/\r/g, "").trim());
  copyFileSync(join(modules, "libsodium-wrappers-sumo", "LICENSE"), join(target, "libsodium.LICENSE.txt"));
}
