// One of a few, chosen from a list that opens.
import { useLingui } from "@lingui/react/macro";
import { ChevronDown } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { Button, FieldError, Label, ListBox, ListBoxItem, Popover, Select, SelectValue } from "react-aria-components";

export interface Choice<T extends string> {
  id: T;
  label: string;
}

interface ChoicesProps<T extends string> {
  label: ReactNode;
  choices: Choice<T>[];
  value: T | null;
  onChange(value: T): void;
  hiddenLabel?: boolean;
  isDisabled?: boolean;
  problem?: string | undefined;
  /** Whether it is what its dialog asks: it has the focus, and its list is open. */
  opens?: boolean;
  /** The list is closed, with or without a choice. */
  onShut?(): void;
}

/** One of a few. */
export function Choices<T extends string>({ label, choices, value, onChange, hiddenLabel = false, isDisabled = false, problem, opens = false, onShut }: ChoicesProps<T>) {
  const { t } = useLingui();
  const [isOpen, setOpen] = useState(false);
  // Once its button is there to be opened below, and has the focus to be given back.
  useEffect(() => setOpen(opens), [opens]);
  return (
    // A list that is still fetched does not open; it says so by being out of reach.
    <Select
      className="field"
      isDisabled={isDisabled || choices.length === 0}
      autoFocus={opens}
      isOpen={isOpen}
      onOpenChange={(open) => {
        setOpen(open);
        if (!open) onShut?.();
      }}
      placeholder={t`Choose…`}
      value={value}
      onChange={(key) => key !== null && onChange(key as T)}
      isInvalid={problem !== undefined}
      validationBehavior="aria"
    >
      <Label className={hiddenLabel ? "hidden-text" : "label"}>{label}</Label>
      <Button className="select-button">
        <SelectValue />
        <ChevronDown size={16} aria-hidden />
      </Button>
      <FieldError className="error">{problem}</FieldError>
      <Popover className="popover">
        <ListBox items={choices}>
          {(choice) => (
            <ListBoxItem className="option" id={choice.id} textValue={choice.label}>
              {choice.label}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </Select>
  );
}
