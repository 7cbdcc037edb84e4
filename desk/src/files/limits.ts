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

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;

/** A size as people say it: 812 bytes, 1.4 MB. In steps of a thousand, as the units say. */
export function sized(bytes: number, locale: string): string {
  let unit = 0;
  let value = bytes;
  while (value >= 1_000 && unit < UNITS.length - 1) {
    value /= 1_000;
    unit++;
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  const unitDisplay = unit === 0 ? "long" : "short";
  return new Intl.NumberFormat(locale, { style: "unit", unit: UNITS[unit] as string, unitDisplay, maximumFractionDigits: digits }).format(value);
}
