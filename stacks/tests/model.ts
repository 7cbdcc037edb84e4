// A naive model of the desk, written from docs/spec/clarity.md and docs/spec/desk.md and not from the contract. It is the oracle of the generated
// tests, so it says the rules as those pages do: tables, and one line for each rule, in the order in which they are judged.

import { DEPLOYER, sha256, type Outcome, type Plain, type PublicName, type ReadOnlyName } from "./desk.ts";

const [OPEN, ASSIGNED, IN_PROGRESS, PENDING_CUSTOMER, RESOLVED, CLOSED] = [1, 2, 3, 4, 5, 6];

type Capacity = "customer" | "assignee" | "administrator";

/** "Life of a ticket" as far as it is set by name: where from, where to, and who may. */
const LIFE: { to: number; from: number[]; who: Capacity[] }[] = [
  { to: OPEN, from: [RESOLVED, CLOSED], who: ["customer", "administrator"] },
  { to: IN_PROGRESS, from: [ASSIGNED, PENDING_CUSTOMER], who: ["assignee", "administrator"] },
  { to: PENDING_CUSTOMER, from: [IN_PROGRESS], who: ["assignee", "administrator"] },
  { to: RESOLVED, from: [ASSIGNED, IN_PROGRESS, PENDING_CUSTOMER], who: ["assignee", "administrator"] },
  { to: CLOSED, from: [OPEN, ASSIGNED, IN_PROGRESS, PENDING_CUSTOMER, RESOLVED], who: ["customer", "administrator"] },
];
const CATEGORIES = ["billing", "technical", "account", "provider", "deployment", "security", "other"];
const DAY = 144;

export type Ticket = {
  owner: string;
  assignee: string | null;
  category: string;
  priority: number;
  status: number;
  "payload-hash": string;
  "comment-count": number;
  "created-at": number;
  "updated-at": number;
  "resolved-at": number | null;
  "closed-at": number | null;
};
type Comment = { author: string; "is-staff": boolean; internal: boolean; "payload-hash": string; "created-at": number };
type Key = {
  "public-key": string;
  "signing-key": string;
  proof: string;
  "registered-at": number;
  "revoked-at": number | null;
};

class Refused extends Error {
  readonly code: number;
  constructor(code: number) {
    super(`u${code}`);
    this.code = code;
  }
}

function refuseUnless(condition: boolean, code: number): void {
  if (!condition) throw new Refused(code);
}

export class Model {
  height: number;
  owner = DEPLOYER;
  proposed: string | null = null;
  roles = new Map<string, "staff" | "administrator">([[DEPLOYER, "administrator"]]);
  tickets: Ticket[] = [];
  comments: Comment[][] = [];
  seen = new Set<string>();
  keys = new Map<string, Key[]>();
  private printed: Plain[] = [];

  constructor(height: number) {
    this.height = height;
  }

  /** What the contract must answer, and what it must print. A refusal changes nothing. */
  apply(sender: string, name: PublicName, args: readonly Plain[]): { outcome: Outcome; events: Plain[] } {
    this.printed = [];
    try {
      const run = this[name] as (sender: string, ...args: Plain[]) => Plain;
      const ok = run.call(this, sender, ...args);
      return { outcome: { ok }, events: this.printed };
    } catch (refusal) {
      if (!(refusal instanceof Refused)) throw refusal;
      return { outcome: { err: refusal.code }, events: [] };
    }
  }

  private print(event: string, fields: { [name: string]: Plain }): void {
    this.printed.push({ event, v: 1, ...fields, at: this.height });
  }

  private ticket(id: number): Ticket {
    const ticket = this.tickets[id - 1];
    if (!ticket) throw new Refused(101);
    return ticket;
  }

  /** What someone is to a ticket. An assignee who has lost the role is nothing. */
  private capacities(who: string, ticket: Ticket): Capacity[] {
    const is: Capacity[] = [];
    if (ticket.owner === who) is.push("customer");
    if (ticket.assignee === who && this.roles.has(who)) is.push("assignee");
    if (this.roles.get(who) === "administrator") is.push("administrator");
    return is;
  }

  private permit(who: string, ticket: Ticket, allowed: Capacity[]): void {
    refuseUnless(this.capacities(who, ticket).some((capacity) => allowed.includes(capacity)), 100);
  }

  private openTicketsOf(who: string): number {
    return this.tickets.filter((ticket) => ticket.owner === who && ticket.status !== CLOSED).length;
  }

  private checkPayload(hash: string, payload: string): void {
    refuseUnless(payload !== "", 103);
    refuseUnless(sha256(payload) === hash, 104);
  }

  private checkNew(sender: string, hash: string): string {
    refuseUnless(!this.seen.has(`${sender}/${hash}`), 114);
    return `${sender}/${hash}`;
  }

  private setStatus(by: string, id: number, ticket: Ticket, to: number): void {
    this.print("ticket-status-changed", { "ticket-id": id, from: ticket.status, to, by });
    ticket.status = to;
    ticket["updated-at"] = this.height;
  }

