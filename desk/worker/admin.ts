// What administrators do about people, keys, limits and promises. What is said to be done is looked up afterwards, by proof.
import { Desk } from "sealdesk";
import type {
  AccountKey,
  Circle,
  Holding,
  LetIn,
  Limits,
  Note,
  PassedOn,
  Ratings,
  RenewedGrants,
  ServiceReport,
  StaffMember,
  Standing,
  Voted,
} from "sealdesk/views";

import type { Told } from "./api.ts";
import { doneBefore } from "./caller.ts";
import type { PeopleApi } from "./people.ts";
import type { Session } from "./session.ts";
import { WorkerError } from "./workerError.ts";

export type StaffRole = "support_agent" | "administrator";

/** How far a long act has come: which step, and of it how many of how many. */
export interface HowFar {
  step: "appoint" | "name" | "open" | "documents" | "check" | "revoke" | "pass_on" | "renew";
  done: number;
  total: number;
}

/** Who is taken onto the staff, and what the team calls them; null leaves the desk book alone. */
export interface Newcomer {
  name: string | null;
  address: string;
  role: StaffRole;
}

/** What came of taking somebody onto the staff: what is proven at the end. */
export interface Added {
  vote: Voted | null;
  letIn: LetIn | null;
  standing: Standing;
  /** The staff's documents that they cannot read. */
  without: string[];
  notes: Note[];
}

/** Who leaves the staff, who gets their tickets, and which of those stay whom they appointed or let in: nobody else is signed for anew. */
export interface Leaving {
  address: string;
  role: StaffRole;
  to: string | null;
  keep: readonly string[];
}

/** What came of taking somebody off the staff. */
export interface Removed {
  vote: Voted | null;
  /** Keys that are out of use now. */
  keys: number;
  /** Agents whom they had appointed, and whom this person appointed again. */
  appointed: string[];
  /** Agents whom they had appointed, and whom nobody appointed again. */
  notAppointed: string[];
  renewed: RenewedGrants | null;
  passedOn: PassedOn | null;
  /** What is so at the end. */
  standing: Standing;
  still: Holding;
  failures: string[];
  notes: Note[];
}

export interface AdminApi {
  roster(): Promise<StaffMember[]>;
  standing(address: string): Promise<Standing>;
  held(address: string): Promise<Holding>;
  /** Appoints, names, opens and seals; what is done already is left alone, so that it can be repeated. */
  addStaff(person: Newcomer): Promise<Added>;
  /** Opens and seals for somebody who has the role by signatures that count, and else does nothing: it never appoints, and names nobody. */
  letInStaff(person: Omit<Newcomer, "name">): Promise<Added>;
  /** Takes the role, then the keys, signs appointments and grants of theirs anew for whoever is kept, and passes their tickets on. */
  removeStaff(person: Leaving): Promise<Removed>;
  /** Lets those in again whom no grant that counts lets in by now: of these accounts alone. */
  renewGrants(keep: readonly string[]): Promise<RenewedGrants>;
  reassign(from: string, to: string): Promise<PassedOn>;
  setAccountState(address: string, state: string, reason: string): Promise<Told>;
  /** How far the long act is that is going on; null where none is. */
  howFar(): Promise<HowFar | null>;
  circle(): Promise<Circle>;
  voteOn(address: string, removes: boolean): Promise<Voted & { notes: Note[] }>;
  accountKeys(address: string): Promise<AccountKey[]>;
  revokeKey(owner: string, key: string): Promise<Told>;
  /** Publishes one's own key, so that something can be sealed for whoever has written nothing yet. */
  registerKey(): Promise<Told>;
  limits(): Promise<Limits>;
  limitsFault(limits: Limits): Promise<string | null>;
  setLimits(limits: Limits): Promise<Told>;
  ratings(): Promise<Ratings>;
  serviceLevels(ticket: string): Promise<ServiceReport>;
}

