// What a view asks for. Everything may be left open; of a list any fits.
import type { MessageDescriptor } from "@lingui/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import type { TicketStatus } from "sealdesk/views";

import { door } from "../door.ts";
import { AskEnd } from "../kit/Ask.tsx";
import { Choices } from "../kit/Choices.tsx";
import { Field } from "../kit/controls.tsx";
import { useNames } from "../people/names.tsx";
import { keys } from "../queries.ts";
import { useOpened } from "../session/session.tsx";
import { addressOf } from "./customer.ts";
import { CustomerField } from "./CustomerField.tsx";
import { keyOf, NAME_MAX, viewOf } from "./madeViews.ts";
import { newKey } from "./saved.ts";
import { type MadeView, ME, NOBODY, type Order, PRIORITIES, type Where } from "./views.ts";
import { category, PRIORITY, STATUS } from "./words.ts";

const STATUSES = Object.keys(STATUS) as TicketStatus[];
const ANY = "any" as const;

interface FormProps {
  view: MadeView | null;
  rank: number;
  onSave(view: MadeView): void;
  onCancel(): void;
  isBusy: boolean;
}

export function ViewForm({ view, rank, onSave, onCancel, isBusy }: FormProps) {
  const { i18n, t } = useLingui();
  const say = (message: MessageDescriptor) => i18n._(message);
  const { data: categories = [] } = useQuery({ queryKey: keys.categories, queryFn: () => door.categories() });
  const [name, setName] = useState(view?.name ?? "");
  const [kind, setKind] = useState<MadeView["kind"]>(view?.kind ?? "own");
  const [where, setWhere] = useState<Where>(view?.where ?? {});
  const [order, setOrder] = useState<Order>(view?.order ?? "urgency");
  const [tags, setTags] = useState((view?.where.tags ?? []).join(", "));
  const set = (change: { [K in keyof Where]?: Where[K] | undefined }) => setWhere((before) => ({ ...before, ...change }) as Where);
  // One name for as long as this is open: a view that is saved again after an answer was lost is one view.
  const [ownKey] = useState(newKey);
  // A view of what is nobody's would always be empty.
  const [isNobody, setFault] = useState(false);
  const cannot = name.trim() === "" || isNobody || (where.provider !== undefined && addressOf(where.provider, []) === null);
  const go = () => {
    if (cannot) return;
    const asked = { ...where, tags: tags.split(",").map((tag) => tag.trim()).filter((tag) => tag !== "") };
    const key = view && view.kind === kind ? keyOf(view) : ownKey;
    // Read as whatever was kept is: so that what is shown now is what is shown after a reload.
    const made = viewOf(key, { name, where: asked, order, rank: view?.rank ?? rank }, kind);
    if (made) onSave(made);
  };
  return (
    <form className="stack view-form" onSubmit={(event) => (event.preventDefault(), go())}>
      <Field label={t`Name`} value={name} onChange={setName} maxLength={NAME_MAX} autoFocus />
      <Choices<MadeView["kind"]>
        label={t`For whom`}
        choices={[
          { id: "own", label: t`For me: sealed on the ledger for all my devices` },
          { id: "shared", label: t`For the team: sealed on the ledger for the whole team` },
        ]}
        value={kind}
        onChange={setKind}
      />
      <Many label={<Trans>State</Trans>} choices={STATUSES.map((id) => [id, say(STATUS[id])])} value={where.statuses} onChange={(statuses) => set({ statuses })} />
      <Many label={<Trans>Priority</Trans>} choices={PRIORITIES.map((id) => [id, say(PRIORITY[id])])} value={where.priorities} onChange={(priorities) => set({ priorities })} />
      <Many label={<Trans>Category</Trans>} choices={categories.map((id) => [id, category(id, say)])} value={where.categories} onChange={(categories) => set({ categories })} />
      <People where={where} set={set} onFault={setFault} />
      <Times where={where} set={set} />
      <Field label={t`Tags, separated by commas`} hint={t`Tags are sealed: this finds only tickets that you can open.`} value={tags} onChange={setTags} />
      <label className="tick">
        <input type="checkbox" checked={where.unread ?? false} onChange={({ target }) => set({ unread: target.checked || undefined })} />
        <Trans>Only what is unread</Trans>
      </label>
      <Choices<Order>
        label={t`Order`}
        choices={[
          { id: "urgency", label: t`Highest priority first, then longest wait` },
          { id: "waiting", label: t`Longest wait first` },
          { id: "due", label: t`Due soonest first` },
          { id: "changed", label: t`Last changed first` },
          { id: "newest", label: t`Newest first` },
        ]}
        value={order}
        onChange={setOrder}
      />
      <div className="wide">
        <AskEnd onClose={onCancel} onDo={go} isBusy={isBusy} isDisabled={cannot}>
          <Trans>Save the view</Trans>
        </AskEnd>
      </div>
    </form>
  );
}

