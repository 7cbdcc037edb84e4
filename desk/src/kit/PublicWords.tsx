// A few words that stay on the ledger, for everybody who uses it.
import { useLingui } from "@lingui/react/macro";

import { Field } from "./controls.tsx";
import { fitting } from "./letters.ts";

interface PublicWordsProps {
  label: string;
  value: string;
  onChange(value: string): void;
  autoFocus?: boolean;
}

export function PublicWords({ onChange, ...rest }: PublicWordsProps) {
  const { t } = useLingui();
  const hint = t`Public and permanent: anyone using this ledger can read it. You may leave it empty.`;
  return <Field {...rest} hint={hint} onChange={(next) => onChange(fitting(next))} />;
}
