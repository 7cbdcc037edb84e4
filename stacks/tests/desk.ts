// The contract as the tests call it: people by name, values of JavaScript, and a simnet that starts anew for each test.

import { createHash } from "node:crypto";
import { Cl, type ClarityValue } from "@stacks/transactions";
import { getSDK, type Simnet } from "@stacks/clarinet-sdk";

/** A Clarity value as the tests write it: buffers are hex, an optional is its value or null, a tuple an object. */
export type Plain = number | boolean | string | null | Plain[] | { [name: string]: Plain };

/** What a public function answered: its value, or the number of its error. */
export type Outcome = { ok: Plain } | { err: number };

export type Call = { outcome: Outcome; events: Plain[]; costs: Costs };
export type Costs = { runtime: number; readCount: number; readLength: number; writeCount: number; writeLength: number };

type Kind = "uint" | "ascii" | "buff" | "bool" | "principal";

/** docs/spec/clarity.md's public functions and the kinds of their arguments. */
export const PUBLIC = {
  "create-ticket": ["ascii", "uint", "buff", "buff"],
  "add-comment": ["uint", "buff", "buff", "bool"],
  "update-ticket-status": ["uint", "uint"],
  "assign-ticket": ["uint", "principal"],
  "grant-access": ["uint", "buff"],
  "set-ticket-priority": ["uint", "uint"],
  "close-expired-ticket": ["uint"],
  "register-key": ["buff", "buff", "buff"],
  "revoke-key": ["uint"],
  "add-staff-member": ["principal"],
  "remove-staff-member": ["principal"],
  "add-administrator": ["principal"],
  "remove-administrator": ["principal"],
  "propose-owner": ["principal"],
  "accept-owner": [],
} as const satisfies Record<string, readonly Kind[]>;

/** docs/spec/clarity.md's read-only functions. */
export const READ_ONLY = {
  "get-ticket": ["uint"],
  "get-tickets-by-owner": ["principal"],
  "get-tickets-by-owner-page": ["principal", "uint"],
  "get-ticket-comment": ["uint", "uint"],
  "get-ticket-count": [],
  "can-manage-ticket": ["uint", "principal"],
  "is-staff": ["principal"],
  "is-administrator": ["principal"],
  "get-key": ["principal", "uint"],
  "get-key-count": ["principal"],
} as const satisfies Record<string, readonly Kind[]>;

export type PublicName = keyof typeof PUBLIC;
export type ReadOnlyName = keyof typeof READ_ONLY;

/** The session's simnet, which the environment renews for each test. */
export function simnet(): Simnet {
  return (globalThis as unknown as { simnet: Simnet }).simnet;
}

/** Begins a session of its own inside a test, with the contract as it is or from another source. */
export async function freshSession(source?: string): Promise<void> {
  if (source === undefined) {
    await simnet().initSession(process.cwd(), "./Clarinet.toml", undefined);
    return;
  }
  await simnet().initEmptySession({ enabled: false });
  simnet().setEpoch("3.0");
  simnet().deployContract("ticket-system", source, { clarityVersion: 3 }, DEPLOYER);
}

/** Runs something over a simnet that also counts costs or lines, which makes it slower. */
export async function withTracking<T>(track: "costs" | "coverage", run: () => Promise<T>): Promise<T> {
  const holder = globalThis as unknown as { simnet: Simnet };
  const before = holder.simnet;
  const options = { trackCosts: track === "costs", trackCoverage: track === "coverage" };
  holder.simnet = await getSDK(options);
  try {
    await freshSession();
    return await run();
  } finally {
    holder.simnet = before;
  }
}

const TYPES: Record<Kind, string> = {
  uint: "uint", ascii: "(string-ascii 32)", buff: "(buff 4096)", bool: "bool", principal: "principal",
};

/** The contract between: whoever calls it, the desk is called by it. To one who is tricked it is phishing, to its owner a wallet. */
export const BETWEEN = "ST1PQHQKV0RJXZFY1DGX8MNSNYVE3VGZJSRTPGZGM.between";

/** Deploys a contract that passes every call on. */
export function deployBetween(): void {
  const buffers: Record<string, string[]> = {
    "create-ticket": ["", "", "(buff 32)"],
    "add-comment": ["", "(buff 32)"],
    "register-key": ["(buff 32)", "(buff 32)", "(buff 64)"],
  };
  const functions = Object.entries(PUBLIC).map(([name, kinds]: [string, readonly Kind[]]) => {
    const type = (kind: Kind, i: number) => buffers[name]?.[i] || TYPES[kind];
    const params = kinds.map((kind, i) => `(a${i} ${type(kind, i)})`).join(" ");
    return `(define-public (${name} ${params}) (contract-call? .ticket-system ${name} ${kinds.map((_, i) => `a${i}`).join(" ")}))`;
  });
  simnet().deployContract("between", functions.join("\n"), { clarityVersion: 3 }, DEPLOYER);
}

