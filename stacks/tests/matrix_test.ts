// Every public function, by everyone, in every state of a ticket: generated, judged by the model, and kept as a table that a
// person can read. `BLESS=1 npx vitest run tests/matrix_test.ts` writes the table anew.

import { beforeAll, describe, expect, test } from "vitest";
import {
  BETWEEN, DEPLOYER, deployBetween, freshSession, person, sealed, type Outcome, type Plain, type PublicName } from "./desk.ts";
import { golden } from "./golden.ts";
import { World } from "./world.ts";

const STATES = [
  "no ticket", "open", "assigned", "in progress", "pending customer", "resolved", "resolved, expired",
  "closed", "closed, window passed",
] as const;
type State = (typeof STATES)[number];

const ACTORS = [
  "stranger", "customer", "customer now staff", "customer now administrator", "assignee", "former assignee",
  "other staff", "administrator", "contract owner alone", "phishing contract",
] as const;
type Actor = (typeof ACTORS)[number];

let serial = 0;
const fresh = (): string => person(1_000 + serial++);

/** The people of one scene; `ticket` is 999 where there is none. */
class Scene {
  readonly administrator = DEPLOYER;
  readonly staff = fresh();
  customer = "";
  assignee = "";
  ticket = 999;
  private readonly world: World;

  constructor(world: World) {
    this.world = world;
    world.must(DEPLOYER, "add-staff-member", this.staff);
  }

  /** A new ticket in a state, with a customer and an assignee of its own. */
  prepare(state: State, actor: Actor): void {
    const { world } = this;
    this.ticket = 999;
    this.customer = fresh();
    this.assignee = fresh();
    world.must(DEPLOYER, "add-staff-member", this.assignee);
    if (state !== "no ticket") {
      this.ticket = world.must(this.customer, "create-ticket", "technical", 2, ...sealed(serial++)) as number;
      this.lead(state);
    }
    if (actor === "customer now staff") world.must(DEPLOYER, "add-staff-member", this.customer);
    if (actor === "customer now administrator") world.must(DEPLOYER, "add-administrator", this.customer);
    if (actor === "former assignee") world.must(DEPLOYER, "remove-staff-member", this.assignee);
  }

  private lead(state: State): void {
    const { world, ticket } = this;
    if (state === "open") return;
    if (state.startsWith("closed")) {
      world.must(this.customer, "update-ticket-status", ticket, 6);
      if (state !== "closed") world.pass(4_321);
      return;
    }
    world.must(DEPLOYER, "assign-ticket", ticket, this.assignee);
    if (state === "assigned") return;
    const ways: { [state in State]?: number[] } = { "in progress": [3], "pending customer": [3, 4] };
    for (const to of ways[state] ?? [5]) world.must(this.assignee, "update-ticket-status", ticket, to);
    if (state === "resolved, expired") world.pass(1_009);
  }

  /** Undoes what the next scene would stumble over: there is room for ten administrators. */
  leave(actor: Actor): void {
    if (actor === "customer now administrator") this.world.must(DEPLOYER, "remove-administrator", this.customer);
  }

  principal(actor: Actor): string {
    switch (actor) {
      case "stranger":
        return person(1);
      case "customer":
      case "customer now staff":
      case "customer now administrator":
        return this.customer;
      case "assignee":
      case "former assignee":
        return this.assignee;
      case "other staff":
        return this.staff;
      case "administrator":
        return DEPLOYER;
      case "contract owner alone":
        return OWNER;
      case "phishing contract":
        return BETWEEN;
    }
  }
}

const OWNER = person(2);
const SPARE = person(3);
const key = (n: number): string => n.toString(16).padStart(64, "0");