  private administrators(): string[] {
    return [...this.roles.keys()].filter((who) => this.roles.get(who) === "administrator");
  }

  private person(event: string, by: string, address: string): true {
    this.print(event, { address, by });
    return true;
  }

  "create-ticket"(sender: string, category: string, priority: number, hash: string, payload: string): number {
    refuseUnless(CATEGORIES.includes(category) && priority >= 1 && priority <= 4, 103);
    this.checkPayload(hash, payload);
    refuseUnless(!this.roles.has(sender), 100);
    const seen = this.checkNew(sender, hash);
    refuseUnless(this.openTicketsOf(sender) < 10, 107);
    this.seen.add(seen);
    const at = this.height;
    const id = this.tickets.push({
      owner: sender, assignee: null, category, priority, status: OPEN, "payload-hash": hash, "comment-count": 0,
      "created-at": at, "updated-at": at, "resolved-at": null, "closed-at": null,
    });
    this.comments.push([]);
    this.print("ticket-created", { "ticket-id": id, owner: sender, category, priority, "payload-hash": hash, payload });
    return id;
  }

  "add-comment"(sender: string, id: number, hash: string, payload: string, internal: boolean): number {
    this.checkPayload(hash, payload);
    const ticket = this.ticket(id);
    const byCustomer = ticket.owner === sender;
    if (byCustomer) refuseUnless(!internal, 100);
    else this.permit(sender, ticket, ["assignee", "administrator"]);
    refuseUnless(ticket.status !== CLOSED, 108);
    // On a resolved ticket the customer responds, and staff write notes only.
    refuseUnless(ticket.status !== RESOLVED || byCustomer || internal, 109);
    const seen = this.checkNew(sender, hash);
    refuseUnless(ticket["comment-count"] < (byCustomer ? 80 : 100), 105);
    this.seen.add(seen);
    const index = ticket["comment-count"]++;
    ticket["updated-at"] = this.height;
    const author = { author: sender, "is-staff": !byCustomer, internal, "payload-hash": hash };
    this.comments[id - 1]?.push({ ...author, "created-at": this.height });
    this.print("ticket-commented", { "ticket-id": id, index, ...author, payload });
    this.moveAfterComment(sender, id, ticket, byCustomer, internal);
    return index;
  }

  private moveAfterComment(by: string, id: number, ticket: Ticket, byCustomer: boolean, internal: boolean): void {
    if (internal) return;
    if (!byCustomer && ticket.status === ASSIGNED) this.setStatus(by, id, ticket, IN_PROGRESS);
    else if (byCustomer && ticket.status === PENDING_CUSTOMER) this.setStatus(by, id, ticket, IN_PROGRESS);
    else if (byCustomer && ticket.status === RESOLVED) {
      this.setStatus(by, id, ticket, ticket.assignee === null ? OPEN : IN_PROGRESS);
      ticket["resolved-at"] = null;
    }
  }

  "update-ticket-status"(sender: string, id: number, to: number): true {
    const row = LIFE.find((row) => row.to === to);
    if (!row) throw new Refused(102);
    const ticket = this.ticket(id);
    this.permit(sender, ticket, row.who);
    refuseUnless(ticket.status !== CLOSED || row.from.includes(CLOSED), 108);
    refuseUnless(row.from.includes(ticket.status), 109);
    if (ticket["closed-at"] !== null) {
      refuseUnless(this.height <= ticket["closed-at"] + 30 * DAY, 110);
      refuseUnless(this.openTicketsOf(ticket.owner) < 10, 107);
    }
    this.setStatus(sender, id, ticket, to);
    if (to === RESOLVED) ticket["resolved-at"] = this.height;
    if (to === CLOSED) ticket["closed-at"] = this.height;
    if (to === OPEN) Object.assign(ticket, { assignee: null, "resolved-at": null, "closed-at": null });
    return true;
  }

  "assign-ticket"(sender: string, id: number, agent: string): true {
    const ticket = this.ticket(id);
    this.permit(sender, ticket, ["administrator"]);
    refuseUnless(ticket.status !== CLOSED, 108);
    refuseUnless(ticket.status !== RESOLVED, 109);
    refuseUnless(this.roles.has(agent), 111);
    refuseUnless(agent !== ticket.owner && agent !== ticket.assignee, 103);
    Object.assign(ticket, { assignee: agent, status: ASSIGNED, "updated-at": this.height });
    this.print("ticket-assigned", { "ticket-id": id, assignee: agent, by: sender });
    return true;
  }

  "grant-access"(sender: string, id: number, grants: string): true {
    refuseUnless(grants !== "", 103);
    this.permit(sender, this.ticket(id), ["customer", "administrator"]);
    this.print("access-granted", { "ticket-id": id, by: sender, grants });
    return true;
  }

