// A desk's own accent, by day and by night: made darker or lighter until text in it, and text on it, stands out (WCAG, 4.5 to 1).

type Rgb = [number, number, number];

export const HEX = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i;
const CONTRAST_LEAST = 4.5;
const STEPS = 40;

export interface Accent {
  light: string;
  dark: string;
  onLight: string;
  onDark: string;
}

/** The grounds of the style sheet, of which the accent's text is hardest to read. */
const GROUNDS = { light: "#e4e9ff", dark: "#262f4d" };

function rgb(hex: string): Rgb {
  const digits = hex.slice(1);
  const long = digits.length === 3 ? [...digits].map((digit) => digit + digit).join("") : digits;
  return [0, 2, 4].map((place) => Number.parseInt(long.slice(place, place + 2), 16)) as Rgb;
}

const hex = (colour: Rgb): string => `#${colour.map((part) => Math.round(part).toString(16).padStart(2, "0")).join("")}`;
const mixed = (one: Rgb, other: Rgb, share: number): Rgb => one.map((part, n) => part + ((other[n] ?? 0) - part) * share) as Rgb;

function luminance(colour: Rgb): number {
  const [red = 0, green = 0, blue = 0] = colour.map((part) => {
    const value = part / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

export function contrast(one: string, other: string): number {
  const [darker = 0, lighter = 0] = [luminance(rgb(one)), luminance(rgb(other))].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

function towards(colour: Rgb, end: Rgb, ground: string): string {
  for (let step = 0; step < STEPS; step++) {
    const found = hex(mixed(colour, end, step / STEPS));
    if (contrast(found, ground) >= CONTRAST_LEAST) return found;
  }
  return hex(end);
}

const WHITE = "#ffffff";
const INK = "#10142b";
const on = (colour: string): string => (contrast(WHITE, colour) >= contrast(INK, colour) ? WHITE : INK);

/** Null where it is not a colour. */
export function accentOf(text: string): Accent | null {
  if (!HEX.test(text)) return null;
  const light = towards(rgb(text), [0, 0, 0], GROUNDS.light);
  const dark = towards(rgb(text), [255, 255, 255], GROUNDS.dark);
  return { light, dark, onLight: on(light), onDark: on(dark) };
}
