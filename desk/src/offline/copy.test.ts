import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

import { INDEX, keptAs, PLACES } from "./copy.ts";

const ORIGIN = "https://desk.example";
const asked = (path: string, mode = "cors", method = "GET") => keptAs({ method, mode, url: new URL(path, ORIGIN).href }, ORIGIN);

test("a place of the desk is the index, and a file itself", () => {
  for (const path of ["/", "/tickets/TKT-00000001", "/new", "/admin/rules", "/settings?x=1#y"]) expect(asked(path, "navigate"), path).toBe(INDEX);
  for (const path of ["/assets/page-abc.js", "/icon.svg", "/app.webmanifest"]) expect(asked(path), path).toBe(path);
});

test("nothing else is touched", () => {
  const others = ["/api/v1/events", "/desk/share", "/push", "/presence/1", "/blobs/aa", "/manifest.json", "/notices.js", "/offline.js", "/virtengine.support.v1.Query/Inbox", "/websocket", "/.well-known/webcat/bundle.json", "https://other.example/assets/page-abc.js"];
  for (const path of others) expect(asked(path), path).toBeNull();
  for (const path of ["/api/docs", "/metrics", "/tickets/a.pdf", "https://other.example/"]) expect(asked(path, "navigate"), path).toBeNull();
  expect(asked("/", "navigate", "POST")).toBeNull();
  expect(asked("/assets/page-abc.js", "cors", "HEAD")).toBeNull();
});

test("the places are those of the desk's routes", () => {
  const routes = readFileSync(new URL("../pages/Desk.tsx", import.meta.url), "utf8").matchAll(/path: "\/([^"/]*)/g);
  expect(new Set(PLACES)).toEqual(new Set([...routes].map(([, place]) => place)));
});
