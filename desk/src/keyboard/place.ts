// Where the person is on the page, as far as keys care.

/** Fields that take no text. */
const NO_TEXT = new Set(["button", "checkbox", "color", "file", "hidden", "image", "radio", "range", "reset", "submit"]);

export const isMac = (): boolean => /^(Mac|iP)/.test(navigator.platform);

const elementOf = (target: EventTarget | null): Element | null => (target instanceof Element ? target : null);

/** Whether it is a field for text. */
export function isField(target: EventTarget | null): boolean {
  const element = elementOf(target);
  if (!element) return false;
  if (element instanceof HTMLInputElement) return !NO_TEXT.has(element.type);
  if (element instanceof HTMLTextAreaElement || element instanceof HTMLSelectElement) return true;
  return (element instanceof HTMLElement && element.isContentEditable) || element.getAttribute("role") === "textbox";
}

/** Whether it is one that can only be read now, like the composer's while its text waits: nobody types there, and letters are keys. */
export const isReadOnly = (target: EventTarget | null): boolean =>
  (target instanceof HTMLTextAreaElement || target instanceof HTMLInputElement) && target.readOnly;

/** Whether letters and Enter mean something of their own there: dialogs, menus, and lists that one types in. */
export function isTaken(target: EventTarget | null): boolean {
  return elementOf(target)?.closest('[role="dialog"], [role="alertdialog"], [role="menu"], [role="listbox"], [role="combobox"]') != null;
}

/** Whether Enter presses something there. */
export function isPressable(target: EventTarget | null): boolean {
  return elementOf(target)?.closest('button, a[href], summary, input, [role="button"], [role="link"], [role="tab"], [role="checkbox"]') != null;
}

/** Where the focus belongs that is nowhere: to the row that keys are about, the result that is open, or the view that is shown. */
const HOME = ['.rows .target[tabindex="0"]', ".found[aria-current]", ".view[aria-current]"];

/** Gives the focus back to the list where nothing has it, so that whatever a key opens has somewhere to give it back to. What cannot be seen takes none. */
export function home(): void {
  for (const place of HOME) {
    if (document.activeElement === document.body) document.querySelector<HTMLElement>(place)?.focus({ preventScroll: true });
  }
}

/** The same once a dialog that goes has given back the focus as far as it can. */
export const homeSoon = (): void => void requestAnimationFrame(() => requestAnimationFrame(home));
