// What needs the desk, while it cannot be reached: a line says so beforehand, and buttons and keys say it instead of doing what would fail. What is
// typed is kept all the same.
import { Trans, useLingui } from "@lingui/react/macro";
import { useCallback, useId } from "react";

import { type ActionId, useAction } from "../keyboard/actions.ts";
import { Button, type ButtonProps } from "../kit/controls.tsx";
import { useToast } from "../kit/toast.tsx";
import { cannotReach, useAway } from "./reach.ts";

/** By which buttons name the line of their page as the reason why they do nothing. */
const LINE = "desk-away";

/** The line above what is written, and beside the acts of a page. */
export function AwayLine() {
  const isAway = useAway();
  return (
    <div role="status" className="away">
      {isAway && (
        <p className="away-line" id={LINE}>
          <Trans>The desk cannot be reached. What you type is kept here, and can be sent once it answers.</Trans>
        </p>
      )}
    </div>
  );
}

/** Says the same to whoever presses. */
export function useSayAway(): () => void {
  const { t } = useLingui();
  const toast = useToast();
  return useCallback(() => toast(t`The desk cannot be reached. What you type is kept here, and can be sent once it answers.`), [t, toast]);
}

/** Does this, or says that the desk cannot be reached. */
export function useReaching(): (work: () => void) => void {
  const say = useSayAway();
  return useCallback((work) => (cannotReach() ? say() : work()), [say]);
}

interface DeskButtonProps extends ButtonProps {
  /** What names the reason, where that is not the page's line. */
  reason?: string;
}

/** A button for what needs the desk. */
export function DeskButton({ onPress, type, reason = LINE, ...rest }: DeskButtonProps) {
  const isAway = useAway();
  const say = useSayAway();
  if (!isAway) return <Button {...rest} {...(type && { type })} {...(onPress && { onPress })} />;
  return <Button {...rest} type="button" onPress={say} aria-disabled aria-describedby={reason} />;
}

/** The end of a dialog that changes something, and why it cannot now. */
export function DeskEnd(props: ButtonProps) {
  const isAway = useAway();
  const id = useId();
  return (
    <>
      {isAway && (
        <span className="quiet small" id={id} role="status">
          <Trans>The desk cannot be reached. This can be done once it answers.</Trans>
        </span>
      )}
      <DeskButton {...props} reason={id} />
    </>
  );
}

/** As `useAction`, for an act that needs the desk. */
export function useDeskAction(id: ActionId, handler: (() => void) | undefined, options?: { goesFirst?: boolean }): void {
  const reaching = useReaching();
  useAction(id, handler && (() => reaching(handler)), options);
}
