// The contract and its model side by side: every call goes to both, and they must answer and print the same.

import { expect } from "vitest";
import { call, now, passBurnBlocks, read, type Outcome, type Plain, type PublicName } from "./desk.ts";
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

  /** What the model would answer, on a copy that is thrown away. */
  foresee(sender: string, name: PublicName, ...args: Plain[]): Outcome {
    const copy: Model = Object.assign(Object.create(Model.prototype) as Model, structuredClone({ ...this.model }));
    return copy.apply(sender, name, args).outcome;
  }

  pass(burnBlocks: number): void {
    passBurnBlocks(burnBlocks);
    this.model.height += burnBlocks;
  }

  /** Compares everything that can be read. */
  compare(people: readonly string[]): void {
    const check = (name: Parameters<typeof read>[0], ...args: Plain[]) =>
      expect({ name, args, is: read(name, ...args) }).toEqual({ name, args, is: this.model.read(name, args) });
    check("get-ticket-count");
    this.model.tickets.forEach((ticket, i) => {
      check("get-ticket", i + 1);
      const last = ticket["comment-count"];
      if (last > 0) check("get-ticket-comment", i + 1, last - 1);
      check("get-ticket-comment", i + 1, last);
    });
    for (const who of people) {
      check("is-staff", who);
      check("is-administrator", who);
      check("get-tickets-by-owner", who);
      const keys = this.model.keys.get(who)?.length ?? 0;
      check("get-key-count", who);
      if (keys > 0) check("get-key", who, keys);
      const tickets = this.model.tickets.length;
      if (tickets > 0) check("can-manage-ticket", tickets, who);
    }
  }
}
