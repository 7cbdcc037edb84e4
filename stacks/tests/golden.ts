// Files that a person has read and agreed upon; with BLESS=1 they are written anew.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { expect } from "vitest";

/** Whether golden files are written instead of compared. `make test` never sets it. */
export const blessing = process.env.BLESS === "1";

export function golden(path: string, text: string): void {
  if (blessing) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  expect(existsSync(path), `${path} is there; BLESS=1 writes it`).toBe(true);
  expect(text).toBe(readFileSync(path, "utf8"));
}
