// Chooses a customer by name, as people know them.
import { useLingui } from "@lingui/react/macro";
import { useMemo, useState } from "react";

import { Button, Field } from "../kit/controls.tsx";
import { oneLine } from "../kit/letters.ts";
import { useNames } from "../people/names.tsx";
import { addressOf, customersLike } from "./customer.ts";
import { useQueue } from "./store.ts";

interface Props {
  value: string | undefined;
  /** Undefined where nobody is named; null where it is nobody's name, which nothing is saved with. */
  onChange(address: string | null | undefined): void;
}

export function CustomerField({ value, onChange }: Props) {
  const { t } = useLingui();
  const names = useNames();
  const { lines } = useQueue();
  const customers = useMemo(() => {
    const all = new Set([...lines.values()].map((line) => line.ticket.customer_address));
    return [...all].map((address) => ({ address, name: names(address) })).sort((one, other) => one.name.localeCompare(other.name));
  }, [lines, names]);
  const [typed, setTyped] = useState(value === undefined ? "" : names(value));
  const isSomebody = typed.trim() === "" || addressOf(typed, customers) !== null || typed === (value && names(value));
  const offers = isSomebody ? [] : customersLike(typed, customers);
  const type = (next: string) => {
    setTyped(next);
    onChange(next.trim() === "" ? undefined : addressOf(next, customers));
  };
  const choose = (address: string) => {
    setTyped(names(address));
    onChange(address);
  };
  return (
    <div className="stack">
      <Field
        label={t`Customer’s name or address`}
        value={typed}
        onChange={type}
        problem={isSomebody || offers.length > 0 ? undefined : t`No customer of these tickets is called so, and it is not an address.`}
      />
      {offers.length > 0 && (
        <ul className="stack" aria-label={t`Customers`}>
          {offers.map(({ address, name }) => (
            <li key={address}>
              <Button kind="plain" wide onPress={() => choose(address)}>
                <bdi>{oneLine(name)}</bdi>
              </Button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
