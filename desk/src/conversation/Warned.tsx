// What readers of a text should know before they believe it, and why one is not shown. Most texts have nothing of the kind: the words come when they
// are needed, and in English until then.
import type { Message, Warning } from "sealdesk/views";
import { Suspense } from "react";

import { lazy } from "../kit/lost.ts";
import { ofLater } from "../pages/parts.ts";

const Words = lazy(() => ofLater(() => import("./WarningWords.tsx")));
const Reason = lazy(() => ofLater(() => import("./WarningWords.tsx")).then(({ Reason }) => ({ default: Reason })));

/** Each of them once. */
export function Warned({ of }: { of: readonly Warning[] }) {
  const warnings = new Map(of.map((warning) => [warning.text, warning]));
  return [...warnings].map(([text, warning]) => (
    <div key={text} className="notice warn small" dir="auto">
      <Suspense fallback={text}>
        <Words warning={warning} />
      </Suspense>
    </div>
  ));
}

export const NotShown = ({ message }: { message: Message }) => (
  <Suspense fallback={message.not_shown}>
    <Reason message={message} />
  </Suspense>
);
