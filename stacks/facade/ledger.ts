// What the simulator remembers: accounts, what waits, blocks. Transactions run in the SDK's simnet, one after another.

import { createHash } from "node:crypto";
import { getSDK, type Simnet } from "@stacks/clarinet-sdk";
import { cvToString, PayloadType, serializeCV, type ClarityValue } from "@stacks/transactions";
import type { Admitted } from "./admission.ts";

/** The chain's present epoch. */
const EPOCH = "4.0";
/** `(err none)`: what a node stores for a transaction that ended in a runtime error. */
const ABORTED = { hex: "0x0809", repr: "(err none)" };

export type Event = { contract: string; topic: string; value: ClarityValue };
export type Costs = { runtime: number; readCount: number; readLength: number; writeCount: number; writeLength: number };
export type Result = { hex: string; repr: string; status: "success" | "abort_by_response"; vmError: string | null };

/** A transaction that has run. */
export type Mined = {
  admitted: Admitted;
  result: Result;
  events: Event[];
  costs: Costs;
  block: Block;
  index: number;
};

export type Block = { height: number; id: string; parent: string; burnHeight: number; time: number; txs: Mined[] };

const NO_COSTS: Costs = { runtime: 0, readCount: 0, readLength: 0, writeCount: 0, writeLength: 0 };

export class Ledger {
  readonly simnet: Simnet;
  readonly pending = new Map<string, Admitted>();
  readonly mined = new Map<string, Mined>();
  readonly blocks: Block[] = [];
  readonly published = new Map<string, { height: number; source: string }>();
  private readonly nonces = new Map<string, bigint>();
  private readonly balances = new Map<string, bigint>();
  private readonly balance: bigint;

  private constructor(simnet: Simnet, balance: bigint) {
    this.simnet = simnet;
    this.balance = balance;
    this.seal([]);
  }

  /** A ledger with nothing deployed and one empty block. */
  static async start(balance: bigint): Promise<Ledger> {
    const simnet = await getSDK({ trackCosts: true, trackCoverage: false });
    await simnet.initEmptySession({ enabled: false });
    simnet.setEpoch(EPOCH);
    return new Ledger(simnet, balance);
  }

  get tip(): Block {
    return this.blocks.at(-1) as Block;
  }

  nonceOf(principal: string): bigint {
    return this.nonces.get(principal) ?? 0n;
  }

  balanceOf(principal: string): bigint {
    return this.balances.get(principal) ?? this.balance;
  }

  fund(principal: string, balance: bigint): void {
    this.balances.set(principal, balance);
  }

  /** What waits and comes from a principal, by nonce. */
  pendingOf(principal: string): Admitted[] {
    return [...this.pending.values()].filter((tx) => tx.origin === principal).sort((a, b) => Number(a.nonce - b.nonce));
  }

  accept(tx: Admitted): void {
    // A higher fee for the same nonce takes the other's place.
    for (const other of this.pendingOf(tx.origin)) if (other.nonce === tx.nonce) this.pending.delete(other.txid);
    this.pending.set(tx.txid, tx);
  }

  /** Runs whatever has its nonce's turn, in one block; then lets burn blocks pass. */
  mine(burnBlocks: number): string[] {
    const ran: Omit<Mined, "block" | "index">[] = [];
    for (let next = this.next(); next; next = this.next()) ran.push(this.run(next));
    if (ran.length > 0) this.seal(ran);
    if (burnBlocks > 0) {
      this.simnet.mineEmptyBurnBlocks(burnBlocks);
      this.seal([]);
    }
    return ran.map((tx) => tx.admitted.txid);
  }

  private next(): Admitted | undefined {
    return [...this.pending.values()].find((tx) => tx.nonce === this.nonceOf(tx.origin));
  }

  private run(admitted: Admitted): Omit<Mined, "block" | "index"> {
    this.pending.delete(admitted.txid);
    this.nonces.set(admitted.origin, admitted.nonce + 1n);
    this.balances.set(admitted.origin, this.balanceOf(admitted.origin) - admitted.fee);
    try {
      const { result, events, costs } = this.execute(admitted);
      const status = result.type === "err" ? "abort_by_response" : "success";
      const prints = events.filter((event) => event.event === "print_event").map(({ data }) => ({
        contract: data.contract_identifier as string,
        topic: data.topic as string,
        value: data.value as ClarityValue,
      }));
      return {
        admitted,
        result: { hex: `0x${serializeCV(result)}`, repr: cvToString(result), status, vmError: null },
        events: status === "success" ? prints : [],
        costs: costs?.total ?? NO_COSTS,
      };
    } catch (error) {
      const vmError = error instanceof Error ? error.message : String(error);
      return { admitted, result: { ...ABORTED, status: "abort_by_response", vmError }, events: [], costs: NO_COSTS };
    }
  }

  private execute({ origin, payload }: Admitted) {
    if (payload.payloadType === PayloadType.ContractCall) {
      return this.simnet.callPublicFn(payload.contractId, payload.functionName, payload.functionArgs, origin);
    }
    const { contractName, source, clarityVersion } = payload;
    // The SDK's own type of the version is that of the older `@stacks/transactions` it comes with; the numbers are the same.
    const options = (clarityVersion === null ? null : { clarityVersion }) as unknown as Parameters<Simnet["deployContract"]>[2];
    const deployed = this.simnet.deployContract(contractName, source, options, origin);
    this.published.set(`${origin}.${contractName}`, { height: this.tip.height + 1, source });
    // A node stores `(ok true)` where the simnet says just `true`.
    return { ...deployed, result: { type: "ok", value: deployed.result } as ClarityValue };
  }

  private seal(ran: Omit<Mined, "block" | "index">[]): void {
    const parent = this.blocks.at(-1)?.id ?? "00".repeat(32);
    const height = this.blocks.length + 1;
    const ids = ran.map((tx) => tx.admitted.txid).join("");
    const id = createHash("sha512-256").update(`${parent}${height}${ids}`).digest("hex");
    const burnHeight = this.simnet.burnBlockHeight;
    const block: Block = { height, id, parent, burnHeight, time: 1_795_251_600 + 600 * burnHeight, txs: [] };
    block.txs = ran.map((tx, index) => ({ ...tx, block, index }));
    for (const tx of block.txs) this.mined.set(tx.admitted.txid, tx);
    this.blocks.push(block);
  }
}
