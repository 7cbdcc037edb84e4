// Nothing to see: looks once, after somebody unlocked, whether what the node was told of this device still holds.
import { useLingui } from "@lingui/react/macro";
import { useEffect } from "react";

import type { Language } from "../i18n.ts";
import { useOpened } from "../session/session.tsx";
import { keep } from "./device.ts";

export default function Renewal() {
  const { i18n } = useLingui();
  const { hasWallet } = useOpened();
  useEffect(() => {
    // Nobody pressed anything: a wallet is asked for nothing. Whoever wants notices to go on turns them on anew.
    if (hasWallet) return;
    // What fails now is tried at the next visit.
    keep(i18n.locale as Language).catch(() => undefined);
  }, [i18n.locale, hasWallet]);
  return null;
}
