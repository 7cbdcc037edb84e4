// How many bytes a browser loads before people can begin, as brotli: build/budget.json says how many it may be, and this fails beyond that.
// A customer begins with new keys; staff with theirs unlocked, their queue, and a ticket open in it. What a press opens is no part
// of it, and what comes by itself is.
//   node test/bytes.mjs [FOLDER]   the page as it was built; dist, where none is named
import { readdirSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";

const dist = resolve(process.argv[2] ?? new URL("../dist", import.meta.url).pathname);
const budget = JSON.parse(readFileSync(new URL("../build/budget.json", import.meta.url), "utf8"));
const assets = join(dist, "assets");
const files = readdirSync(assets).filter((name) => /\.(js|wasm)$/.test(name));
const index = readFileSync(join(dist, "index.html"), "utf8");
const wrong = [];

const read = (file) => readFileSync(join(assets, file));
const sizes = new Map();
function size(file) {
  if (!sizes.has(file)) {
    const bytes = read(file);
    const params = { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length, [constants.BROTLI_PARAM_QUALITY]: 11 };
    sizes.set(file, brotliCompressSync(bytes, { params }).length);
  }
  return sizes.get(file);
}

/** The file of this name, whatever hash is in its name. */
function named(name) {
  const found = files.filter((file) => file.startsWith(`${name}-`) && file.endsWith(".js") && !file.slice(name.length + 1, -3).includes("."));
  if (found.length === 0) wrong.push(`build/budget.json names ${name}, and the build has no such part any more`);
  return found;
}

/** Files with all that they import before anything of them runs. */
function whole(roots) {
  const all = new Set();
  const left = [...roots];
  while (left.length > 0) {
    const file = left.pop();
    if (all.has(file)) continue;
    all.add(file);
    for (const [, imported] of read(file).toString().matchAll(/(?:from|import)\s*["'`]\.\/([\w.-]+\.js)["'`]/g)) left.push(imported);
  }
  return [...all];
}

function within(what, bytes, { kB, aim }) {
  const most = Math.round(kB * 1000 * budget.slack);
  console.log(`${String(Math.ceil(bytes / 1000)).padStart(5)} kB of ${kB}${aim < kB ? `, and ${aim} are aimed at` : ""}  ${what}`);
  if (bytes > most) wrong.push(`${what}: ${bytes} bytes, and at most ${most}; make lazy what few need, or say in build/budget.json why it is worth more`);
}

const entry = [...index.matchAll(/(?:src|href)="\/assets\/([\w.-]+\.js)"/g)].map(([, file]) => file);
// What everybody needs: the page, its worker, and the longer language. Parts have texts of their own under other names.
const catalogs = (name) => whole([...entry, ...named("Desk")]).flatMap((file) => [...read(file).toString().matchAll(new RegExp(`import\\(["'\`]\\./(${name}-[\\w-]+\\.js)`, "g"))].map(([, file]) => file));
const longer = (names) => {
  const found = names.flatMap(catalogs);
  if (found.length < names.length) wrong.push(`of the texts ${names.join(" and ")} only ${found.join(" and ")} is in the build`);
  return found.sort((one, other) => size(other) - size(one)).slice(0, 1);
};
const everybody = [...entry, ...named("worker"), ...longer(["en", "de"])];
const team = longer(["team\\.en", "team\\.de"]);
for (const who of ["customer", "agent"]) {
  const parts = whole([...everybody, ...(who === "agent" ? team : []), ...budget[who].beyond.flatMap(named)]);
  const bytes = parts.reduce((sum, file) => sum + size(file), 0);
  within(`script of the first load: ${who}`, bytes, budget[who]);
  for (const file of parts.sort((one, other) => size(other) - size(one))) console.log(`        ${String(size(file)).padStart(7)}  ${file}`);
}

const modules = files.filter((file) => file.endsWith(".wasm"));
within("the module that seals and opens", modules.reduce((sum, file) => sum + size(file), 0), budget.wasm);

// The module is fetched by the worker, beside what is painted first: nothing that stands before that names it.
if (/\.wasm|worker/.test(index)) wrong.push("index.html has a browser load the module or the worker before it paints");
for (const file of whole(entry)) {
  if (modules.some((module) => read(file).includes(basename(module)))) wrong.push(`${file} names the module: the page waits for it`);
}

// The manifest has to fit into a public document, with room for the parts to come.
const manifest = join(dist, "manifest.json");
const bytes = readFileSync(manifest).length;
const room = budget.manifest.bytes - budget.manifest.kept;
if (bytes > room) wrong.push(`manifest.json has ${bytes} bytes: with more than ${room} there is no room for new parts in the ledger's document`);

if (wrong.length > 0) {
  console.error(wrong.join("\n"));
  process.exit(1);
}
