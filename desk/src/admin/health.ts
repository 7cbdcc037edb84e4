// What the node tells of itself and of the ledger. It is its own word: nothing here is proven.
import { useQuery } from "@tanstack/react-query";

import { adminKeys } from "./asked.ts";
import { numbersIn } from "./metrics.ts";

export interface LedgerStatus {
  addresses: Record<string, string>;
  app_hash: string;
  chain_id: string;
  engine: string;
  height: number;
  history_from: number;
  time: string | null;
  validators_hash: string;
  version: string;
}

export interface Validators {
  validators: { pub_key: string; power: number; moniker: string }[];
  proposals: unknown[];
  height: number;
}

/** Pieces of files, as of the node's last look; nulls before the first has ended. */
export interface Pieces {
  named: number | null;
  missing: number | null;
  never_came: number | null;
}

/** What a part of the answer is where it could not be had. */
type Part<T> = { found: T } | { why: string };

export interface Health {
  isUp: boolean;
  status: Part<LedgerStatus>;
  validators: Part<Validators>;
  pieces: Part<Pieces>;
  /** Numbers of this node, by name; most nodes do not give them to browsers. */
  metrics: Part<Record<string, number>>;
}

const ASK_AGAIN_MS = 10_000;
/** Longest that the node is waited for. */
const NODE_MS = 10_000;

async function json<T>(path: string): Promise<Part<T>> {
  try {
    const answer = await fetch(path, { headers: { accept: "application/json" }, cache: "no-store", signal: AbortSignal.timeout(NODE_MS) });
    if (!answer.ok) return { why: `${answer.status}` };
    return { found: (await answer.json()) as T };
  } catch {
    return { why: "" };
  }
}

/** Only where the node says that it gives them at this very address: elsewhere a page may not ask. */
async function metrics(status: Part<LedgerStatus>): Promise<Part<Record<string, number>>> {
  const named = "found" in status ? status.found.addresses.metrics : undefined;
  if (named === undefined || !URL.canParse(named) || new URL(named).host !== location.host) return { why: "" };
  try {
    const answer = await fetch("/metrics", { headers: { accept: "text/plain" }, cache: "no-store", signal: AbortSignal.timeout(NODE_MS) });
    const isText = answer.headers.get("content-type")?.startsWith("text/plain") ?? false;
    return answer.ok && isText ? { found: numbersIn(await answer.text()) } : { why: `${answer.status}` };
  } catch {
    return { why: "" };
  }
}

export function useHealth() {
  return useQuery({
    queryKey: adminKeys.health,
    async queryFn(): Promise<Health> {
      const [up, status, validators, pieces] = await Promise.all([
        json<unknown>("/health"),
        json<LedgerStatus>("/api/v1/status"),
        json<Validators>("/api/v1/validators"),
        json<Pieces>("/blobs"),
      ]);
      return { isUp: "found" in up, status, validators, pieces, metrics: await metrics(status) };
    },
    refetchInterval: ASK_AGAIN_MS,
  });
}
