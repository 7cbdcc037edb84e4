// Until when somebody puts a ticket aside: times that fit a working day, on this computer's clock.

/** The ledger takes no later time, in days. */
export const DAYS_MAX = 366;

export type Named = "later" | "tomorrow" | "week";

const MORNING = 9;

function morning(from: Date, days: number): Date {
  return new Date(from.getFullYear(), from.getMonth(), from.getDate() + days, MORNING);
}

/** Later today: in three hours, on the next full quarter; null where that is not today, or after seven in the evening. */
function laterToday(now: Date): Date | null {
  const quarter = 15 * 60_000;
  const later = new Date(Math.ceil((now.getTime() + 3 * 3_600_000) / quarter) * quarter);
  const evening = new Date(now.getFullYear(), now.getMonth(), now.getDate(), 19);
  return later <= evening ? later : null;
}

/** The times that are offered now, the nearest first. */
export function timesFrom(now: Date): { id: Named; at: Date }[] {
  const later = laterToday(now);
  const monday = (8 - now.getDay()) % 7 || 7;
  const times: { id: Named; at: Date }[] = [{ id: "tomorrow", at: morning(now, 1) }];
  if (later) times.unshift({ id: "later", at: later });
  // On a Sunday next week begins tomorrow.
  if (monday > 1) times.push({ id: "week", at: morning(now, monday) });
  return times;
}

/** The morning of a day as a field of dates has it, in Unix seconds; null where it is not a day that the ledger takes. */
export function morningOf(day: string, now: Date): number | null {
  const [year, month, date] = day.split("-").map(Number);
  if (year === undefined || month === undefined || date === undefined) return null;
  const at = new Date(year, month - 1, date, MORNING);
  const ahead = at.getTime() - now.getTime();
  return ahead > 0 && ahead < DAYS_MAX * 86_400_000 ? Math.floor(at.getTime() / 1000) : null;
}
