// What is packed, and the example against a running desk: node --test, with SEALDESK_URL where one runs.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { brotliCompressSync } from "node:zlib";

const here = new URL("..", import.meta.url);

test("the package holds these files and no others", () => {
  const listed = execFileSync("npm", ["pack", "--dry-run", "--json"], { cwd: here, encoding: "utf8" });
  const files = JSON.parse(listed)[0].files.map(({ path }) => path).sort();
  assert.deepEqual(files, [
    "README.md",
    "dist/sealdesk_wasm.d.ts",
    "dist/sealdesk_wasm.js",
    "dist/sealdesk_wasm_bg.wasm",
    "dist/sealdesk_wasm_bg.wasm.d.ts",
    "index.d.ts",
    "index.js",
    "package.json",
    "views.d.ts",
  ]);
});

test("the module stays small enough to be loaded by a phone", () => {
  const bytes = readFileSync(new URL("dist/sealdesk_wasm_bg.wasm", here));
  const size = brotliCompressSync(bytes).length;
  assert.ok(size <= Number(process.env.SEALDESK_WASM_BYTES_MAX ?? 1_000_000), `${size} bytes as brotli`);
});

test("a wrong phrase is refused in words, and no secret stands in an identity", async () => {
  const { Identity, load } = await import("sealdesk");
  await load();
  assert.throws(() => new Identity("one two three"), Error);
  const phrase = Identity.newPhrase(false);
  assert.equal(phrase.split(" ").length, 12);
  const identity = new Identity(phrase);
  assert.match(identity.address("virtengine"), /^virtengine1[02-9ac-hj-np-z]{38}$/);
  assert.equal(new Identity(phrase).fingerprint(), identity.fingerprint());
  assert.ok(!JSON.stringify(Object.entries(identity)).includes(phrase.split(" ")[0]));
});
