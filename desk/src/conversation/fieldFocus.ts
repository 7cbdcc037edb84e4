// Whether the field of a composer is given the focus, where the button that had it vanished. Nobody's focus is taken from anywhere else, and no
// selection: whoever is somewhere else by the time that a message is sent stays there.

export interface Place {
  /** Whether the focus is in the composer. */
  isInside(): boolean;
  /** Whether nothing has it. */
  isNowhere(): boolean;
  /** Gives it to the field. */
  focus(): void;
  /** Calls back once a menu that goes has given back the focus. */
  soon(work: () => void): void;
}

export interface FieldFocus {
  /** Somebody sends. What they pressed for that, in a menu too, may be gone before what is shown changes. */
  sends(): void;
  /** They did not, after all. */
  stays(): void;
  /** What waits is about to change, and is shown as it was. */
  changes(): void;
  /** It is shown as it is now. */
  changed(): void;
}

export function createFieldFocus({ isInside, isNowhere, focus, soon }: Place): FieldFocus {
  let isSent = false;
  let wasInside = false;
  return {
    sends: () => void (isSent = true),
    stays: () => void (isSent = false),
    changes: () => void (wasInside = isInside()),
    changed() {
      const take = () => isNowhere() && focus();
      if (isSent || wasInside) take();
      // What was chosen in a menu gives the focus back to its button, which is gone by then.
      if (isSent && !isInside()) soon(take);
      isSent = false;
      wasInside = false;
    },
  };
}
