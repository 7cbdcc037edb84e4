// The known answers of vectors/envelope, judged by the code that seals in browsers, in Chromium and in Firefox: every case is as the Rust
// tests have it. `clients` builds the module that judges.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";

import { expect, manyPeople, PATIENCE } from "./browser.mjs";
import { fox } from "./fox.mjs";

const ROOT = new URL("../../", import.meta.url);
const FILES = ["envelope", "attacks", "identity", "attachments", "disclosures"];
const TYPES = { js: "text/javascript", wasm: "application/wasm", json: "application/json" };
const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'";
const MAIN = `
  import load, { judge } from "/dist/sealdesk_client_vectors.js";
  await load();
  const said = {};
  for (const file of ${JSON.stringify(FILES)}) said[file] = judge(await (await fetch("/vectors/envelope/" + file + ".json")).text());
  globalThis.said = said;
  document.body.append(document.createElement("main"));
`;

const server = createServer(async (request, response) => {
  const answer = (type, body) => response.writeHead(200, { "content-type": type, "content-security-policy": POLICY }).end(body);
  if (request.url === "/") return answer("text/html", '<!doctype html><title>Vectors</title><script type="module" src="/main.js"></script>');
  if (request.url === "/main.js") return answer(TYPES.js, MAIN);
  const path = request.url.replace(/^\/dist\//, "clients/vectors/dist/").slice(request.url.startsWith("/dist/") ? 0 : 1);
  const bytes = await readFile(new URL(path, ROOT)).catch(() => undefined);
  if (!bytes || path.includes("..")) return response.writeHead(404).end();
  return answer(TYPES[path.split(".").pop()], bytes);
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const origin = `http://127.0.0.1:${server.address().port}/`;

/** How many cases each file of the disk has: none is left out. */
async function cases(file) {
  const { vectors, attacks, identities, attachments, disclosures } = JSON.parse(await readFile(new URL(`vectors/envelope/${file}.json`, ROOT), "utf8"));
  return (vectors ?? attacks ?? identities ?? attachments ?? disclosures).length;
}

async function judged(name, browser) {
  try {
    const page = await browser.newPage();
    await page.goto(origin);
    await page.waitForSelector("main", { state: "attached", timeout: PATIENCE });
    const said = await page.evaluate(() => globalThis.said);
    for (const file of FILES) {
      const [counted, ...wrong] = said[file].split("\n");
      expect(counted === `${await cases(file)} 0`, `${name} agrees on every case of ${file}: ${counted}\n${wrong.join("\n")}`);
      console.log(`${name}: ${file}: ${counted}`);
    }
  } finally {
    await browser.close();
  }
}

await judged("Chromium", await manyPeople());
await judged("Firefox", await fox());
server.close();
console.log("done");
