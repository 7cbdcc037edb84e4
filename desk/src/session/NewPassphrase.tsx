// A passphrase that is chosen now. Whoever wants to be sure of it looks at it: nobody types it twice.
import { Trans, useLingui } from "@lingui/react/macro";
import { useId, useState } from "react";

import { Field } from "../kit/controls.tsx";

const LETTERS_MIN = 8;

export const isLongEnough = (passphrase: string): boolean => [...passphrase].length >= LETTERS_MIN;

interface NewPassphraseProps {
  label: string;
  /** What it is for, where nothing above it says so. */
  about?: string;
  value: string;
  onChange(text: string): void;
  /** Whether it was wanted while it was too short. */
  isMissing: boolean;
  autoFocus?: boolean;
}

export function NewPassphrase({ about, isMissing, value, ...field }: NewPassphraseProps) {
  const { t } = useLingui();
  const [isShown, setShown] = useState(false);
  const id = useId();
  const length = t`At least 8 characters. A few words work well.`;
  return (
    <div className="field">
      <Field
        {...field}
        value={value}
        hint={about === undefined ? length : `${about} ${length}`}
        // Browsers keep what is typed into a field that shows it.
        {...(isShown ? { type: "text", autoComplete: "off" } : { type: "password", autoComplete: "new-password" })}
        problem={isMissing && !isLongEnough(value) ? t`Choose at least 8 characters.` : undefined}
      />
      <span className="row small">
        <input id={id} type="checkbox" checked={isShown} onChange={() => setShown(!isShown)} />
        <label htmlFor={id}>
          <Trans>Show the passphrase</Trans>
        </label>
      </span>
    </div>
  );
}
