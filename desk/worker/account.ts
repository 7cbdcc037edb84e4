// What the page asks about the person themself: the ways to unlock, the keys in their name, an invitation.
import { Vault } from "sealdesk";
import type { OwnKey } from "sealdesk/views";

import type { Proof, Told } from "./api.ts";
import type { Session } from "./session.ts";
import { keptVault, proven, revealPhrase } from "./vault.ts";

/** The keys in one's own name that the person said to know, sealed. */
const KNOWN = "known-keys";

export interface AccountApi {
  /** The passkeys that open what this browser keeps, as browsers name them. */
  passkeys(): Promise<string[]>;
  /** Lets a passkey open it, by the 32 bytes that it computes; whoever adds one shows the passphrase. */
  addPasskey(passphrase: string, credential: string, computed: Uint8Array): Promise<void>;
  removePasskey(credential: string): Promise<void>;
  /** Throws where this does not open what is kept. */
  prove(proof: Proof): Promise<void>;
  revealPhrase(proof: Proof): Promise<string>;
  changePassphrase(proof: Proof, next: string): Promise<void>;

  /** The active keys in this person's name, proven. */
  ownKeys(): Promise<OwnKey[]>;
  /** Those that this phrase did not make, and that the person did not say to know. */
  strangeKeys(): Promise<OwnKey[]>;
  /** The person made them elsewhere. */
  knowKeys(fingerprints: string[]): Promise<void>;
  revokeOwnKey(fingerprint: string): Promise<Told>;

  /** A code, or the link that holds one, for a desk that asks new accounts for it. */
  enterInvitation(text: string): Promise<void>;
}

export function account(session: Session): AccountApi {
  const known = async () => JSON.parse((await session.sealed(KNOWN)) ?? "[]") as string[];
  const ownKeys = () => session.desk.ownKeys(session.me);
  return {
    passkeys: async () => Vault.passkeys(await keptVault()),
    addPasskey: (passphrase, credential, computed) =>
      session.changeVault({ passphrase }, (vault) => {
        vault.addPasskey(credential, computed);
        computed.fill(0);
      }),
    removePasskey: (credential) => session.removePasskey(credential),
    prove: (proof) => proven(proof).then((vault) => vault.free()),
    revealPhrase,
    changePassphrase: (proof, next) => session.changeVault(proof, (vault) => vault.changePassphrase(next)),
    ownKeys,
    async strangeKeys() {
      const [keys, named] = await Promise.all([ownKeys(), known()]);
      return keys.filter((key) => !key.is_of_phrase && !named.includes(key.fingerprint));
    },
    async knowKeys(fingerprints) {
      await session.seal(KNOWN, JSON.stringify([...new Set([...(await known()), ...fingerprints])]));
    },
    async revokeOwnKey(fingerprint) {
      const done = await session.signing(() => session.desk.revokeOwnKey(session.me, fingerprint));
      return { ...done, notes: session.takeNotes() };
    },
    enterInvitation: (text) => session.enterInvitation(text),
  };
}