  "set-ticket-priority"(sender: string, id: number, priority: number): true {
    refuseUnless(priority >= 1 && priority <= 4, 103);
    const ticket = this.ticket(id);
    this.permit(sender, ticket, ["assignee", "administrator"]);
    refuseUnless(ticket.status !== CLOSED, 108);
    this.print("ticket-priority-changed", { "ticket-id": id, from: ticket.priority, to: priority, by: sender });
    Object.assign(ticket, { priority, "updated-at": this.height });
    return true;
  }

  "close-expired-ticket"(sender: string, id: number): true {
    const ticket = this.ticket(id);
    refuseUnless(ticket.status !== CLOSED, 108);
    refuseUnless(ticket.status === RESOLVED, 109);
    refuseUnless(this.height > (ticket["resolved-at"] ?? 0) + 7 * DAY, 112);
    this.setStatus(sender, id, ticket, CLOSED);
    ticket["closed-at"] = this.height;
    return true;
  }

  "register-key"(sender: string, publicKey: string, signingKey: string, proof: string): number {
    refuseUnless(publicKey.length === 64 && signingKey.length === 64 && proof.length === 128, 103);
    const keys = this.keys.get(sender) ?? [];
    refuseUnless(!keys.some((key) => key["public-key"] === publicKey), 103);
    refuseUnless(keys.length < 64 && keys.filter((key) => key["revoked-at"] === null).length < 5, 115);
    const version = keys.length + 1;
    const key = { "public-key": publicKey, "signing-key": signingKey, proof };
    this.keys.set(sender, [...keys, { ...key, "registered-at": this.height, "revoked-at": null }]);
    this.print("key-registered", { address: sender, version, ...key });
    return version;
  }

  "revoke-key"(sender: string, version: number): true {
    const key = this.keys.get(sender)?.[version - 1];
    if (!key || key["revoked-at"] !== null) throw new Refused(113);
    key["revoked-at"] = this.height;
    this.print("key-revoked", { address: sender, version });
    return true;
  }

  "add-staff-member"(sender: string, address: string): true {
    refuseUnless(address.startsWith("ST"), 103);
    refuseUnless(this.roles.get(sender) === "administrator", 100);
    refuseUnless(!this.roles.has(address), 103);
    this.roles.set(address, "staff");
    return this.person("staff-member-added", sender, address);
  }

  "remove-staff-member"(sender: string, address: string): true {
    refuseUnless(this.roles.get(sender) === "administrator", 100);
    refuseUnless(this.roles.get(address) === "staff", 111);
    this.roles.delete(address);
    return this.person("staff-member-removed", sender, address);
  }

  "add-administrator"(sender: string, address: string): true {
    refuseUnless(address.startsWith("ST"), 103);
    refuseUnless(this.roles.get(sender) === "administrator" || sender === this.owner, 100);
    refuseUnless(this.roles.get(address) !== "administrator", 103);
    refuseUnless(this.administrators().length < 10, 116);
    this.roles.set(address, "administrator");
    return this.person("administrator-added", sender, address);
  }

  "remove-administrator"(sender: string, address: string): true {
    refuseUnless(this.roles.get(sender) === "administrator", 100);
    refuseUnless(this.roles.get(address) === "administrator", 103);
    refuseUnless(this.administrators().length > 1, 106);
    this.roles.delete(address);
    return this.person("administrator-removed", sender, address);
  }

  "propose-owner"(sender: string, address: string): true {
    refuseUnless(address.startsWith("ST"), 103);
    refuseUnless(sender === this.owner, 100);
    this.proposed = address;
    return this.person("owner-proposed", sender, address);
  }

  "accept-owner"(sender: string): true {
    refuseUnless(sender === this.proposed, 100);
    this.owner = sender;
    this.proposed = null;
    return this.person("owner-changed", sender, sender);
  }

  /** What a read-only function must answer. */
  read(name: ReadOnlyName, args: readonly Plain[]): Plain {
    const [first, second] = args as [never, never];
    const owned = (who: string) => this.tickets.flatMap((ticket, i) => (ticket.owner === who ? [i + 1] : []));
    const page = (who: string, offset: number) => ({
      total: owned(who).length,
      ids: owned(who).slice(offset, offset + 20),
    });
    const ticket = this.tickets[(first as number) - 1];
    switch (name) {
      case "get-ticket":
        return ticket ?? null;
      case "get-tickets-by-owner":
        return page(first, 0);
      case "get-tickets-by-owner-page":
        return page(first, second);
      case "get-ticket-comment":
        return this.comments[(first as number) - 1]?.[second] ?? null;
      case "get-ticket-count":
        return this.tickets.length;
      case "can-manage-ticket":
        return ticket !== undefined && this.capacities(second, ticket).length > 0;
      case "is-staff":
        return this.roles.get(first) === "staff";
      case "is-administrator":
        return this.roles.get(first) === "administrator";
      case "get-key":
        return this.keys.get(first)?.[(second as number) - 1] ?? null;
      case "get-key-count":
        return this.keys.get(first)?.length ?? 0;
    }
  }
}
