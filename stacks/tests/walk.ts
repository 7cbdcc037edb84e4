// Random walks over a desk: forty steps by people who mostly do what makes sense, with every number folded into range.
// The contract and the model must agree after each step.

import fc from "fast-check";
import { BETWEEN, deployBetween, DEPLOYER, freshSession, MAINNET_ADDRESS, payload, person, sealed, sha256 } from "./desk.ts";
import type { Outcome, Plain, PublicName } from "./desk.ts";
import type { Ticket } from "./model.ts";
import { World } from "./world.ts";

export const STEPS = 40;

const [ALICE, BOB, AGENT, OTHER] = [person(1), person(2), person(3), person(4)];
export const PEOPLE = [DEPLOYER, ALICE, BOB, AGENT, OTHER, BETWEEN];

/** The raw material of a step: which function, and numbers that the step folds into whatever it needs. */
type Step = { does: PublicName | "wait" | "wait for an edge"; who: number; which: number; a: number; b: number };

/** How often each is tried. */
const WEIGHTS: Record<Step["does"], number> = {
  wait: 1,
  "wait for an edge": 5,
  "create-ticket": 4,
  "add-comment": 12,
  "update-ticket-status": 20,
  "assign-ticket": 8,
  "grant-access": 1,
  "set-ticket-priority": 2,
  "close-expired-ticket": 5,
  "register-key": 3,
  "revoke-key": 2,
  "add-staff-member": 2,
  "remove-staff-member": 1,
  "add-administrator": 2,
  "remove-administrator": 2,
  "propose-owner": 1,
  "accept-owner": 1,
};

/** How a walk begins: mostly with agents and two tickets, and now and then at a limit or after a change as well. */
const STARTS = [
  "agents", "ten tickets", "eighty comments", "ten administrators", "five keys", "removed agent", "resolved a week ago",
  "closed thirty days ago",
] as const;
export type Start = (typeof STARTS)[number];

// Without the library's bias to small numbers, which would make nearly every step the first person's.
const number = fc.noBias(fc.nat({ max: 1_000_000 }));
const step = fc.record({
  does: fc.oneof(...Object.entries(WEIGHTS).map(([does, weight]) => ({ weight, arbitrary: fc.constant(does as Step["does"]) }))),
  who: number, which: number, a: number, b: number,
});
const start = fc.oneof(
  { weight: 30, arbitrary: fc.constant<Start>("agents") },
  ...STARTS.slice(1).map((name) => ({ weight: 6, arbitrary: fc.constant<Start>(name) })),
);
const steps = fc.array(step, { minLength: STEPS, maxLength: STEPS, size: "max" });

/** Walks from anywhere, or all from one beginning. */
export const walks = (from?: Start) => fc.record({ start: from === undefined ? start : fc.constant(from), steps });
export type Walk = { start: Start; steps: Step[] };

function begin(world: Walkable, start: Start): void {
  for (const agent of [AGENT, OTHER]) world.must(DEPLOYER, "add-staff-member", agent);
  for (const customer of [ALICE, BOB]) world.must(customer, "create-ticket", "other", 1, ...sealed("start"));
  world.must(DEPLOYER, "assign-ticket", 1, AGENT);
  if (start === "ten tickets")
    for (let n = 0; n < 9; n++) world.must(ALICE, "create-ticket", "other", 1, ...sealed(`start ${n}`));
  if (start === "eighty comments")
    for (let n = 0; n < 80; n++) world.must(AGENT, "add-comment", 1, ...sealed(`start ${n}`), true);
  if (start === "ten administrators")
    for (let n = 0; n < 9; n++) world.must(DEPLOYER, "add-administrator", person(100 + n));
  if (start === "five keys")
    for (let n = 0; n < 5; n++) world.must(ALICE, "register-key", key(n), key(0), key(0) + key(1));
  if (start === "removed agent") world.must(DEPLOYER, "remove-staff-member", AGENT);
  if (start === "resolved a week ago" || start === "closed thirty days ago") {
    const resolved = start === "resolved a week ago";
    world.must(DEPLOYER, "update-ticket-status", 1, resolved ? 5 : 6);
    world.pass(resolved ? 1_008 : 4_320);
  }
}

const key = (n: number): string => n.toString(16).padStart(64, "0");
const pick = <T>(list: readonly T[], n: number): T => list[n % list.length] as T;

