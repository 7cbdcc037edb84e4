// Keys as they are shown: on the sheet, in the palette, beside a button.
import { Trans, useLingui } from "@lingui/react/macro";

import { isMac } from "./place.ts";
import { useSingleKeys } from "./setting.ts";
import { type ActionId, isSingle, shortcut } from "./table.ts";

interface Labels {
  enter: string;
  escape: string;
  control: string;
  shift: string;
}

function useLabels(): Labels {
  const { t } = useLingui();
  return { enter: t`Enter`, escape: t`Esc`, control: isMac() ? "⌘" : t`Ctrl`, shift: isMac() ? "⇧" : t({ message: "Shift", context: "key" }) };
}

function parts(keys: string, { enter, escape, control, shift }: Labels): string[] {
  const names: Record<string, string> = { Mod: control, Shift: shift, Enter: enter, Escape: escape };
  return keys.split("+").map((key) => names[key] ?? key.toUpperCase());
}

/** Keys of the table, drawn as keys. */
export function Keys({ keys }: { keys: string }) {
  const labels = useLabels();
  const steps = keys.split(" ");
  return (
    <span className="keys">
      {steps.map((step, n) => (
        // A step has no name beside its place.
        <span key={n}>
          {n > 0 && (
            <span className="quiet">
              {" "}
              <Trans>then</Trans>{" "}
            </span>
          )}
          {parts(step, labels).map((part) => (
            <kbd key={part}>{part}</kbd>
          ))}
        </span>
      ))}
    </span>
  );
}

/** The keys of an act that work now; undefined where there are none, or single keys are off. */
export function useKeys(id: ActionId): string | undefined {
  const isOn = useSingleKeys();
  return shortcut(id).keys.find((keys) => isOn || !isSingle(keys));
}

/** Keys for `aria-keyshortcuts` of the button that does the same. A sequence has no form there. */
export function useAriaKeys(id: ActionId): { "aria-keyshortcuts"?: string } {
  const keys = useKeys(id);
  if (keys === undefined || keys.includes(" ")) return {};
  return { "aria-keyshortcuts": keys.replace("Mod+", isMac() ? "Meta+" : "Control+") };
}