interface PartProps {
  where: Where;
  set(change: { [K in keyof Where]?: Where[K] | undefined }): void;
}

function People({ where, set, onFault }: PartProps & { onFault(isFault: boolean): void }) {
  const { t } = useLingui();
  const names = useNames();
  const { address } = useOpened();
  const { data: agents = [] } = useQuery({ queryKey: keys.members("support_agent"), queryFn: () => door.members("support_agent") });
  const choices = [
    { id: ANY, label: t`Anyone` },
    { id: ME, label: t`Me` },
    { id: NOBODY, label: t`Nobody` },
    ...agents.filter((agent) => agent !== address).map((id) => ({ id, label: names(id, true) })),
  ];
  return (
    <>
      <Choices label={t`Assigned to`} choices={choices} value={where.assignee ?? ANY} onChange={(id) => set({ assignee: id === ANY ? undefined : id })} />
      <CustomerField
        value={where.customer}
        onChange={(customer) => {
          onFault(customer === null);
          if (customer !== null) set({ customer });
        }}
      />
      <Field
        label={t`Provider’s address`}
        value={where.provider ?? ""}
        onChange={(provider) => set({ provider: provider.trim() || undefined })}
        problem={where.provider === undefined || addressOf(where.provider, []) !== null ? undefined : t`This is not an address.`}
      />
    </>
  );
}

function Times({ where, set }: PartProps) {
  const { t } = useLingui();
  const any = { id: ANY as typeof ANY, label: t`Any` };
  return (
    <>
      <Choices<NonNullable<Where["due"]> | typeof ANY>
        label={t`Due`}
        choices={[any, { id: "either", label: t`Soon, or late` }, { id: "soon", label: t`Within four hours` }, { id: "late", label: t`Late` }]}
        value={where.due ?? ANY}
        onChange={(due) => set({ due: due === ANY ? undefined : due })}
      />
      <Choices<NonNullable<Where["aside"]> | typeof ANY>
        label={t`Put aside`}
        choices={[
          { id: ANY, label: t`Not those` },
          { id: "too", label: t`Those, too` },
          { id: "only", label: t`Only those` },
        ]}
        value={where.aside ?? ANY}
        onChange={(aside) => set({ aside: aside === ANY ? undefined : aside })}
      />
      <Field
        label={t`Days without activity`}
        inputMode="numeric"
        value={where.quietDays === undefined ? "" : String(where.quietDays)}
        onChange={(days) => set({ quietDays: Number.parseInt(days, 10) || undefined })}
      />
    </>
  );
}

interface ManyProps<T extends string> {
  label: ReactNode;
  choices: [T, string][];
  value: T[] | undefined;
  onChange(value: T[] | undefined): void;
}

/** Any of several; none of them is as good as all. */
function Many<T extends string>({ label, choices, value = [], onChange }: ManyProps<T>) {
  const press = (id: T, isOn: boolean) => {
    const next = isOn ? [...value, id] : value.filter((other) => other !== id);
    onChange(next.length > 0 ? next : undefined);
  };
  return (
    <fieldset className="many wide">
      <legend>{label}</legend>
      {choices.map(([id, name]) => (
        <label key={id} className="tick">
          <input type="checkbox" checked={value.includes(id)} onChange={({ target }) => press(id, target.checked)} />
          <span dir="auto">{name}</span>
        </label>
      ))}
    </fieldset>
  );
}
