// People by what they are to this ticket. An address is shown to whoever asks for it.
import { useLingui } from "@lingui/react/macro";

import { useOpened } from "../session/session.tsx";

/** Both ends of an address without its prefix: the last six letters alone are its checksum, which anybody can make fit. */
export function short(address: string): string {
  const own = address.slice(address.lastIndexOf("1") + 1);
  return `${own.slice(0, 6)}…${own.slice(-4)}`;
}

export function useNames(): (address: string, isStaff?: boolean) => string {
  const { t } = useLingui();
  const { address: mine } = useOpened();
  return (address, isStaff) => {
    if (address === "") return t`nobody`;
    if (address === mine) return t`You`;
    const end = short(address);
    return isStaff ? t`Support ${end}` : t`Customer ${end}`;
  };
}
