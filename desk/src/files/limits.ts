// Which files a message can take, judged before anything of them is sealed or brought.
import type { FileLimits } from "sealdesk/views";

/** A file that somebody chose: its size, and what everybody sees of that; null where no file can be so large. */
export interface Weighed {
  size: number;
  padded: number | null;
}

/** Why a file is not taken. */
export type Refusal = "off" | "large" | "many" | "together";

/** Why each of these is not taken beside those that were chosen before; null where it is. */
export function judged(before: Weighed[], more: Weighed[], limits: FileLimits): (Refusal | null)[] {
  let count = before.length;
  let bytes = before.reduce((sum, { padded }) => sum + (padded ?? 0), 0);
  return more.map(({ padded }) => {
    if (limits.file_bytes_max === 0) return "off";
    if (padded === null || padded > limits.file_bytes_max) return "large";
    if (count + 1 > limits.files_max) return "many";
    if (bytes + padded > limits.message_bytes_max) return "together";
    count++;
    bytes += padded;
    return null;
  });
}

const UNITS = ["KiB", "MiB", "GiB"] as const;
const STEP = 1_024;

/** A size as people say it, in the steps in which the desk's rules say theirs: 812 bytes, 1.4 MiB. */
export function sized(bytes: number, locale: string): string {
  if (bytes < STEP) return new Intl.NumberFormat(locale, { style: "unit", unit: "byte", unitDisplay: "long" }).format(bytes);
  let unit = 0;
  let value = bytes / STEP;
  while (value >= STEP && unit < UNITS.length - 1) {
    value /= STEP;
    unit++;
  }
  // Browsers have no words for these units, which are the same in every language.
  return `${new Intl.NumberFormat(locale, { maximumFractionDigits: value >= 100 ? 0 : 1 }).format(value)}\u00a0${UNITS[unit]}`;
}
