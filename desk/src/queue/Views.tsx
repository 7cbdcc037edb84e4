// The views at the side with their counts, and the same as a choice where there is no room.
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { ChevronDown, Settings2 } from "lucide-react";
import { type ReactNode, Suspense, useMemo, useState } from "react";

import { Warned } from "../conversation/Warned.tsx";
import { Button } from "../kit/controls.tsx";
import { useCommands } from "../keyboard/actions.ts";
import { lazy } from "../kit/lost.ts";
import { useIsNarrow } from "./room.ts";
import { useDoubts } from "./saved.ts";
import { showView } from "./state.ts";
import type { Desk } from "./useDesk.ts";
import type { AnyView } from "./views.ts";

// Whoever has the room for a list of views loads no choice.
const Choices = lazy(() => import("../kit/Choices.tsx").then(({ Choices }) => ({ default: Choices })));
const Editor = lazy(() => import("./ViewEditor.tsx").then(({ ViewEditor }) => ({ default: ViewEditor })));

export function Views({ desk }: { desk: Desk }) {
  const { t } = useLingui();
  const { views, made } = desk;
  const doubts = useDoubts();
  const [isEditing, setEditing] = useState(false);
  const of = (kind: AnyView["kind"]) => views.filter((view) => view.kind === kind);
  const kind = t`View`;
  const commands = useMemo(() => made.map(({ id, name }) => ({ id: `view ${id}`, name, kind, run: () => showView(id) })), [made, kind]);
  useCommands("views", commands);
  return (
    <nav className="views" aria-label={t`Views`}>
      <Group views={of("desk")} desk={desk} />
      <Group views={of("own")} desk={desk} title={<Trans>Yours</Trans>} />
      <Group views={of("shared")} desk={desk} title={<Trans>The team’s</Trans>} />
      {of("shared").length > 0 && <Warned of={doubts} />}
      <Button kind="plain" onPress={() => setEditing(true)}>
        <Settings2 size={16} aria-hidden />
        <Trans>Make a view</Trans>
      </Button>
      {isEditing && (
        <Suspense>
          <Editor desk={desk} onClose={() => setEditing(false)} />
        </Suspense>
      )}
    </nav>
  );
}

function Group({ views, desk, title }: { views: readonly AnyView[]; desk: Desk; title?: ReactNode }) {
  const { i18n } = useLingui();
  if (views.length === 0) return null;
  return (
    <>
      {title && <h3>{title}</h3>}
      <ul>
        {views.map((view) => {
          const count = desk.count.get(view.id) ?? 0;
          return (
            <li key={view.id}>
              <button type="button" className="view" aria-current={view.id === desk.view.id ? "true" : undefined} onClick={() => showView(view.id)}>
                <span dir="auto">{desk.nameOf(view)}</span>
                <span className="quiet numbers">
                  {new Intl.NumberFormat(i18n.locale).format(count)}
                  <span className="hidden-text">
                    {" "}
                    <Plural value={count} one="ticket" other="tickets" />
                  </span>
                </span>
              </button>
            </li>
          );
        })}
      </ul>
    </>
  );
}

/** The choice that is no view. */
const MAKE = "make a view";

export function ViewChoice({ desk }: { desk: Desk }) {
  const { t } = useLingui();
  const isNarrow = useIsNarrow();
  const [isEditing, setEditing] = useState(false);
  if (!isNarrow) return null;
  const label = (view: AnyView) => `${desk.nameOf(view)} (${desk.count.get(view.id) ?? 0})`;
  const choices = desk.views.map((view) => ({ id: view.id, label: label(view) }));
  // Views have no blank in what they are kept under.
  choices.push({ id: MAKE, label: desk.made.length === 0 ? t`Make a view` : t`Make or change views` });
  // As high as what comes, and with the same words.
  const before = (
    <div className="field" aria-hidden>
      <span className="select-button">
        {label(desk.view)}
        <ChevronDown size={16} />
      </span>
    </div>
  );
  return (
    <>
      <Suspense fallback={before}>
        <Choices label={t`View`} hiddenLabel choices={choices} value={desk.view.id} onChange={(id) => (id === MAKE ? setEditing(true) : showView(id))} />
      </Suspense>
      {isEditing && (
        <Suspense>
          <Editor desk={desk} onClose={() => setEditing(false)} />
        </Suspense>
      )}
    </>
  );
}
