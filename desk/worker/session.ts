// The one place where keys are: a desk that was met, a vault that is open, and what both remember.
import { Desk, Identity, Vault } from "sealdesk";

import type { DeskFacts, Opened, Started } from "./api.ts";
import { store } from "./store.ts";

const VAULT = "vault";
/** What the ledger's client remembers between visits, sealed. */
const REMEMBERED = "remembered";
/** Tabs of one browser change what is remembered, and sign, one after the other. */
const LOCK = "sealdesk-sign";

export class Session {
  #desk: Desk | undefined;
  #vault: Vault | undefined;
  #me: Identity | undefined;
  /** The sealed record that `#desk` was opened with, or last wrote. */
  #record: string | undefined;

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
    if (!this.#me) throw new Error("it is locked: unlock it again");
    return this.#me;
  }

  get vault(): Vault {
    if (!this.#vault) throw new Error("it is locked: unlock it again");
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
    // Kept before anything is written in its name: a ticket whose key is nowhere could never be read again.
    await store.put(VAULT, vault.document());
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
    await this.#reload();
    await this.remember();
    return { address: this.me.address(this.desk.prefix), desk: this.facts(), strangeKeys: [] };
  }

  /** Takes what another tab remembered since. */
  async #reload(): Promise<void> {
    const record = await store.get(REMEMBERED);
    if (record === undefined || record === this.#record) return;
    const kept = this.vault.open(REMEMBERED, record);
    const desk = await Desk.open(self.location.origin, kept, undefined);
    // Not freed: something may still read with it. The garbage collector frees it afterwards.
    this.#desk = desk;
    this.#record = record;
  }

  /** Keeps what was learned of the ledger: the next visit is contradicted by it if the node lies. */
  async remember(): Promise<void> {
    this.#record = this.vault.seal(REMEMBERED, this.desk.remember());
    await store.put(REMEMBERED, this.#record);
  }

  /** Does something that signs: one tab at a time, on what all of them know. */
  signing<T>(work: () => Promise<T>): Promise<T> {
    return navigator.locks.request(LOCK, async () => {
      await this.#reload();
      try {
        return await work();
      } finally {
        await this.remember();
      }
    });
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

  lock(): void {
    this.#me?.free();
    this.#vault?.free();
    this.#me = this.#vault = undefined;
  }

  async signOut(): Promise<void> {
    this.lock();
    await store.clear();
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

  async seal(name: string, text: string): Promise<void> {
    if (text === "") return void (await store.remove(name));
    await store.put(name, this.vault.seal(name, text));
  }
}
