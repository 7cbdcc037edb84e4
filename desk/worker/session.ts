// The one place where keys are: a desk that was met, a vault that is open, and what both remember.
import { Desk, Identity, Vault } from "sealdesk";
import type { Done } from "sealdesk/views";

import type { DeskFacts, Opened, Started, Told } from "./api.ts";
import { store } from "./store.ts";

const VAULT = "vault";
/** What the ledger's client remembers between visits, sealed. */
const REMEMBERED = "remembered";
/** Tabs of one browser sign one after the other. */
const SIGNING = "sealdesk-sign";
/** And one after the other they change what is kept. */
const KEEPING = "sealdesk-keep";
/** Does something that changes the ledger, and tells what came of it. */
export type Change = (work: () => Promise<Done>) => Promise<Told>;
const LOCKED = "it is locked: unlock it again";

export class Session {
  #desk: Desk | undefined;
  #vault: Vault | undefined;
  #me: Identity | undefined;
  /** The sealed record that `#desk` has taken in, or last wrote. */
  #record: string | undefined;
  /** Whether what was learned could not be kept: told with the next change. */
  #forgets = false;
  #wipes: (() => void)[] = [];

  async start(link: string | null): Promise<Started> {
    this.#desk ??= await Desk.open(self.location.origin, undefined, link ?? undefined);
    return { desk: this.facts(), hasVault: (await store.get(VAULT)) !== undefined };
  }

  facts(): DeskFacts {
    const { chainId, prefix, identity, words, agreed } = this.desk;
    return { chainId, prefix, identity, words, agreed };
  }

  get desk(): Desk {
    if (!this.#desk) throw new Error("no desk was met yet");
    return this.#desk;
  }

  get me(): Identity {
    if (!this.#me) throw new Error(LOCKED);
    return this.#me;
  }

  get vault(): Vault {
    if (!this.#vault) throw new Error(LOCKED);
    return this.#vault;
  }

  async agree(): Promise<DeskFacts> {
    this.desk.agree();
    await this.remember();
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

  async make(phrase: string, passphrase: string): Promise<Opened> {
    const vault = Vault.make(phrase, passphrase);
    await navigator.locks.request(KEEPING, async () => {
      // Another tab may have finished first: its keys are not written over.
      if ((await store.get(VAULT)) !== undefined) throw new Error("this browser keeps somebody's keys already: load the page again");
      // Kept before anything is written in its name: a ticket whose key is nowhere could never be read again.
      await store.put(VAULT, vault.document());
    });
    return this.#open(vault);
  }

  async unlock(passphrase: string): Promise<Opened> {
    return this.#open(Vault.unlock(await this.#document(), passphrase));
  }

  async #document(): Promise<string> {
    const document = await store.get(VAULT);
    if (document === undefined) throw new Error("this browser no longer keeps your keys: restore them from your recovery phrase");
    return document;
  }

  async #open(vault: Vault): Promise<Opened> {
    this.lock();
    this.#vault = vault;
    this.#me = vault.identity();
    const record = await store.get(REMEMBERED);
    if (record !== undefined) {
      // From here on the node is held against what this person knew, and not against what it says of itself.
      this.#desk = await Desk.open(self.location.origin, vault.open(REMEMBERED, record), undefined);
      this.#record = record;
    }
    await this.remember();
    return { address: this.me.address(this.desk.prefix), desk: this.facts() };
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
    const own = JSON.parse(this.vault.document()) as { fingerprint: string };
    const kept = document === undefined ? undefined : (JSON.parse(document) as { fingerprint?: string }).fingerprint;
    if (kept !== own.fingerprint) throw new Error(LOCKED);
  }

  /** Does something that signs: one tab at a time, on what all of them know. What was done stays done, whether it could be remembered or not. */
  signing<T>(work: () => Promise<T>): Promise<T> {
    return navigator.locks.request(SIGNING, async () => {
      await navigator.locks.request(KEEPING, () => this.#absorb());
      try {
        return await work();
      } finally {
        await this.remember().catch(() => {
          this.#forgets = true;
        });
      }
    });
  }

  /** What the person should hear since the last change, each line once. */
  takeNotes(): string[] {
    const notes = this.desk.takeNotes();
    if (this.#forgets) notes.push("This browser could not keep what was learned of the desk. A lying node is noticed later than it could be.");
    this.#forgets = false;
    return notes;
  }

  async revealPhrase(passphrase: string): Promise<string> {
    const vault = Vault.unlock(await this.#document(), passphrase);
    try {
      return vault.phrase();
    } finally {
      vault.free();
    }
  }

  async changePassphrase(now: string, next: string): Promise<void> {
    const vault = Vault.unlock(await this.#document(), now);
    try {
      vault.changePassphrase(next);
      await store.put(VAULT, vault.document());
    } finally {
      vault.free();
    }
  }

  /** Two shares of the vault's key, of which this tab and the browser's cookie keep one each. */
  split(): { here: Uint8Array; there: Uint8Array } {
    const shares = this.vault.split();
    return { here: shares.slice(0, 32), there: shares.slice(32) };
  }

  async resume(here: Uint8Array, there: Uint8Array): Promise<Opened> {
    return this.#open(Vault.resume(await this.#document(), here, there));
  }

  /** Has something forget what was opened, whenever this is locked. */
  onLock(wipe: () => void): void {
    this.#wipes.push(wipe);
  }

  lock(): void {
    for (const wipe of this.#wipes) wipe();
    const held = [this.#vault, this.#me];
    this.#vault = this.#me = undefined;
    for (const one of held) {
      try {
        one?.free();
      } catch {
        // A call still uses it: it is wiped when that ends, or with this worker.
      }
    }
  }

  async signOut(): Promise<void> {
    this.lock();
    this.#desk = this.#record = undefined;
    await navigator.locks.request(KEEPING, () => store.clear());
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
}
