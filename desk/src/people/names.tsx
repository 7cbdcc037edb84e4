// People by what they are to this ticket. An address is shown to whoever asks for it.
import { useLingui } from "@lingui/react/macro";

import { useOpened } from "../session/session.tsx";

/** The end of an address: enough to tell two apart, and nothing that somebody chose. */
export function short(address: string): string {
  return address.slice(-6);
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
