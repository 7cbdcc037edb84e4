// Buttons and fields as this desk has them. Everything about keys and screen readers is React Aria's. Choices and dialogs are beside this,
// since they are most of React Aria's bytes and nobody needs them to begin.
import type { ReactNode } from "react";
import { Button as AriaButton, type ButtonProps, FieldError, Input, Label, Text, TextArea, TextField, type TextFieldProps } from "react-aria-components";

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
