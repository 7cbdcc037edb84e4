// The copy of the page that this browser keeps, for when its node does not answer: where it is, and what it answers. The page fills it
// (keep.ts), the service worker gives it (serviceworker.ts); both go by what stands here.

/** Its name among the caches of this address. */
export const CACHE = "sealdesk-page";
/** Where the page begins, under which its index is kept. */
export const INDEX = "/";
/** Where files have names that change with what is in them. */
export const HASHED = "/assets/";
/** The page's other files that a browser asks for in the page's name. Its service workers are none: a browser fetches those past every worker. */
const FILES: readonly string[] = ["/icon.svg", "/app.webmanifest"];
/** The first parts of the addresses that are places of the desk; src/pages/Desk.tsx has the same. */
export const PLACES: readonly string[] = ["", "tickets", "new", "admin", "replies", "call", "receipt", "settings"];

/** Whether a file of this path belongs into the copy. */
export const isKept = (path: string): boolean => FILES.includes(path) || path.startsWith(HASHED);

/** What is known of a request. */
export interface Asked {
  method: string;
  mode: string;
  url: string;
}

/** Under what the copy has what is asked for; null for what is not the page's, which nobody else ever answers. */
export function keptAs({ method, mode, url }: Asked, origin: string): string | null {
  const { origin: of, pathname } = new URL(url);
  if (method !== "GET" || of !== origin) return null;
  if (mode !== "navigate") return isKept(pathname) ? pathname : null;
  return PLACES.includes(pathname.split("/")[1] ?? "") && !pathname.includes(".") ? INDEX : null;
}
