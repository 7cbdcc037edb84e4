// What the copy of a page is made of, by the page's manifest.
import { HASHED, INDEX, isKept } from "./copy.ts";

/** Where a manifest has the index. */
export const INDEX_FILE = "/index.html";
/** Most files: several times what a page has. */
const FILES_MAX = 500;

/** What is used of the page's manifest. */
export interface Manifest {
  default_csp: string;
  /** Paths, with SHA-256 as base64url. */
  files: Record<string, string>;
}

/** A file of the copy: what it is kept as, where it is asked for, and its hash. */
export interface Part {
  name: string;
  hash: string;
}

/** The parts of a page, in the order in which they are kept: what no kept index names yet, then the other files, and the index last. */
export function partsOf({ files }: Manifest): Part[] {
  const index = files[INDEX_FILE];
  if (index === undefined) throw new Error("the manifest names no index");
  const parts = Object.entries(files).flatMap(([name, hash]) => (isKept(name) ? [{ name, hash }] : []));
  if (parts.length > FILES_MAX) throw new Error("the manifest names too many files");
  const rank = ({ name }: Part) => (name.startsWith(HASHED) ? 0 : 1);
  return [...parts.sort((one, other) => rank(one) - rank(other)), { name: INDEX, hash: index }];
}

/** A hash of the manifest in the letters that browsers take. */
export const integrityOf = (hash: string): string => {
  const letters = hash.replaceAll("-", "+").replaceAll("_", "/");
  return `sha256-${letters.padEnd(Math.ceil(letters.length / 4) * 4, "=")}`;
};
