// After the build: each file as brotli and gzip beside it, and the page's manifest, by which anybody can compare what a node serves.
// The manifest has the form of WEBCAT's: sorted names, hashes as base64url, and the policy that each file comes with.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const dist = fileURLToPath(new URL("../dist", import.meta.url));
const policy = readFileSync(new URL("../../crates/node/src/page/policy.txt", import.meta.url), "utf8").trimEnd();
const { version } = JSON.parse(readFileSync(new URL("../../crates/wasm/npm/package.json", import.meta.url), "utf8"));

/** What is worth packing: a picture that is packed already is not here. */
const PACKED = /\.(js|css|html|svg|wasm|webmanifest)$/;
const OURS = /(\.(br|gz)|manifest\.json|\.gitignore)$/;

const names = readdirSync(dist, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && !OURS.test(entry.name))
  .map((entry) => relative(dist, join(entry.parentPath, entry.name)))
  .sort();

const hash = (bytes) => createHash("sha256").update(bytes).digest("base64url");
const files = {};
const wasm = [];
let script = 0;
for (const name of names) {
  const path = join(dist, name);
  const bytes = readFileSync(path);
  files[`/${name}`] = hash(bytes);
  if (name.endsWith(".wasm")) wasm.push(hash(bytes));
  if (!PACKED.test(name)) continue;
  const size = { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length, [constants.BROTLI_PARAM_QUALITY]: 11 };
  const brotli = brotliCompressSync(bytes, { params: size });
  const gzip = gzipSync(bytes, { level: 9 });
  if (brotli.length < bytes.length) writeFileSync(`${path}.br`, brotli);
  if (gzip.length < bytes.length) writeFileSync(`${path}.gz`, gzip);
  if (name.endsWith(".js")) script += brotli.length;
  console.log(`${String(Math.ceil(brotli.length / 1000)).padStart(5)} kB  ${name}`);
}

const manifest = { app: "sealdesk", default_csp: policy, default_fallback: "/index.html", default_index: "/index.html", files, name: "sealdesk", version, wasm };
writeFileSync(join(dist, "manifest.json"), `${JSON.stringify(manifest)}\n`);
console.log(`${String(Math.ceil(script / 1000)).padStart(5)} kB  of script as brotli, all of it`);
