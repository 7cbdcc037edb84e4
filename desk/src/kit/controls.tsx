// Buttons, fields, choices and dialogs as this desk has them. Everything about keys and screen readers is React Aria's.
import { Trans } from "@lingui/react/macro";
import { ChevronDown } from "lucide-react";
import type { ReactNode } from "react";
import {
  Button as AriaButton,
  type ButtonProps,
  Dialog,
  FieldError,
  Heading,
  Input,
  Label,
  ListBox,
  ListBoxItem,
  Modal,
  ModalOverlay,
  Popover,
  Select,
  SelectValue,
  Text,
  TextArea,
  TextField,
  type TextFieldProps,
} from "react-aria-components";

type Kind = "primary" | "plain" | "normal";

export function Button({ kind = "normal", wide = false, ...rest }: ButtonProps & { kind?: Kind; wide?: boolean }) {
  return <AriaButton {...rest} className={`button ${kind}${wide ? " wide" : ""}`} />;
}

interface FieldProps extends TextFieldProps {
  label: ReactNode;
  hint?: ReactNode;
  problem?: string | undefined;
  lines?: number;
  placeholder?: string | undefined;
  hiddenLabel?: boolean;
}

/**
 * A text that a person types, with what it is for above it and what is wrong with it below. Without `autoComplete` a browser would keep
 * what was typed on its disk, in clear: for later forms, and to restore the tab after a crash. Some browsers send what they check the
 * spelling of to their makers.
 */
export function Field({ label, hint, problem, lines, placeholder, hiddenLabel = false, autoComplete = "off", spellCheck = "false", ...rest }: FieldProps) {
  const shown = placeholder === undefined ? {} : { placeholder };
  return (
    <TextField {...rest} autoComplete={autoComplete} spellCheck={spellCheck} className="field" validationBehavior="aria" isInvalid={problem !== undefined}>
      <Label className={hiddenLabel ? "hidden-text" : "label"}>{label}</Label>
      {hint && <Text slot="description">{hint}</Text>}
      {lines ? <TextArea rows={lines} dir="auto" {...shown} /> : <Input dir="auto" {...shown} />}
      <FieldError className="error">{problem}</FieldError>
    </TextField>
  );
}

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
}

/** One of a few. */
export function Choices<T extends string>({ label, choices, value, onChange, hiddenLabel = false, isDisabled = false, problem }: ChoicesProps<T>) {
  return (
    // A list that is still fetched does not open; it says so by being out of reach.
    <Select
      className="field"
      isDisabled={isDisabled || choices.length === 0}
      value={value}
      onChange={(key) => key !== null && onChange(key as T)}
      isInvalid={problem !== undefined}
      validationBehavior="aria"
    >
      <Label className={hiddenLabel ? "hidden-text" : "label"}>{label}</Label>
      <AriaButton className="select-button">
        <SelectValue />
        <ChevronDown size={16} aria-hidden />
      </AriaButton>
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

interface AskProps {
  title: ReactNode;
  isOpen: boolean;
  onClose(): void;
  children: ReactNode;
}

/** A dialog. Escape and a press beside it close it. */
export function Ask({ title, isOpen, onClose, children }: AskProps) {
  return (
    <ModalOverlay className="veil" isOpen={isOpen} onOpenChange={(open) => !open && onClose()} isDismissable>
      <Modal>
        <Dialog className="dialog">
          <Heading slot="title" level={2}>
            {title}
          </Heading>
          {children}
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

interface AskEndProps {
  onClose(): void;
  onDo(): void;
  isBusy: boolean;
  /** Whether something is missing yet. */
  isDisabled?: boolean;
  children: ReactNode;
}

/** The two ends of a dialog that changes something. While it is busy the focus stays where it is, so that Escape goes on to close it. */
export function AskEnd({ onClose, onDo, isBusy, isDisabled = false, children }: AskEndProps) {
  return (
    <div className="row end">
      <Button onPress={onClose}>
        <Trans>Cancel</Trans>
      </Button>
      <Button kind="primary" onPress={onDo} isPending={isBusy} isDisabled={isDisabled}>
        {children}
      </Button>
    </div>
  );
}