export const DEPLOYER = "ST1PQHQKV0RJXZFY1DGX8MNSNYVE3VGZJSRTPGZGM";
export const CONTRACT = `${DEPLOYER}.ticket-system`;
/** A principal of the other network. */
export const MAINNET_ADDRESS = "SP2J6ZY48GV1EZ5V2V5RB9MP66SW86PYKKNRV9EJ7";

export const sha256 = (hex: string): string => createHash("sha256").update(Buffer.from(hex, "hex")).digest("hex");

/** The payload with a number: any bytes do, since the contract looks into none. */
export const payload = (n: number | string): string => Buffer.from(`sealed ${n}`).toString("hex");

/** A payload with its hash, in the order of the arguments. */
export const sealed = (n: number | string): [string, string] => [sha256(payload(n)), payload(n)];

function encodeOne(kind: Kind, value: Plain): ClarityValue {
  switch (kind) {
    case "uint":
      return Cl.uint(value as number);
    case "ascii":
      return Cl.stringAscii(value as string);
    case "buff":
      return Cl.bufferFromHex(value as string);
    case "bool":
      return Cl.bool(value as boolean);
    case "principal":
      return Cl.principal(value as string);
  }
}

export function encode(name: PublicName | ReadOnlyName, args: readonly Plain[]): ClarityValue[] {
  const kinds: readonly Kind[] = { ...PUBLIC, ...READ_ONLY }[name];
  if (kinds.length !== args.length) throw new Error(`${name} takes ${kinds.length} arguments, not ${args.length}`);
  return kinds.map((kind, i) => encodeOne(kind, args[i] as Plain));
}

export function plain(value: ClarityValue): Plain {
  switch (value.type) {
    case "uint":
    case "int":
      return Number(value.value);
    case "true":
    case "false":
      return value.type === "true";
    case "none":
      return null;
    case "some":
      return plain(value.value);
    case "list":
      return value.value.map(plain);
    case "tuple":
      return Object.fromEntries(Object.entries(value.value).map(([name, field]) => [name, plain(field)]));
    case "address":
    case "contract":
    case "buffer":
    case "ascii":
    case "utf8":
      return value.value;
    default:
      throw new Error(`no plain form of ${value.type}`);
  }
}

export function outcome(value: ClarityValue): Outcome {
  if (value.type === "ok") return { ok: plain(value.value) };
  if (value.type === "err") return { err: plain(value.value) as number };
  throw new Error(`no response but ${value.type}`);
}

/** Calls a public function; in the name of a contract, by way of it and with the deployer as the one who signs. */
export function call(sender: string, name: PublicName, ...args: Plain[]): Call {
  const [contract, signer] = sender === BETWEEN ? [BETWEEN, DEPLOYER] : [CONTRACT, sender];
  const answer = simnet().callPublicFn(contract, name, encode(name, args), signer);
  const events = answer.events
    .filter((event) => event.event === "print_event")
    .map((event) => plain(event.data.value as ClarityValue));
  return { outcome: outcome(answer.result), events, costs: answer.costs?.total as Costs };
}

/** Calls a public function that must succeed, and returns its value. */
export function must(sender: string, name: PublicName, ...args: Plain[]): Plain {
  const { outcome } = call(sender, name, ...args);
  if ("err" in outcome) throw new Error(`${name}(${args.join(", ")}) of ${sender} was refused with u${outcome.err}`);
  return outcome.ok;
}

/** Calls a read-only function. */
export function read(name: ReadOnlyName, ...args: Plain[]): Plain {
  return plain(simnet().callReadOnlyFn(CONTRACT, name, encode(name, args), DEPLOYER).result);
}

/** What a read-only call costs. */
export function readCosts(name: ReadOnlyName, ...args: Plain[]): Costs {
  return simnet().callReadOnlyFn(CONTRACT, name, encode(name, args), DEPLOYER).costs?.total as Costs;
}

/** The burn block that the next call sees. */
export function now(): number {
  return plain(simnet().execute("burn-block-height").result) as number;
}

export function passBurnBlocks(n: number): void {
  if (n > 0) simnet().mineEmptyBurnBlocks(n);
}

/** A principal for a number: hash160 of nothing that anyone has a key to. */
export function person(n: number): string {
  const hash = createHash("sha256").update(`person ${n}`).digest("hex").slice(0, 40);
  const value = Cl.deserialize(`051a${hash}`);
  if (value.type !== "address") throw new Error("a standard principal has type 5");
  return value.value;
}