/** The calls of a row, by name; arguments are made when the call is. */
const ROWS: Record<string, [PublicName, (scene: Scene) => Plain[]]> = {
  "create-ticket": ["create-ticket", () => ["other", 4, ...sealed(serial++)]],
  "add-comment": ["add-comment", (s) => [s.ticket, ...sealed(serial++), false]],
  "add-comment, internal": ["add-comment", (s) => [s.ticket, ...sealed(serial++), true]],
  "update-ticket-status 0": ["update-ticket-status", (s) => [s.ticket, 0]],
  "update-ticket-status 1": ["update-ticket-status", (s) => [s.ticket, 1]],
  "update-ticket-status 2": ["update-ticket-status", (s) => [s.ticket, 2]],
  "update-ticket-status 3": ["update-ticket-status", (s) => [s.ticket, 3]],
  "update-ticket-status 4": ["update-ticket-status", (s) => [s.ticket, 4]],
  "update-ticket-status 5": ["update-ticket-status", (s) => [s.ticket, 5]],
  "update-ticket-status 6": ["update-ticket-status", (s) => [s.ticket, 6]],
  "update-ticket-status 7": ["update-ticket-status", (s) => [s.ticket, 7]],
  "assign-ticket, to staff": ["assign-ticket", (s) => [s.ticket, s.staff]],
  "assign-ticket, to an administrator": ["assign-ticket", (s) => [s.ticket, DEPLOYER]],
  "assign-ticket, to the present assignee": ["assign-ticket", (s) => [s.ticket, s.assignee]],
  "assign-ticket, to the customer": ["assign-ticket", (s) => [s.ticket, s.customer]],
  "assign-ticket, to nobody": ["assign-ticket", (s) => [s.ticket, person(4)]],
  "grant-access": ["grant-access", (s) => [s.ticket, "0a01"]],
  "set-ticket-priority": ["set-ticket-priority", (s) => [s.ticket, 4]],
  "close-expired-ticket": ["close-expired-ticket", (s) => [s.ticket]],
  "register-key": ["register-key", () => [key(serial++), key(1), key(2) + key(3)]],
  "revoke-key": ["revoke-key", () => [1]],
  "add-staff-member": ["add-staff-member", () => [fresh()]],
  "add-staff-member, who is one": ["add-staff-member", (s) => [s.staff]],
  "remove-staff-member": ["remove-staff-member", () => [SPARE]],
  "remove-staff-member, who is none": ["remove-staff-member", () => [person(4)]],
  "add-administrator": ["add-administrator", () => [SPARE]],
  "remove-administrator": ["remove-administrator", () => [SPARE]],
  "propose-owner": ["propose-owner", () => [person(5)]],
  "accept-owner": ["accept-owner", () => []],
};

const show = (outcome: Outcome): string => ("ok" in outcome ? "ok" : `u${outcome.err}`);

/** The spare person is a staff member, except where a row removes an administrator. */
function setSpare(world: World, role: "staff" | "administrator"): void {
  const is = world.model.roles.get(SPARE);
  if (is === role) return;
  if (is === "administrator") world.must(DEPLOYER, "remove-administrator", SPARE);
  world.must(DEPLOYER, role === "staff" ? "add-staff-member" : "add-administrator", SPARE);
}

async function table(state: State): Promise<string[]> {
  await freshSession();
  deployBetween();
  const world = new World();
  world.must(DEPLOYER, "propose-owner", OWNER);
  world.must(OWNER, "accept-owner");
  const columns: string[][] = [];
  for (const actor of ACTORS) {
    const scene = new Scene(world);
    scene.prepare(state, actor);
    const column: string[] = [];
    for (const [name, makeArgs] of Object.values(ROWS)) {
      setSpare(world, name === "remove-administrator" ? "administrator" : "staff");
      const args = makeArgs(scene);
      const outcome = world.call(scene.principal(actor), name, ...args);
      column.push(show(outcome));
      if (!("ok" in outcome) || args[0] !== scene.ticket || name === "grant-access") continue;
      // The ticket has moved on, so the next row gets another.
      scene.leave(actor);
      scene.prepare(state, actor);
    }
    setSpare(world, "staff");
    scene.leave(actor);
    columns.push(column);
  }
  world.compare([DEPLOYER, OWNER, SPARE]);
  return Object.keys(ROWS).map((row, i) => `| ${state} | ${row} | ${columns.map((c) => c[i]).join(" | ")} |`);
}

describe("every function by everyone in every state", () => {
  const lines: string[] = [];

  beforeAll(() => {
    serial = 0;
  });

  test.each(STATES)("a ticket that is: %s", async (state) => {
    lines.push(...(await table(state)));
  });

  test("the table is the one that was read and agreed upon", () => {
    const heading = [
      `| state | function | ${ACTORS.join(" | ")} |`,
      `|${"---|".repeat(ACTORS.length + 2)}`,
    ];
    expect(lines).toHaveLength(STATES.length * Object.keys(ROWS).length);
    golden("tests/golden/permissions.md", [...heading, ...lines, ""].join("\n"));
  });
});
