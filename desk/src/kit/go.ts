// Ctrl+Enter in a dialog presses the button that its other end is, wherever the focus is in it.
import { match, type Press } from "../keyboard/match.ts";
import { isMac } from "../keyboard/place.ts";

/** The button that a dialog is there for. What nobody can take back is pressed by itself alone. */
const PRIMARY = ".button.primary:not(:disabled)";

interface Going extends Press {
  preventDefault(): void;
  stopPropagation(): void;
}

/** Whether it was pressed; the key does nothing else then. */
export function goes(event: Going, dialog: Pick<ParentNode, "querySelector">, mac = isMac()): boolean {
  const found = match(event, null, { isMac: mac, inField: true, singleKeys: false });
  if (found === null || !("act" in found) || found.act !== "send") return false;
  const primary = dialog.querySelector<HTMLElement>(PRIMARY);
  event.preventDefault();
  event.stopPropagation();
  primary?.click();
  return primary !== null;
}

const pressed = (event: KeyboardEvent) => void goes(event, event.currentTarget as HTMLElement);

/** Hears keys in a dialog's own part of the page: a list that opens over it has keys of its own. */
export const goesByKey = (dialog: HTMLElement | null): void => dialog?.addEventListener("keydown", pressed);
