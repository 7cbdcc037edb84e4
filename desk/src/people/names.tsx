// What people are called on every page: by their name where one is known, else by what they are to a ticket. An address is shown to whoever
// asks for it.
import { useLingui } from "@lingui/react/macro";
import { TriangleAlert } from "lucide-react";
import { Suspense, useCallback, useContext, useRef, useState } from "react";
import { Button } from "react-aria-components";
import type { KnownName } from "sealdesk/views";

import { lazy } from "../kit/lost.ts";
import { ofLater } from "../pages/parts.ts";
import { useOpened } from "../session/session.tsx";
import { useRole } from "../queue/role.ts";
import { Cast } from "./cast.ts";
import { useKnown } from "./known.ts";
import { short } from "./short.ts";
import "./people.css";

// Whoever presses no name loads nothing of it.
const About = lazy(() => ofLater(() => import("./About.tsx")).then(({ About }) => ({ default: About })));

/** Whether a name may stand alone: nobody else is called so, or what looks like it. */
export const isPlain = (known: KnownName): boolean => known.like === null && !known.shared;

/** What somebody is called, as plain text. The function is the same one until somebody is called otherwise. */
export function useNames(): (address: string, isStaff?: boolean) => string {
  const { t } = useLingui();
  const { address: mine } = useOpened();
  const known = useKnown();
  const { data: role } = useRole();
  const cast = useContext(Cast);
  const isCustomer = role?.role === "customer";
  return useCallback(
    (address, isStaff) => {
      if (address === "") return t`nobody`;
      if (address === mine) return t`You`;
      const end = short(address);
      const found = known.get(address);
      if (found && isPlain(found)) return found.name;
      const { name } = found ?? {};
      if (name !== undefined && found?.shared) return `${name} (${end})`;
      // Then no address is needed to know whom of the team is meant.
      const isAlone = isCustomer && cast.size === 1 && cast.has(address);
      const role = isStaff ? (isAlone ? t`Support` : t`Support ${end}`) : t`Customer ${end}`;
      return name === undefined ? role : t`${role} (says “${name}”)`;
    },
    [t, mine, known, isCustomer, cast],
  );
}

interface NameProps {
  address: string;
  isStaff?: boolean;
}

/** The same, with the address and where the name comes from for whoever presses it. */
export function Name({ address, isStaff = false }: NameProps) {
  const { t } = useLingui();
  const names = useNames();
  const known = useKnown().get(address);
  const { address: mine } = useOpened();
  const [isOpen, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const text = names(address, isStaff);
  if (address === "" || address === mine) return <bdi>{text}</bdi>;
  return (
    <>
      <Button
        ref={button}
        className="name-of"
        aria-label={known?.like ? t`${text}: the name looks like another` : text}
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        onPress={() => setOpen(true)}
      >
        <bdi>{text}</bdi>
        {known?.like && <TriangleAlert size={14} aria-hidden />}
      </Button>
      {isOpen && (
        <Suspense>
          <About of={button} address={address} isStaff={isStaff} known={known} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
