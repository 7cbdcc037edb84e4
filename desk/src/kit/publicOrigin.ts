// Where others find this desk. By `sealdesk desk`, and at a node that is tried out, the page is open at an address that each computer has for
// itself: what others would find there is theirs, and a link with words in it would tell them to whatever listens there.
import { useQuery } from "@tanstack/react-query";

/** Longest that the node is waited for, in milliseconds. */
const NODE_MS = 10_000;

/** What a node says of how it is reached. */
interface Reached {
  addresses?: Record<string, string>;
}

/** Whether an address leads every computer to itself. */
export function isOfThisComputer(address: string): boolean {
  const { hostname } = new URL(address);
  return /^(localhost|.*\.localhost|127(\.\d+){3}|0\.0\.0\.0|\[::1?\]|\[::ffff:7f.*\])\.?$/.test(hostname);
}

/** The origin of this page, or the one that the node says others reach it at; null where nothing but this computer's own is known. */
export async function publicOrigin(here: string, ask: () => Promise<Reached>): Promise<string | null> {
  if (!isOfThisComputer(here)) return here;
  const said = (await ask().catch((): Reached => ({}))).addresses?.["public"];
  if (typeof said !== "string" || !URL.canParse(said) || isOfThisComputer(said)) return null;
  const { protocol, origin } = new URL(said);
  return protocol === "https:" || protocol === "http:" ? origin : null;
}

async function status(): Promise<Reached> {
  const answer = await fetch("/api/v1/status", { headers: { accept: "application/json" }, cache: "no-store", signal: AbortSignal.timeout(NODE_MS) });
  return answer.ok ? ((await answer.json()) as Reached) : {};
}

/** See [`publicOrigin`]; undefined while the node is asked. */
export function usePublicOrigin(): string | null | undefined {
  return useQuery({ queryKey: ["public origin"], queryFn: () => publicOrigin(location.origin, status) }).data;
}
