// Views that people make: for oneself, or for the team: in a document that nobody else can open, or that the staff can.
import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation } from "@tanstack/react-query";
import { ArrowDown, ArrowUp, Pencil, Trash2 } from "lucide-react";
import { type ReactNode, useState } from "react";

import { useTold } from "../conversation/told.tsx";
import { Ask } from "../kit/Ask.tsx";
import { Button } from "../kit/controls.tsx";
import { Problem } from "../kit/Problem.tsx";
import { moved, VIEWS_MAX } from "./madeViews.ts";
import { save } from "./saved.ts";
import { showView } from "./state.ts";
import type { Desk } from "./useDesk.ts";
import { ViewForm } from "./ViewForm.tsx";
import type { MadeView } from "./views.ts";

type Change = { kind: MadeView["kind"]; changes: { view: MadeView; keep: boolean }[] };

export function ViewEditor({ desk, onClose }: { desk: Desk; onClose(): void }) {
  const { t } = useLingui();
  const told = useTold();
  const [edited, setEdited] = useState<MadeView | "new" | null>(desk.made.length === 0 ? "new" : null);
  const change = useMutation({
    mutationFn: ({ kind, changes }: Change) => save(kind, changes),
    onSuccess: (done) => void told(done),
  });
  const write = async (view: MadeView) => {
    const before = edited === "new" ? null : edited;
    await change.mutateAsync({ kind: view.kind, changes: [{ view, keep: true }] });
    // One that was shared and no longer is, or the other way round, is not there twice.
    if (before && before.id !== view.id) await change.mutateAsync({ kind: before.kind, changes: [{ view: before, keep: false }] });
    showView(view.id);
    onClose();
  };
  if (edited !== null) {
    return (
      <Ask title={edited === "new" ? t`A new view` : t`Change a view`} isOpen onClose={onClose}>
        <ViewForm
          view={edited === "new" ? null : edited}
          rank={desk.made.length}
          onSave={(view) => void write(view).catch(() => undefined)}
          onCancel={desk.made.length === 0 ? onClose : () => setEdited(null)}
          isBusy={change.isPending}
        />
        {change.error && <Problem error={change.error} />}
      </Ask>
    );
  }
  const shift = (view: MadeView, by: -1 | 1) => {
    const among = desk.made.filter((other) => other.kind === view.kind);
    change.mutate({ kind: view.kind, changes: moved(among, view.id, by).map((view) => ({ view, keep: true })) });
  };
  const of = (kind: MadeView["kind"], title: ReactNode) => (
    <Made
      title={title}
      views={desk.made.filter((view) => view.kind === kind)}
      isBusy={change.isPending}
      onEdit={setEdited}
      onMove={shift}
      onRemove={(view) => change.mutate({ kind: view.kind, changes: [{ view, keep: false }] })}
    />
  );
  return (
    <Ask title={t`Views`} isOpen onClose={onClose}>
      {of("own", <Trans>Yours</Trans>)}
      {of("shared", <Trans>The team’s</Trans>)}
      {change.error && <Problem error={change.error} />}
      <div className="row end">
        <Button onPress={() => setEdited("new")} isDisabled={desk.made.length >= 2 * VIEWS_MAX}>
          <Trans>A new view</Trans>
        </Button>
        <Button kind="primary" onPress={onClose}>
          <Trans>Close</Trans>
        </Button>
      </div>
    </Ask>
  );
}

interface MadeProps {
  title: ReactNode;
  views: readonly MadeView[];
  isBusy: boolean;
  onEdit(view: MadeView): void;
  onMove(view: MadeView, by: -1 | 1): void;
  onRemove(view: MadeView): void;
}

function Made({ title, views, isBusy, onEdit, onMove, onRemove }: MadeProps) {
  const { t } = useLingui();
  if (views.length === 0) return null;
  return (
    <section className="made">
      <h3>{title}</h3>
      <ul>
        {views.map((view, n) => (
          <li key={view.id}>
            <bdi>{view.name}</bdi>
            <span className="row">
              <Button kind="plain" aria-label={t`Move ${view.name} up`} isPending={isBusy} isDisabled={n === 0} onPress={() => onMove(view, -1)}>
                <ArrowUp size={16} aria-hidden />
              </Button>
              <Button kind="plain" aria-label={t`Move ${view.name} down`} isPending={isBusy} isDisabled={n === views.length - 1} onPress={() => onMove(view, 1)}>
                <ArrowDown size={16} aria-hidden />
              </Button>
              <Button kind="plain" aria-label={t`Change ${view.name}`} isPending={isBusy} onPress={() => onEdit(view)}>
                <Pencil size={16} aria-hidden />
              </Button>
              <Button kind="plain" aria-label={t`Remove ${view.name}`} isPending={isBusy} onPress={() => onRemove(view)}>
                <Trash2 size={16} aria-hidden />
              </Button>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
