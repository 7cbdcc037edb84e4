// What this person can do with the ticket as it stands. The ledger judges again; here only what it would refuse is left out.
import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation } from "@tanstack/react-query";
import { Ellipsis } from "lucide-react";
import { Suspense, useState } from "react";
import type { Conversation, Role, Ticket } from "sealdesk/views";

import type { Told } from "../../worker/api.ts";
import { lazy } from "../kit/lost.ts";
import { MenuButton } from "../kit/MenuButton.tsx";
import { useSmall } from "../kit/small.ts";
import { DeskButton, useDeskAction } from "../offline/NeedsDesk.tsx";
import { ofLater, staff } from "../pages/parts.ts";
import { useOpened } from "../session/session.tsx";
import type { CustomerAsks } from "./CustomerAsk.tsx";
import { refresh } from "./outboxTimer.ts";
import { useTold } from "./told.tsx";

const CustomerAsk = lazy(() => ofLater(() => import("./CustomerAsk.tsx")));
const ReceiptAsk = lazy(() => ofLater(() => import("./receipt/ReceiptAsk.tsx")));
const StaffActions = lazy(() => staff().then(({ StaffActions }) => ({ default: StaffActions })));

export const isOver = ({ status }: Ticket): boolean => status === "resolved" || status === "closed";

export function Actions({ opened, role }: { opened: Conversation; role: Role }) {
  const { address } = useOpened();
  if (role === "customer") return opened.ticket.customer_address === address ? <CustomerActions ticket={opened.ticket} /> : <Elses />;
  return (
    <Suspense fallback={<div className="row actions" />}>
      <StaffActions opened={opened} role={role} />
    </Suspense>
  );
}

/** Everybody can look at how a ticket stands; the ledger takes nothing in it from a stranger. */
function Elses() {
  return (
    <p className="quiet small">
      <Trans>This is not your ticket.</Trans>
    </p>
  );
}

type Asks = CustomerAsks | "receipt";

/** What a ticket's customer can do, also where they are staff by now. */
export function CustomerActions({ ticket }: { ticket: Ticket }) {
  const { t } = useLingui();
  const [asks, setAsks] = useState<Asks | null>(null);
  const isSmall = useSmall();
  const told = useTold();
  const id = ticket.ticket_id;
  const change = useMutation({
    mutationFn: (work: () => Promise<Told>) => work(),
    async onSuccess(done) {
      setAsks(null);
      told(done, asks === "rate" ? t`Thank you. Your rating was recorded.` : t`Done`);
      await refresh(id);
    },
  });
  const close = () => {
    change.reset();
    setAsks(null);
  };
  const isRated = ticket.ratings.some((rating) => rating.resolved_at === ticket.resolved_at);
  const canClose = ticket.status !== "closed";
  const canReopen = isOver(ticket);
  useDeskAction("close", canClose ? () => setAsks("close") : undefined);
  useDeskAction("reopen", canReopen ? () => setAsks("reopen") : undefined);
  const canRate = isOver(ticket) && ticket.resolved_at !== null && !isRated;
  const all: { id: Asks; name: string; isThere: boolean }[] = [
    { id: "rate", name: t`Rate`, isThere: canRate },
    { id: "reopen", name: t`Reopen`, isThere: canReopen },
    { id: "close", name: t`Close`, isThere: canClose },
    { id: "receipt", name: t`Receipt`, isThere: true },
  ];
  const acts = all.filter(({ isThere }) => isThere);
  // On a phone the conversation has the room: what few do is behind a menu.
  const front = isSmall ? acts.slice(0, canReopen ? 2 : 1).filter(({ id }) => id !== "receipt") : acts;
  const menu = acts.filter((act) => !front.includes(act));
  return (
    <div className="row actions">
      {front.map(({ id, name }) => (
        <DeskButton key={id} onPress={() => setAsks(id)}>
          {name}
        </DeskButton>
      ))}
      {menu.length > 0 && (
        <MenuButton needsDesk aria-label={t`More`} placement="bottom end" lines={menu} onChoose={(id) => setAsks(id as Asks)}>
          <Ellipsis size={16} aria-hidden />
        </MenuButton>
      )}
      {asks === "receipt" && (
        <Suspense>
          <ReceiptAsk id={id} onClose={close} />
        </Suspense>
      )}
      {asks !== null && asks !== "receipt" && (
        <Suspense>
          <CustomerAsk asks={asks} id={id} change={change} onClose={close} />
        </Suspense>
      )}
    </div>
  );
}
