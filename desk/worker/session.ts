// The one place where keys are: a desk that was met, a vault that is open, and what both remember.
import { Desk, Identity, Vault } from "sealdesk";
import type { Done, Note } from "sealdesk/views";

import type { DeskFacts, Opened, Proof, Started, Told } from "./api.ts";
import { Away, AWAY_MS, isAway, PATIENCE_MS, unlessAway } from "./away.ts";
import { type Link, linkOf } from "./link.ts";
import { type Records, store } from "./store.ts";
import { WorkerError } from "./workerError.ts";
import { changeVault, KEEPING, keptVault, proven, VAULT } from "./vault.ts";

/** What the ledger's client remembers between visits, sealed. */
const REMEMBERED = "remembered";
/** Which desk this person knows, sealed: who they are, and whose the page is, where the desk does not answer. */
const FACTS = "desk";
/** That somebody signed out here: a tab that has not heard of it keeps nothing of theirs again. */
const SIGNED_OUT = "signed-out";
/** The invitation that a new account came with, sealed, until the ledger knows the account. */
const INVITATION = "invitation";
/** The words of a claim link that was followed, sealed, until the ticket is theirs. */
const CLAIM = "claim";
/** Tabs of one browser sign one after the other. */
const SIGNING = "sealdesk-sign";

/** Does something that changes the ledger, and tells what came of it. */
export type Change = (work: () => Promise<Done>) => Promise<Told>;

/** Nobody is unlocked here. */
class Locked extends WorkerError {
  constructor() {
    super("locked", "it is locked: unlock it again");
  }
}

export class Session {
  #desk: Desk | undefined;
  #vault: Vault | undefined;
  #me: Identity | undefined;
  /** The desk that this person knows, while it does not answer: `#desk` is none then, and nothing is believed before it was met. */
  #away: DeskFacts | undefined;
  #meeting: Promise<void> | undefined;
  /** The vault's document as it was kept when this tab looked last: `#vault` knows neither a new passphrase nor a passkey that was removed. */
  #kept: string | undefined;
  /** The sealed record that `#desk` has taken in, or last wrote. */
  #record: string | undefined;
  /** Whether what was learned could not be kept: told with the next change. */
  #forgets = false;
  #wipes: (() => void)[] = [];
  /** An invitation code that a link brought, and that is not kept yet. */
  #code: string | undefined;
  /** A claim that a link brought, and that is not kept yet. */
  #claim: string | undefined;

  async isNew(): Promise<boolean> {
    return (await store.get(VAULT)) === undefined;
  }

