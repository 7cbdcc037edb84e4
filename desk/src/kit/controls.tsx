// Buttons and fields as this desk has them. What a button does about keys and screen readers is React Aria's; a field is the browser's own.
// Choices and dialogs are beside this, since they are most of React Aria's bytes and nobody needs them to begin.
import { type InputHTMLAttributes, type KeyboardEvent, type ReactNode, type Ref, useId } from "react";
import { Button as AriaButton, type ButtonProps as AriaButtonProps } from "react-aria-components";

type Kind = "primary" | "grave" | "plain" | "normal";

export interface ButtonProps extends AriaButtonProps {
  kind?: Kind;
  wide?: boolean;
  ref?: Ref<HTMLButtonElement>;
}

export function Button({ kind = "normal", wide = false, ref, ...rest }: ButtonProps) {
  // What a button is called but does not show is shown to whoever points at it. React Aria passes no title on.
  const { "aria-label": called } = rest;
  const titled = (node: HTMLButtonElement | null) => {
    if (node) node.title = called ?? "";
    if (typeof ref === "function") return ref(node);
    if (ref) ref.current = node;
  };
  return <AriaButton {...rest} ref={called === undefined ? ref : titled} className={`button ${kind}${wide ? " wide" : ""}`} />;
}

type Native = Pick<InputHTMLAttributes<HTMLInputElement>, "type" | "autoComplete" | "autoFocus" | "maxLength" | "inputMode" | "min">;

interface FieldProps extends Native {
  label: ReactNode;
  value: string;
  onChange(text: string): void;
  hint?: ReactNode;
  problem?: ReactNode;
  lines?: number;
  placeholder?: string | undefined;
  hiddenLabel?: boolean;
  isReadOnly?: boolean;
  isDisabled?: boolean;
  /** Whether it takes what room its row has. */
  grows?: boolean;
  onKeyDown?(event: KeyboardEvent): void;
}

/**
 * A text that a person types, with what it is for above it and what is wrong with it below. Without `autoComplete` a browser would keep
 * what was typed on its disk, in clear: for later forms, and to restore the tab after a crash. Some browsers send what they check the
 * spelling of to their makers.
 */
export function Field(props: FieldProps) {
  const { label, hint, problem, lines, hiddenLabel = false, onChange, isReadOnly, isDisabled, grows = false, type, min, ...rest } = props;
  const id = useId();
  const said = [hint ? `${id}hint` : "", problem === undefined ? "" : `${id}problem`].filter(Boolean).join(" ");
  const field = {
    autoComplete: "off",
    ...rest,
    id,
    className: "input",
    dir: "auto",
    spellCheck: false,
    readOnly: isReadOnly,
    disabled: isDisabled,
    onChange: ({ target }: { target: { value: string } }) => onChange(target.value),
    "aria-invalid": problem === undefined ? undefined : true,
    "aria-describedby": said === "" ? undefined : said,
  };
  return (
    <div className={`field${grows ? " grow" : ""}`}>
      <label className={hiddenLabel ? "hidden-text" : "label"} htmlFor={id}>
        {label}
      </label>
      {hint && (
        <span className="hint" id={`${id}hint`}>
          {hint}
        </span>
      )}
      {lines ? <textarea {...field} rows={lines} /> : <input {...field} type={type ?? "text"} min={min} />}
      {problem !== undefined && (
        <span className="error" id={`${id}problem`}>
          {problem}
        </span>
      )}
    </div>
  );
}
