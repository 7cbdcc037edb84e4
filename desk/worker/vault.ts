// The vault as this browser keeps it, and what only somebody may do who shows that they can open it.
import { Vault } from "sealdesk";

import type { Proof } from "./api.ts";
import { store } from "./store.ts";
import { WorkerError } from "./workerError.ts";

/** Its name among what is kept. */
export const VAULT = "vault";
/** Tabs of one browser change what is kept one after the other. */
export const KEEPING = "sealdesk-keep";

/** The document. */
export async function keptVault(): Promise<string> {
  const document = await store.get(VAULT);
  if (document === undefined) throw new WorkerError("keys_gone", "this browser no longer keeps your keys: restore them from your recovery phrase");
  return document;
}

/** The vault as it is kept now, opened by what the person showed. */
export async function proven(proof: Proof): Promise<Vault> {
  const document = await keptVault();
  if ("passphrase" in proof) return Vault.unlock(document, proof.passphrase);
  try {
    return Vault.unlockWithPasskey(document, proof.credential, proof.computed);
  } finally {
    proof.computed.fill(0);
  }
}

/** The recovery phrase, for whoever can open it. */
export async function revealPhrase(proof: Proof): Promise<string> {
  const vault = await proven(proof);
  try {
    return vault.phrase();
  } finally {
    vault.free();
  }
}

/** Changes the ways to open it; the document that is kept then. */
export function changeVault(proof: Proof, change: (vault: Vault) => void): Promise<string> {
  return navigator.locks.request(KEEPING, async () => {
    const vault = await proven(proof);
    try {
      change(vault);
      const document = vault.document();
      await store.put(VAULT, document);
      return document;
    } finally {
      vault.free();
    }
  });
}
