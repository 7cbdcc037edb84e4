// What somebody has typed that no draft keeps: it would be lost with the page.

const FIELDS = "input:not([type=checkbox], [type=radio], [type=search], [type=file]), textarea";
/** Which forms keep what is typed in them. */
const KEPT = "[data-kept]";

const typed = new Set<HTMLInputElement | HTMLTextAreaElement>();

/** Remembers from now on where somebody typed. */
export function watch(): void {
  const heard = ({ target }: Event) => {
    for (const field of typed) if (!field.isConnected) typed.delete(field);
    if (target instanceof Element && target.matches(FIELDS)) typed.add(target as HTMLInputElement);
  };
  document.addEventListener("input", heard, { capture: true });
}

/** Whether something is typed that nothing keeps. */
export const wouldLose = (): boolean => [...typed].some((field) => field.isConnected && field.value !== "" && field.closest(KEPT) === null);