export function admin(session: Session, people: Pick<PeopleApi, "nameInDeskBook">): AdminApi {
  let at: HowFar | null = null;
  const step = (name: HowFar["step"], done = 0, total = 0) => {
    at = { step: name, done, total };
  };
  const counting = (name: HowFar["step"]) => (done: number, total: number) => step(name, done, total);
  const long = async <T>(work: () => Promise<T>): Promise<T> => {
    if (at !== null) throw new WorkerError("still_going", "something of the kind goes on already: wait until it is done");
    step("check");
    try {
      return await work();
    } finally {
      at = null;
    }
  };
  const told = <D extends object>(done: D): D & { notes: Note[] } => ({ ...done, notes: session.takeNotes() });
  const signed = <T>(work: () => Promise<T>): Promise<T> => session.signing(work);
  const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

  async function hasRole(address: string, role: StaffRole): Promise<boolean> {
    const standing = await session.desk.standing(address);
    return role === "administrator" ? standing.in_circle : standing.in_circle || standing.counts;
  }

  async function appoint(address: string, role: StaffRole): Promise<Voted | null> {
    if (await hasRole(address, role)) return null;
    return signed(() => session.desk.assignRole(session.me, address, role));
  }

  async function open(address: string, role: StaffRole): Promise<LetIn | null> {
    const { active_keys } = await session.desk.standing(address);
    if (active_keys === 0) return null;
    step("open");
    const letIn = await signed(() => session.desk.letIn(session.me, address, role, counting("open")));
    step("documents");
    if ((await session.desk.staffDocumentsWithout(address)).length > 0) {
      await signed(() => session.desk.renewDocuments(session.me));
    }
    return letIn;
  }

  async function add({ name, address, role }: Newcomer): Promise<Added> {
    const fault = name === null ? undefined : Desk.nameFault(name);
    if (fault !== undefined) throw new Error(fault);
    step("appoint");
    const vote = await appoint(address, role);
    const notes: Note[] = session.takeNotes();
    let letIn: LetIn | null = null;
    if (vote?.vote_applied !== false) {
      step("name");
      if (name !== null) notes.push(...((await people.nameInDeskBook(address, name))?.notes ?? []));
      letIn = await open(address, role);
    }
    return checked(address, { vote, letIn, notes });
  }

  async function checked(address: string, { notes, ...done }: Pick<Added, "vote" | "letIn" | "notes">): Promise<Added> {
    step("check");
    const standing = await session.desk.standing(address);
    const without = await session.desk.staffDocumentsWithout(address);
    return { ...done, standing, without, notes: [...notes, ...session.takeNotes()] };
  }

  async function letInOnly(address: string, role: StaffRole): Promise<Added> {
    step("open");
    const letIn = (await hasRole(address, role)) ? await open(address, role) : null;
    return checked(address, { vote: null, letIn, notes: [] });
  }

  async function remove({ address, role, to, keep }: Leaving): Promise<Removed> {
    const before = await session.desk.held(address);
    const had = await session.desk.standing(address);
    const failures: string[] = [];
    const tried = async <T>(name: HowFar["step"], work: () => Promise<T>): Promise<T | null> => {
      step(name);
      try {
        return await signed(work);
      } catch (error) {
        failures.push(wordsOf(error));
        return null;
      }
    };
    const isStaff = had.in_circle || had.role === "support_agent";
    step("revoke");
    const vote = isStaff ? await signed(() => session.desk.revokeRole(session.me, address, role)) : null;
    let keys = 0;
    const appointed: string[] = [];
    let renewed: RenewedGrants | null = null;
    let passedOn: PassedOn | null = null;
    if (vote?.vote_applied !== false) {
      for (const key of await session.desk.keys(session.me, address)) {
        if (key.revoked_at !== null) continue;
        // What is the node's word alone is not counted: what is left shows in what is looked up at the end.
        const revoked = await tried("revoke", () => session.desk.revokeKey(session.me, address, key.fingerprint));
        if (revoked?.proven) keys++;
      }
      for (const agent of before.appointed.filter((agent) => keep.includes(agent))) {
        const again = await tried("renew", () => session.desk.assignRole(session.me, agent, "support_agent"));
        if (again?.proven) appointed.push(agent);
      }
      renewed = await tried("renew", () => session.desk.renewGrants(session.me, [...keep]));
      if (to !== null) passedOn = await tried("pass_on", () => session.desk.reassign(session.me, address, to, counting("pass_on")));
    }
    step("check");
    const [standing, still] = [await session.desk.standing(address), await session.desk.held(address)];
    const notAppointed = vote?.vote_applied === false ? [] : before.appointed.filter((agent) => !keep.includes(agent));
    return told({ vote, keys, appointed, notAppointed, renewed, passedOn, standing, still, failures });
  }

  return {
    roster: () => session.desk.roster(),
    standing: (address) => session.desk.standing(address),
    held: (address) => session.desk.held(address),
    addStaff: (person) => long(() => add(person)),
    letInStaff: ({ address, role }) => long(() => letInOnly(address, role)),
    removeStaff: (person) => long(() => remove(person)),
    renewGrants: (keep) => long(() => signed(() => session.desk.renewGrants(session.me, [...keep]))),
    reassign: (from, to) => long(() => signed(() => session.desk.reassign(session.me, from, to, counting("pass_on")))),
    setAccountState: (address, state, reason) =>
      signed(async () => told(await session.desk.setAccountState(session.me, address, state, reason))),
    howFar: async () => at,
    circle: () => session.desk.circle(),
    voteOn: (address, removes) =>
      signed(async () => {
        const act = removes ? session.desk.revokeRole : session.desk.assignRole;
        return told(await act.call(session.desk, session.me, address, "administrator"));
      }),
    accountKeys: (address) => session.desk.keys(session.me, address),
    revokeKey: (owner, key) => signed(async () => told(await session.desk.revokeKey(session.me, owner, key))),
    registerKey: () =>
      signed(async () => {
        // One that was sent before, and may still arrive, has the same sequence: the ledger takes one of the two.
        const sequence = await session.desk.sequence(session.me);
        const isThere = (await session.desk.ownKeys(session.me)).length > 0;
        return told(isThere ? doneBefore() : await session.deskAt(sequence).registerKey(session.me));
      }),
    limits: () => session.desk.limits(),
    limitsFault: async (limits) => Desk.limitsFault(limits) ?? null,
    setLimits: (limits) => signed(async () => told(await session.desk.setLimits(session.me, limits))),
    ratings: () => session.desk.ratings(),
    serviceLevels: (ticket) => session.desk.serviceLevels(ticket),
  };
}
