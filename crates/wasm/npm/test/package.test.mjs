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

test("whoever gives something of another kind is told what, and by which name", async () => {
  const { Desk, Identity, Vault, load } = await import("sealdesk");
  await load();
  for (const url of ["localhost:9090", "", "desk.example", "ftp://desk.example", "https://desk.example/rpc", "http://a@desk.example"]) {
    await assert.rejects(Desk.open(url), (error) => /'url' has to be http/.test(error.message) && error.away === undefined, url);
  }
  await assert.rejects(Desk.open(undefined), /'url' has to be a text, and is undefined/);
  for (const kept of ["{", "", "{}", "7"]) await assert.rejects(Desk.open("http://127.0.0.1:1", kept), /'kept' is not what remember\(\) gave/);
  await assert.rejects(Desk.open("http://127.0.0.1:1/", undefined, 7), /'identity' has to be a text, and is a number/);
  assert.throws(() => new Identity(), /new Identity: 'phrase' has to be a text, and is undefined/);
  assert.throws(() => Vault.unlock("{}", null), /Vault.unlock: 'passphrase' has to be a text, and is null/);
  const identity = new Identity(Identity.newPhrase(false));
  assert.ok(identity instanceof Identity);
  assert.throws(() => identity.address(identity), /Identity.address: 'prefix' has to be a text, and is an Identity/);
  identity.free();
  assert.throws(() => identity.fingerprint(), /Identity.fingerprint: an Identity was freed/);
  assert.throws(() => identity.hasWallet, /was freed/);
});

test("the texts that are judged are those of the generated types", () => {
  const types = readFileSync(new URL("dist/sealdesk_wasm.d.ts", here), "utf8").replaceAll(/\/\*\*.*?\*\//gs, "");
  const source = readFileSync(new URL("index.js", here), "utf8");
  const listed = /const TEXTS = \{.*?\n\};/s.exec(source)[0];
  const expected = ["const TEXTS = {"];
  for (const [, name, body] of types.matchAll(/export class (\w+) \{(.*?)\n\}/gs)) {
    const rows = body.replaceAll(/import\("[^"]*"\)/g, "").split("\n").flatMap((line) => textsOf(line.trim()));
    if (rows.length > 0) expected.push(`  ${name}: {`, ...rows, "  },");
  }
  assert.equal(listed, [...expected, "};"].join("\n"));
});

// A method that takes texts, as index.js lists it.
function textsOf(line) {
  const [, name, parameters] = /^(?:static )?(\w+)\((.*?)\)(?::.*)?;$/.exec(line) ?? [];
  const texts = (parameters ?? "").split(", ").map((parameter) => {
    const [called, type = ""] = parameter.split(/\??: /);
    if (type === "string") return called;
    return /^string \| null( \| undefined)?$/.test(type) ? `${called}?` : "-";
  });
  while (texts.at(-1) === "-") texts.pop();
  return texts.length > 0 ? [`    ${name}: "${texts.join(" ")}",`] : [];
}

test("the declared names of states, priorities and roles are those that nodes give", () => {
  const types = readFileSync(new URL("views.d.ts", here), "utf8");
  const { schemas } = JSON.parse(readFileSync(new URL("../../../docs/openapi.json", here), "utf8")).components;
  const declared = (name) => [...new RegExp(`export type ${name} = (.*);`).exec(types)[1].matchAll(/"(\w+)"/g)].map(([, one]) => one);
  for (const [name, property] of [
    ["TicketStatus", schemas.Ticket.properties.status],
    ["TicketPriority", schemas.Ticket.properties.priority],
    ["Role", schemas.Account.properties.role],
  ]) {
    assert.deepEqual(declared(name).sort(), [...property.enum].sort(), name);
  }
  const ticket = /export interface Ticket \{(.*?)\n\}/s.exec(types)[1];
  const fields = [...ticket.matchAll(/^ {2}(\w+)\??: /gm)].map(([, field]) => field);
  // Sealed, or about nodes and proofs: what a client shows of a ticket has none of these.
  const left = ["attachments", "encrypted_payload", "grants", "payload_context", "steps", "steps_dropped"];
  assert.deepEqual([...fields, ...left].sort(), Object.keys(schemas.Ticket.properties).sort());
});
