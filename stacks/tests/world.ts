// The contract and its model side by side: every call goes to both, and they must answer and print the same.

import { expect } from "vitest";
import { call, now, passBurnBlocks, read, type Outcome, type Plain, type PublicName, type ReadOnlyName } from "./desk.ts";
import { Model } from "./model.ts";

export class World {
  readonly model = new Model(now());

  /** Calls both, and returns what they agree upon. */
  call(sender: string, name: PublicName, ...args: Plain[]): Outcome {
    const wanted = this.model.apply(sender, name, args);
    const { outcome, events } = call(sender, name, ...args);
    const said = `${name}(${args.join(", ").slice(0, 200)}) of ${sender}`;
    expect({ call: said, outcome, events }).toEqual({ call: said, ...wanted });
    return outcome;
  }

  must(sender: string, name: PublicName, ...args: Plain[]): Plain {
    const outcome = this.call(sender, name, ...args);
    if ("err" in outcome) throw new Error(`${name} of ${sender} was refused with u${outcome.err}`);
    return outcome.ok;
  }

  pass(burnBlocks: number): void {
    passBurnBlocks(burnBlocks);
    this.model.height += burnBlocks;
  }

  /** Compares what can be read: every ticket, its last comment, and of each person one thing after another. */
  compare(people: readonly string[]): void {
    const check = (name: ReadOnlyName, ...args: Plain[]) =>
      expect({ name, args, is: read(name, ...args) }).toEqual({ name, args, is: this.model.read(name, args) });
    const { tickets, keys } = this.model;
    check("get-ticket-count");
    tickets.forEach((ticket, i) => {
      check("get-ticket", i + 1);
      check("get-ticket-comment", i + 1, Math.max(0, ticket["comment-count"] - 1));
    });
    people.forEach((who, i) => {
      const questions: [ReadOnlyName, ...Plain[]][] = [
        ["get-tickets-by-owner", who],
        ["is-staff", who],
        ["is-administrator", who],
        ["get-key-count", who],
        ["get-key", who, keys.get(who)?.length ?? 0],
        ["can-manage-ticket", tickets.length, who],
        ["get-tickets-by-owner-page", who, 1],
      ];
      // Each read takes milliseconds, so a walk asks each person two of them; a few walks ask everyone everything.
      for (const turn of [0, 3]) check(...(questions[(i + tickets.length + turn) % questions.length] as (typeof questions)[0]));
    });
  }
}
