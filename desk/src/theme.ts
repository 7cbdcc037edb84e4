// By day, by night, or as the system has it.

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const KEPT = "theme";

const isTheme = (text: string | null): text is Theme => THEMES.some((theme) => theme === text);

/** What the person chose in this browser. */
export function chosenTheme(): Theme {
  const kept = localStorage.getItem(KEPT);
  return isTheme(kept) ? kept : "system";
}

/** kit/theme.css has the colours of each. */
export function wear(theme: Theme): void {
  document.documentElement.dataset.theme = theme;
}

export function chooseTheme(theme: Theme): void {
  localStorage.setItem(KEPT, theme);
  wear(theme);
}