/** Three times in four someone who may do it, so that walks get somewhere. */
function actor({ model }: Walkable, ticket: Ticket | undefined, step: Step): string {
  if (step.who % 4 === 0) return pick(PEOPLE, step.which);
  const administrators = [...model.roles.keys()].filter((each) => model.roles.get(each) === "administrator");
  const administrator = pick(administrators, step.which);
  const [customer, assignee] = [ticket?.owner ?? ALICE, ticket?.assignee ?? administrator];
  switch (step.does) {
    case "create-ticket":
    case "register-key":
    case "revoke-key":
      return pick([ALICE, ALICE, ALICE, BOB], step.who);
    case "add-comment":
      return pick([customer, assignee, customer, assignee, administrator], step.which);
    case "update-ticket-status":
      return pick([[1, 6].includes(statusOf(step)) ? customer : assignee, administrator], step.which);
    case "grant-access":
      return pick([customer, administrator], step.which);
    case "set-ticket-priority":
      return pick([assignee, administrator], step.which);
    case "accept-owner":
      return model.proposed ?? BOB;
    case "propose-owner":
      return model.owner;
    default:
      return administrator;
  }
}

const statusOf = ({ a, b }: Step): number => pick([3, 4, 5, 5, 1, 6, pick([0, 2, 7], b)], a);

/** Mostly a new payload with its hash; sometimes an old one, another's hash, or nothing. */
function envelope(a: number, b: number): [string, string] {
  if (b % 17 === 0) return sealed("start");
  if (b % 19 === 1) return [sha256("00"), payload(a)];
  if (b % 23 === 2) return [sha256(""), ""];
  return sealed(`${a} ${b}`);
}

/** Burn blocks until the ticket may be closed or may no longer be reopened, or one to either side. */
function toEdge(world: Walkable, ticket: Ticket | undefined, b: number): number {
  const from = ticket?.["closed-at"] ?? ticket?.["resolved-at"];
  if (from === null || from === undefined) return b % 3;
  const window = ticket?.["closed-at"] === null ? 1_008 : 4_320;
  return Math.max(0, from + window - world.model.height + pick([-1, 0, 1, 1], b));
}

function args(world: Walkable, id: number, step: Step): Plain[] {
  const { does, which, a, b } = step;
  const keys = world.model.keys;
  switch (does) {
    case "create-ticket":
      return [pick(["technical", "billing", "other", "technical", "other", "gossip"], a), a % 11 === 0 ? b % 6 : 2, ...envelope(a, b)];
    case "add-comment":
      return [id, ...envelope(a, b), (a >> 3) % 3 === 0];
    case "update-ticket-status":
      return [id, statusOf(step)];
    case "assign-ticket":
      return [id, pick([AGENT, OTHER, AGENT, ...PEOPLE], a)];
    case "grant-access":
      return [id, a % 5 === 0 ? "" : key(a)];
    case "set-ticket-priority":
      return [id, pick([1, 2, 3, 4, 0, 5], a)];
    case "close-expired-ticket":
      return [id];
    case "register-key":
      return [key(a % 12), b % 9 === 0 ? "00" : key(0), key(a) + key(b)];
    case "revoke-key":
      return [1 + (a % (1 + Math.max(0, ...[...keys.values()].map((list) => list.length))))];
    case "add-staff-member":
    case "add-administrator":
    case "propose-owner":
      return [pick([...PEOPLE, AGENT, MAINNET_ADDRESS], which)];
    case "remove-staff-member":
    case "remove-administrator":
      return [pick(PEOPLE, which)];
    default:
      return [];
  }
}

/** What a walk has seen: what each function answered, and the states that tickets were in. */
export type Seen = Map<string, number>;

function take(world: Walkable, step: Step, seen: Seen): void {
  const tickets = world.model.tickets;
  const id = step.which % 37 === 0 ? tickets.length + 1 : 1 + (step.which % Math.max(1, tickets.length));
  const ticket = tickets[id - 1];
  if (step.does === "wait") return world.pass(step.a % 3);
  if (step.does === "wait for an edge") return world.pass(toEdge(world, ticket, step.b));
  const who = actor(world, ticket, step);
  const outcome: Outcome = world.call(who, step.does, ...args(world, id, step));
  const note = (what: string) => seen.set(what, (seen.get(what) ?? 0) + 1);
  note("ok" in outcome ? step.does : `u${outcome.err}`);
  for (const each of tickets) note(`status ${each.status}`);
}

/** What a walk needs of a world; the model alone is one as well. */
type Walkable = Pick<World, "model" | "call" | "must" | "pass">;

export function walkThrough(world: Walkable, { start, steps }: Walk, seen: Seen): void {
  begin(world, start);
  for (const step of steps) take(world, step, seen);
}

/** Walks once; throws where contract and model part. */
export async function run(walk: Walk, seen: Seen, source?: string): Promise<void> {
  await freshSession(source);
  deployBetween();
  const world = new World();
  walkThrough(world, walk, seen);
  world.compare(PEOPLE);
}
