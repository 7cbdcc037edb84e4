// Which page the node serves now, by its manifest, and whether it is the one that runs here.
import type { Manifest } from "./parts.ts";

const MANIFEST = "/manifest.json";
/** Longest that the manifest is waited for, in milliseconds: other tabs wait for that as well. */
const MANIFEST_MS = 15_000;

/** The manifest as the node has it now. `no-cache` has it sent only where it is another one than the browser has. */
export async function served(cache: "no-store" | "no-cache"): Promise<Manifest> {
  const answer = await fetch(MANIFEST, { cache, signal: AbortSignal.timeout(MANIFEST_MS) });
  if (!answer.ok) throw new Error(`the manifest: status ${answer.status}`);
  return (await answer.json()) as Manifest;
}

/** Whether this page is the one that the node serves. */
export const isServed = ({ files }: Manifest): boolean => {
  const scripts = [...document.querySelectorAll<HTMLScriptElement>('script[type="module"][src]')];
  return scripts.every(({ src }) => new URL(src).pathname in files);
};
