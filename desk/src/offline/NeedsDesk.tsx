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

interface AwayLineProps {
  /** What it is named by, where there may be another one on the page. */
  id?: string;
  /** Whether it stands beside acts, and nothing is typed there. */
  ofActs?: boolean;
}

/** The line above what is written, and beside the acts of a page. */
export function AwayLine({ id = LINE, ofActs = false }: AwayLineProps) {
  const isAway = useAway();
  return (
    <div role="status" className="away">
      {isAway && (
        <p className="away-line" id={id}>
          {ofActs ? (
            <Trans>The desk cannot be reached. You can do this once it is back.</Trans>
          ) : (
            <Trans>The desk cannot be reached. What you type is kept here; you can send it once the desk is back.</Trans>
          )}
        </p>
      )}
    </div>
  );
}

/** Says it to whoever presses, whatever they would do. */
export function useSayAway(): () => void {
  const { t } = useLingui();
  const toast = useToast();
  return useCallback(() => toast(t`The desk cannot be reached. You can do this once it is back.`), [t, toast]);
}

/** Does this, or says that the desk cannot be reached; whether it was done. */
export function useReaching(): (work: () => void) => boolean {
  const say = useSayAway();
  return useCallback(
    (work) => {
      const isAway = cannotReach();
      if (isAway) say();
      else work();
      return !isAway;
    },
    [say],
  );
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
      <span className={isAway ? "quiet small" : "hidden-text"} id={id} role="status">
        {isAway && <Trans>The desk cannot be reached. You can do this once it is back.</Trans>}
      </span>
      <DeskButton {...props} reason={id} />
    </>
  );
}

/** As `useAction`, for an act that needs the desk. */
export function useDeskAction(id: ActionId, handler: (() => void) | undefined, options?: { goesFirst?: boolean }): void {
  const reaching = useReaching();
  useAction(id, handler && (() => reaching(handler)), options);
}
