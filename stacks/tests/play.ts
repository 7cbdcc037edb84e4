// Plays the scenarios of vectors/lifecycle through the contract. README.md beside them describes their format.

import { readdirSync, readFileSync } from "node:fs";
import { expect } from "vitest";
import { call, DEPLOYER, must, now, passBurnBlocks, person, read, sealed, type Plain, type PublicName } from "./desk.ts";

const FOLDER = "../vectors/lifecycle";
export const BURN_BLOCK_SECONDS = 600;
const STATUSES = ["open", "assigned", "in_progress", "pending_customer", "resolved", "closed"];
const PRIORITIES = ["low", "normal", "high", "urgent"];
export const ROLES = ["administrator", "staff", "customer"];

type Ticket = {
  status?: string;
  assignee?: string | null;
  priority?: string;
  comments?: number;
  created_at?: number;
  resolved_at?: number | null;
  closed_at?: number | null;
};
type Refused = { native: { codespace: string; code: number } | null; clarity: number };
type Step = {
  at: number;
  by: string;
  do: string;
  ticket?: string;
  to?: string;
  who?: string;
  status?: string;
  category?: string;
  priority?: string;
  repeat?: number;
  expect: { ok: Ticket } | { refused: Refused };
};
export type Scenario = { name: string; why: string; people: Record<string, string>; steps: Step[] };

export const files = readdirSync(FOLDER).filter((name) => name.endsWith(".json"));
export const scenarios = files.map((name) => JSON.parse(readFileSync(`${FOLDER}/${name}`, "utf8")) as Scenario);

/** One scenario under way. */
class Play {
  private readonly start = now();
  private readonly people: Map<string, string>;
  private readonly tickets = new Map<string, number>();
  private payloads = 0;

  constructor({ people }: Scenario) {
    this.people = new Map(Object.keys(people).map((name, i) => [name, person(i + 1)]));
    const administrators = Object.keys(people).filter((name) => people[name] === "administrator");
    for (const name of administrators) must(DEPLOYER, "add-administrator", this.principal(name));
    const first = this.principal(administrators[0] as string);
    must(first, "remove-administrator", DEPLOYER);
    for (const name of Object.keys(people)) if (people[name] === "staff") must(first, "add-staff-member", this.principal(name));
  }

  take(step: Step): void {
    passBurnBlocks(this.start + step.at / BURN_BLOCK_SECONDS - now());
    for (let n = 0; n < (step.repeat ?? 1); n++) {
      const { outcome } = call(this.principal(step.by), ...this.translate(step));
      if ("refused" in step.expect) {
        expect(outcome).toEqual({ err: step.expect.refused.clarity });
        return;
      }
      expect(outcome).toHaveProperty("ok");
      if (step.do === "create" && "ok" in outcome) this.tickets.set(step.ticket as string, outcome.ok as number);
    }
    if ("ok" in step.expect && step.ticket !== undefined) this.compare(step.ticket, step.expect.ok);
  }

  private principal(name: string): string {
    const found = this.people.get(name);
    if (found === undefined) throw new Error(`${name} is not among the scenario's people`);
    return found;
  }

  private translate(step: Step): [PublicName, ...Plain[]] {
    const id = this.tickets.get(step.ticket ?? "") ?? 999_999;
    const status = (name: string) => STATUSES.indexOf(name) + 1;
    const priority = PRIORITIES.indexOf(step.priority ?? "") + 1;
    const payload = () => sealed(`lifecycle ${++this.payloads}`);
    switch (step.do) {
      case "create":
        return ["create-ticket", step.category as string, priority, ...payload()];
      case "comment":
        return ["add-comment", id, ...payload(), false];
      case "note":
        return ["add-comment", id, ...payload(), true];
      case "assign":
        return ["assign-ticket", id, this.principal(step.to as string)];
      case "status":
        return ["update-ticket-status", id, status(step.status as string)];
      case "resolve":
        return ["update-ticket-status", id, status("resolved")];
      case "close":
        return ["update-ticket-status", id, status("closed")];
      case "reopen":
        return ["update-ticket-status", id, status("open")];
      case "priority":
        return ["set-ticket-priority", id, priority];
      case "expire":
        return ["close-expired-ticket", id];
      case "add-staff":
        return ["add-staff-member", this.principal(step.who as string)];
      case "remove-staff":
        return ["remove-staff-member", this.principal(step.who as string)];
      case "add-administrator":
      case "remove-administrator":
        return [step.do, this.principal(step.who as string)];
      default:
        throw new Error(`no action is called ${step.do}`);
    }
  }

  private compare(name: string, wanted: Ticket): void {
    const ticket = read("get-ticket", this.tickets.get(name) as number) as Record<string, Plain>;
    const names = new Map([...this.people].map(([name, principal]) => [principal, name]));
    const seconds = (height: Plain) => (height === null ? null : ((height as number) - this.start) * BURN_BLOCK_SECONDS);
    const found: Required<Ticket> = {
      status: STATUSES[(ticket.status as number) - 1] as string,
      assignee: names.get(ticket.assignee as string) ?? null,
      priority: PRIORITIES[(ticket.priority as number) - 1] as string,
      comments: ticket["comment-count"] as number,
      created_at: seconds(ticket["created-at"] as Plain) as number,
      resolved_at: seconds(ticket["resolved-at"] as Plain),
      closed_at: seconds(ticket["closed-at"] as Plain),
    };
    expect(found).toMatchObject(wanted);
  }
}

/** Plays a scenario from its beginning to its end; throws with the step that did not go as expected. */
export function playAll(scenario: Scenario): void {
  const play = new Play(scenario);
  scenario.steps.forEach((step, i) => {
    try {
      play.take(step);
    } catch (error) {
      throw new Error(`step ${i} of ${scenario.name}, ${JSON.stringify(step)}`, { cause: error });
    }
  });
}
