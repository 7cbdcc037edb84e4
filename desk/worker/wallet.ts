// Between an account whose key is in a wallet, which only the page can ask, and whatever here needs its signature.
import { Identity } from "sealdesk";
import type { ToSign, WalletAnswer } from "sealdesk/views";

import type { Heard, WalletAsked } from "./api.ts";
import type { Session } from "./session.ts";

export interface WalletApi {
  /** What the wallet said to the question of this number. */
  answerWallet(id: number, answer: WalletAnswer): Promise<void>;
  /** Whether the question of this number is still one: somebody may have stopped it since. */
  stillAsks(id: number): Promise<boolean>;
  /** The address that the ledger knows the account of this public key by. */
  walletAddress(publicKey: Uint8Array): Promise<string>;
}

/** How long a wallet is waited for, which may never answer: what is signed later than that is not sent. Other tabs wait as long to sign. */
const PATIENCE_MS = 10 * 60_000;

/** What has signatures that can be stopped. */
export interface Stoppable {
  /** Does something that has a text with this name in it signed. Once it is stopped nobody is asked, and what the wallet says later is not used. */
  stoppable<T>(name: string, stop: AbortSignal, work: () => Promise<T>): Promise<T>;
}

/** `ask` is what the module calls once it is loaded. */
export function wallet(session: Session): Stoppable & { api: WalletApi; ask(asked: ToSign): Promise<WalletAnswer> } {
  const waiting = new Map<number, (answer: WalletAnswer) => void>();
  const stops = new Map<string, AbortSignal>();
  let last = 0;
  function answered(id: number, answer: WalletAnswer): void {
    waiting.get(id)?.(answer);
    if (waiting.delete(id) && waiting.size === 0) self.postMessage({ wait: null } satisfies Heard);
  }
  const api: WalletApi = {
    answerWallet: async (id, answer) => answered(id, answer),
    stillAsks: async (id) => waiting.has(id),
    walletAddress: async (publicKey) => Identity.addressOf(publicKey, session.desk.prefix),
  };

  /** Has the page ask. A lock ends this worker, and with it whatever waits. */
  async function ask(asked: ToSign): Promise<WalletAnswer> {
    const id = ++last;
    const stop = asked.kind === "text" ? [...stops].find(([name]) => asked.text.includes(name))?.[1] : undefined;
    if (stop?.aborted) return { is: "refused" };
    const over = new AbortController();
    stop?.addEventListener("abort", () => answered(id, { is: "refused" }), { signal: over.signal });
    const { chainId, prefix } = session.desk;
    self.postMessage({ wait: { kind: "wallet", seconds: 0 } } satisfies Heard);
    self.postMessage({ wallet: { id, chainId, prefix, asked } } satisfies WalletAsked);
    const late = setTimeout(() => answered(id, { is: "late" }), PATIENCE_MS);
    return new Promise((resolve) => {
      waiting.set(id, (answer) => {
        clearTimeout(late);
        over.abort();
        resolve(answer);
      });
    });
  }

  async function stoppable<T>(name: string, stop: AbortSignal, work: () => Promise<T>): Promise<T> {
    stops.set(name, stop);
    try {
      return await work();
    } finally {
      stops.delete(name);
    }
  }

  return { api, ask, stoppable };
}
