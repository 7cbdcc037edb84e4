// When a ticket is due, in its head: what was promised next, and how long it is until then.
import { Trans } from "@lingui/react/macro";
import { useLingui } from "@lingui/react";
import { useEffect, useState } from "react";

import { regional } from "../../i18n.ts";
import { dates } from "../../kit/When.tsx";
import { span } from "../../queue/due.ts";
import { useQueue } from "../../queue/store.ts";
import { dueAt, isLate } from "../../queue/views.ts";

/** How often what is said of a time to come is said anew. */
const TICK_MS = 15_000;

export function DueFact({ id }: { id: string }) {
  const { i18n } = useLingui();
  const { lines } = useQueue();
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  const line = lines.get(id);
  const at = line ? dueAt(line) : null;
  if (!line || at === null) return null;
  const late = isLate(line, now);
  const whole = dates(regional(i18n.locale), { dateStyle: "medium", timeStyle: "short" }).format(at);
  return (
    <span className={`tag due-fact${late ? " late" : ""}`} title={whole}>
      <Said target={line.about?.due?.target} rest={late ? null : span(at - now, i18n.locale)} />
    </span>
  );
}

/** `rest` is how long it is until then; null once it is late. */
function Said({ target, rest }: { target: string | undefined; rest: string | null }) {
  switch (target) {
    case "first_response":
      return rest === null ? <Trans>first reply late</Trans> : <Trans>first reply due in {rest}</Trans>;
    case "next_response":
      return rest === null ? <Trans>next reply late</Trans> : <Trans>next reply due in {rest}</Trans>;
    default:
      return rest === null ? <Trans>resolution late</Trans> : <Trans>resolution due in {rest}</Trans>;
  }
}