  async start(line: string | null): Promise<Started> {
    const link = line === null ? null : linkOf(line);
    const kept = await store.get(VAULT);
    const passkeys = kept === undefined ? [] : Vault.passkeys(kept);
    const isMet = this.#desk !== undefined;
    try {
      if (this.#away) await this.meetAgain();
      if (!this.#desk) {
        const met = Desk.open(self.location.origin, undefined, link?.identity);
        this.#desk = await (kept === undefined ? met : unlessAway(met));
      }
    } catch (error) {
      // Whoever has keys here can open what this browser keeps; what their link says is looked at when the desk answers.
      if (kept === undefined || !isAway(error)) throw error;
      return { desk: null, hasVault: true, isOther: false, inviter: null, claims: false, passkeys };
    }
    const isOther = link !== null && link.identity !== this.desk.identity;
    if (link && !isOther) await this.#follow(link, isMet);
    return { desk: this.facts(), hasVault: kept !== undefined, isOther, inviter: link?.inviter ?? null, claims: link?.claim != null, passkeys };
  }

  /** Takes what a link says of the desk that is met already. */
  async #follow({ code, claim }: Link, isMet: boolean): Promise<void> {
    if (isMet) this.desk.agree();
    if (code !== null) this.#code = code;
    if (claim !== null) this.#claim = claim;
    if (this.#vault) await Promise.all([this.#useInvitation(), this.#keepClaim()]);
    if (this.#vault && isMet) await this.remember();
  }

  facts(): DeskFacts {
    if (this.#away) return this.#away;
    const { chainId, prefix, identity, words, agreed } = this.desk;
    return { chainId, prefix, identity, words, agreed };
  }

  /** Whether the desk did not answer since this person is unlocked. */
  get isAway(): boolean {
    return this.#away !== undefined;
  }

  /** This person's address. */
  get address(): string {
    return this.me.address(this.facts().prefix);
  }

  get desk(): Desk {
    if (this.#away) throw new Away();
    if (!this.#desk) throw new WorkerError("no_desk", "no desk was met yet");
    return this.#desk;
  }

  /** The same, which signs with this one sequence or not at all; where none is named, with the next one. */
  deskAt(only?: bigint): Desk {
    return only === undefined ? this.desk : this.desk.onlyAt(only);
  }

  /** Whether somebody is unlocked. */
  get isUnlocked(): boolean {
    return this.#me !== undefined;
  }

  get me(): Identity {
    if (!this.#me) throw new Locked();
    return this.#me;
  }

  get vault(): Vault {
    if (!this.#vault) throw new Locked();
    return this.#vault;
  }

  async agree(): Promise<DeskFacts> {
    this.desk.agree();
    await this.remember();
    await this.seal(FACTS, JSON.stringify(this.facts())).catch(() => undefined);
    return this.facts();
  }

  checkPhrase(phrase: string): string {
    const identity = new Identity(phrase);
    try {
      return identity.address(this.desk.prefix);
    } finally {
      identity.free();
    }
  }

  /** Whether the ledger has anything of the account of a phrase: what it wrote, its keys, a role, or tickets that somebody gave it. */
  async knowsAccount(phrase: string): Promise<boolean> {
    const [desk, identity] = [this.desk, new Identity(phrase)];
    try {
      if ((await desk.sequence(identity)) > 0n || (await desk.ownKeys(identity)).length > 0) return true;
      return (await desk.queueRole(identity)).role !== "customer" || (await desk.inbox(identity)).own.length > 0;
    } finally {
      identity.free();
    }
  }

  async make(phrase: string, passphrase: string, wallet?: Uint8Array): Promise<Opened> {
    const vault = Vault.make(phrase, passphrase, wallet);
    await navigator.locks.request(KEEPING, async () => {
      // Another tab may have finished first: its keys are not written over.
      if ((await store.get(VAULT)) !== undefined) throw new WorkerError("keys_kept", "this browser keeps somebody's keys already: load the page again");
      // Kept before anything is written in its name: a ticket whose key is nowhere could never be read again.
      await store.put(VAULT, vault.document());
      await store.remove(SIGNED_OUT);
    });
    return this.#open(vault);
  }

  async unlock(proof: Proof): Promise<Opened> {
    return this.#open(await proven(proof));
  }

  async #open(vault: Vault): Promise<Opened> {
    this.lock();
    this.#vault = vault;
    this.#me = vault.identity();
    try {
      return await this.#met(vault);
    } catch (error) {
      // The page shows nobody as unlocked: so nobody's keys stay here.
      this.lock();
      throw error;
    }
  }

  /** Holds the desk against what this person knew of it. */
  async #met(vault: Vault): Promise<Opened> {
    try {
      // Whoever comes was kept waiting for a desk that does not answer already.
      await this.#meet(vault, this.#desk ? undefined : AWAY_MS);
    } catch (error) {
      if (!isAway(error)) throw error;
      await this.#goOnWithout(error);
    }
    return { address: this.address, hasWallet: this.me.hasWallet, desk: this.facts(), isAway: this.isAway };
  }

  async #meet(vault: Vault, limit: number | undefined): Promise<void> {
    const record = await store.get(REMEMBERED);
    if (record !== undefined || this.#away) {
      // From here on the node is held against what this person knew, and not against what it says of itself.
      const known = record === undefined ? undefined : vault.open(REMEMBERED, record);
      const desk = await unlessAway(Desk.open(self.location.origin, known, this.#away?.identity), limit);
      if (this.#vault !== vault) throw new Locked();
      this.#desk = desk;
      this.#record = record;
    }
    this.#away = undefined;
    await this.#useInvitation();
    await this.#keepClaim();
    await this.rememberIfPossible();
    await this.seal(FACTS, JSON.stringify(this.facts())).catch(() => undefined);
  }

  /** The desk does not answer: whoever agreed to it before sees what this browser keeps of it. */
  async #goOnWithout(error: unknown): Promise<void> {
    const text = await this.sealed(FACTS);
    const facts = text === null ? null : (JSON.parse(text) as DeskFacts);
    if (!facts?.agreed) throw error;
    // What was met before somebody unlocked is not held against what they know.
    this.#desk = undefined;
    this.#away = facts;
  }

  /** Meets the desk that did not answer, as whoever unlocks does. Throws where it still does not; nobody waits for that for long. */
  meetAgain(): Promise<void> {
    if (!this.#away) return Promise.resolve();
    // It goes on behind whoever waits: over a slow network it takes longer than that.
    this.#meeting ??= this.#meet(this.vault, PATIENCE_MS).finally(() => {
      this.#meeting = undefined;
    });
    const late = new Promise<never>((_, reject) => setTimeout(() => reject(new Away()), AWAY_MS));
    return Promise.race([this.#meeting, late]);
  }

  /** Has the desk show the invitation code that this person came with, now or on an earlier visit, if the ledger does not know them yet. */
  async #useInvitation(): Promise<void> {
    if (this.#code !== undefined) await this.seal(INVITATION, this.#code).catch(() => undefined);
    this.#code ??= (await this.sealed(INVITATION)) ?? undefined;
    if (this.#code !== undefined) this.desk.useInvitation(this.#code);
  }

  async #keepClaim(): Promise<void> {
    if (this.#claim !== undefined) await this.seal(CLAIM, this.#claim).catch(() => undefined);
  }

  /** The words of a claim link that was followed, now or on an earlier visit. */
  async claim(): Promise<string | null> {
    return this.#claim ?? (await this.sealed(CLAIM));
  }

  async dropClaim(): Promise<void> {
    this.#claim = undefined;
    await this.seal(CLAIM, "");
  }

  /** Keeps a code that the person typed, or that their link has. */
  async enterInvitation(text: string): Promise<void> {
    const code = text.includes("#") ? linkOf(text).code : text;
    if (code === null) throw new WorkerError("invitation_empty", "this invitation has no code: ask for another one");
    this.desk.useInvitation(code);
    this.#code = code;
    await this.#useInvitation();
  }

  /** As `remember`, after reading: what was read is shown even where this browser keeps no more, and that is told with the next change. */
  async rememberIfPossible(): Promise<void> {
    try {
      await this.remember();
    } catch (error) {
      if (error instanceof Locked) throw error;
      this.#forgets = true;
    }
  }

  /** Keeps what was learned of the ledger, beside what other tabs learned: the next visit is contradicted by it if the node lies. */
  remember(): Promise<void> {
    return navigator.locks.request(KEEPING, async () => {
      await this.#checkOwner();
      await this.#absorb();
      this.#record = this.vault.seal(REMEMBERED, this.desk.remember());
      await store.put(REMEMBERED, this.#record);
    });
  }

  async #absorb(): Promise<void> {
    const record = await store.get(REMEMBERED);
    if (record === undefined || record === this.#record) return;
    this.desk.absorb(this.vault.open(REMEMBERED, record));
    this.#record = record;
  }

  /** Nothing is written for somebody who signed out in another tab, or beside another person's keys. */
  async #checkOwner(): Promise<void> {
    const document = await store.get(VAULT);
    if (document === undefined) return this.#keepAgain();
    const own = JSON.parse(this.vault.document()) as { fingerprint: string };
    const kept = (JSON.parse(document) as { fingerprint?: string }).fingerprint;
    if (kept !== own.fingerprint) throw new Locked();
    this.#kept = document;
  }

  /** A browser that needs room removes what pages keep, also of those that are open. Whoever is unlocked still has it. */
  async #keepAgain(): Promise<void> {
    if ((await store.get(SIGNED_OUT)) !== undefined) throw new Locked();
    await store.put(VAULT, this.#kept ?? this.vault.document());
    this.#record = undefined;
  }

  /** Does something that signs: one tab at a time, on what all of them know. What was done stays done, whether it could be remembered or not. */
  async signing<T>(work: () => Promise<T>): Promise<T> {
    // Where there is no desk nothing is begun.
    void this.desk;
    return navigator.locks.request(SIGNING, async () => {
      await navigator.locks.request(KEEPING, () => this.#absorb());
      try {
        const done = await work();
        // The ledger knows this account now.
        if (this.#code !== undefined) await this.#forgetInvitation();
        return done;
      } finally {
        await this.remember().catch(() => {
          this.#forgets = true;
        });
      }
    });
  }

  async #forgetInvitation(): Promise<void> {
    this.#code = undefined;
    await this.seal(INVITATION, "").catch(() => undefined);
  }

  /** What the person should hear since the last change, each line once. */
  takeNotes(): Note[] {
    const notes = this.desk.takeNotes();
    if (this.#forgets) notes.push({ text: "This browser could not keep what was learned of the desk. A lying node is noticed later than it could be.", reader: null });
    this.#forgets = false;
    return notes;
  }

  /** Changes the ways to open what is kept, for whoever shows that they can. */
  async changeVault(proof: Proof, change: (vault: Vault) => void): Promise<void> {
    this.#kept = await changeVault(proof, change);
  }

  /** No longer lets a passkey open what is kept; the passphrase always does. Whoever is unlocked may, without showing anything. */
  async removePasskey(credential: string): Promise<void> {
    await navigator.locks.request(KEEPING, async () => {
      await this.#checkOwner();
      const { here, there } = this.split();
      const vault = Vault.resume(await keptVault(), here, there);
      try {
        vault.removePasskey(credential);
        this.#kept = vault.document();
        await store.put(VAULT, this.#kept);
      } finally {
        vault.free();
      }
    });
  }

  /** Two shares of the vault's key, of which this tab and the browser's cookie keep one each. */
  split(): { here: Uint8Array; there: Uint8Array } {
    const shares = this.vault.split();
    return { here: shares.slice(0, 32), there: shares.slice(32) };
  }

  async resume(here: Uint8Array, there: Uint8Array): Promise<Opened> {
    return this.#open(Vault.resume(await keptVault(), here, there));
  }

  /** Has something forget what was opened, whenever this is locked. */
  onLock(wipe: () => void): void {
    this.#wipes.push(wipe);
  }

  lock(): void {
    for (const wipe of this.#wipes) wipe();
    const held = [this.#vault, this.#me];
    this.#vault = this.#me = this.#kept = this.#away = undefined;
    for (const one of held) {
      try {
        one?.free();
      } catch {
        // A call still uses it: it is wiped when that ends, or with this worker.
      }
    }
  }

  /** Removes all that is kept, also by the browser's own means; nothing is written meanwhile. */
  async signOut(clear: () => Promise<void>): Promise<void> {
    this.lock();
    this.#desk = this.#record = this.#code = this.#claim = undefined;
    await navigator.locks.request(KEEPING, async () => {
      await store.clear();
      await store.put(SIGNED_OUT, "");
      await clear();
      // The browser removed that as well.
      await store.put(SIGNED_OUT, "");
    });
  }

  async sealed(name: string): Promise<string | null> {
    const record = await store.get(name);
    if (record === undefined) return null;
    try {
      return this.vault.open(name, record);
    } catch {
      // It was another vault's, or damaged. What can be made anew is.
      return null;
    }
  }

  seal(name: string, text: string): Promise<void> {
    return navigator.locks.request(KEEPING, async () => {
      await this.#checkOwner();
      if (text === "") await store.remove(name);
      else await store.put(name, this.vault.seal(name, text));
    });
  }

  /** As `seal`, for what can be had again: all of these at once, so that nobody's draft waits for them. */
  sealTogether(records: Records): Promise<void> {
    return navigator.locks.request(KEEPING, async () => {
      await this.#checkOwner();
      await store.together(records.map(([name, text]) => [name, text === "" ? "" : this.vault.seal(name, text)]));
    });
  }

  /** Takes a record away where it still says this. Else gives what it says, which another tab may have written a moment ago. */
  removeIf(name: string, text: string): Promise<string | null> {
    return navigator.locks.request(KEEPING, async () => {
      await this.#checkOwner();
      const kept = await this.sealed(name);
      if (kept === text) await store.remove(name);
      return kept === text ? null : kept;
    });
  }
}
