import { createHash } from "node:crypto";

import { expect, test } from "vitest";

import { integrityOf, partsOf } from "./parts.ts";

const files = { "/app.webmanifest": "a", "/assets/page-1.js": "b", "/icon.svg": "c", "/index.html": "d", "/notices.js": "e", "/offline.js": "f", "/other.txt": "g" };

test("what an index names is kept before it, and nothing that the page is not", () => {
  expect(partsOf({ default_csp: "", files }).map(({ name }) => name)).toEqual(["/assets/page-1.js", "/app.webmanifest", "/icon.svg", "/"]);
  expect(partsOf({ default_csp: "", files }).at(-1)?.hash).toBe("d");
});

test("a manifest without an index, or with too many files, is refused", () => {
  expect(() => partsOf({ default_csp: "", files: { "/assets/page-1.js": "b" } })).toThrow("no index");
  const many = Object.fromEntries(Array.from({ length: 600 }, (_, n) => [`/assets/${n}.js`, "x"]));
  expect(() => partsOf({ default_csp: "", files: { ...many, "/index.html": "d" } })).toThrow("too many");
});

test("a manifest's hash is one that browsers take", () => {
  for (let n = 0; n < 20; n++) {
    const digest = createHash("sha256").update(String(n)).digest();
    expect(integrityOf(digest.toString("base64url"))).toBe(`sha256-${digest.toString("base64")}`);
  }
});
