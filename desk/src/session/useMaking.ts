// A phrase is sealed under a passphrase for this browser, and its person goes in.
import { useState } from "react";

import { door } from "../door.ts";
import type { WalletAccount } from "../wallet/keplr.ts";
import { useSession } from "./session.tsx";

interface Making {
  /** `isMet`: this person agreed to this desk before, and has that in writing. */
  make(phrase: string, passphrase: string, account: WalletAccount | null, isMet?: boolean): void;
  isBusy: boolean;
  /** Why it was not made, the last time. */
  error: unknown;
}

export function useMaking(): Making {
  const { enter } = useSession();
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const make = (phrase: string, passphrase: string, account: WalletAccount | null, isMet = false) => {
    if (isBusy) return;
    setBusy(true);
    setError(null);
    door
      .make(phrase, passphrase, account?.publicKey)
      .then(async (opened) => enter(isMet ? { ...opened, desk: await door.agree() } : opened))
      .catch((problem: unknown) => {
        setError(problem);
        setBusy(false);
      });
  };
  return { make, isBusy, error };
}
