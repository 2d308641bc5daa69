// Copies the console's browser libraries out of node_modules into the git-ignored static folder,
// each with its licence beside it, so that nothing of them is committed and nothing comes from a CDN.
import { copyFileSync, mkdirSync, existsSync } from "node:fs";
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
