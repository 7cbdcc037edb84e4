// A phrase is sealed under a passphrase for this browser, and its person goes in.
import { useState } from "react";

import { door } from "../door.ts";
import type { WalletAccount } from "../wallet/keplr.ts";
import { useSession } from "./session.tsx";

interface Making {
  make(phrase: string, passphrase: string, account: WalletAccount | null): void;
  isBusy: boolean;
  /** Why it was not made, the last time. */
  error: unknown;
}

export function useMaking(): Making {
  const { enter } = useSession();
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const make = (phrase: string, passphrase: string, account: WalletAccount | null) => {
    if (isBusy) return;
    setBusy(true);
    setError(null);
    door.make(phrase, passphrase, account?.publicKey).then(enter, (problem: unknown) => {
      setError(problem);
      setBusy(false);
    });
  };
  return { make, isBusy, error };
}
