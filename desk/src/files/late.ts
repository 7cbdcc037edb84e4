import { useEffect, useState } from "react";

/** What takes less is over before anybody wonders. */
const LATE_MS = 500;

/** Whether something has been going on for longer than half a second. */
export function useLate(isGoingOn: boolean): boolean {
  const [isLate, setLate] = useState(false);
  useEffect(() => {
    if (!isGoingOn) return setLate(false);
    const timer = setTimeout(() => setLate(true), LATE_MS);
    return () => clearTimeout(timer);
  }, [isGoingOn]);
  return isLate;
}
