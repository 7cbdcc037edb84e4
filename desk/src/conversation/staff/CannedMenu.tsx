// Canned replies and macros beside the composer: by a button, by typing ::, and, for macros, from the palette.
import { useLingui } from "@lingui/react/macro";
import { useNavigate } from "@tanstack/react-router";
import { MessageSquareText } from "lucide-react";
import { type RefObject, Suspense, useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { Conversation } from "sealdesk/views";

import { door } from "../../door.ts";
import { useCommands } from "../../keyboard/actions.ts";
import { Button } from "../../kit/controls.tsx";
import { lazy } from "../../kit/lost.ts";
import { useReaching } from "../../offline/NeedsDesk.tsx";
import { useRole } from "../../queue/role.ts";
import { useOpened } from "../../session/session.tsx";
import type { Kind } from "../deliver.ts";
import { buries } from "../meanwhile.ts";
import { assignBeside } from "./assigning.ts";
import { useDo } from "./doing.ts";
import { actPlanned } from "../retag.ts";
import { type Planned, tagsOf } from "../tags.ts";
import { actsOf, filled, type Macro, macrosIn, repliesIn, variablesIn } from "./canned.ts";
import { useStaffDocument } from "./documents.ts";
import { useFacts } from "./facts.ts";
import { useUnfilled } from "./Unfilled.tsx";

const MacroAsk = lazy(() => import("./MacroAsk.tsx"));
const CannedList = lazy(() => import("./CannedList.tsx"));

export interface Sent {
  text: string;
  before?: (() => Promise<unknown>) | undefined;
}

interface CannedMenuProps {
  opened: Conversation;
  kind: Kind;
  text: string;
  onText(text: string): void;
  onSend(then: Planned[], label: string, sent?: Sent): void;
  form: RefObject<HTMLFormElement | null>;
  /** Hears how to tell what of these was left in a text. */
  unfilled: RefObject<(text: string) => string[]>;
}

/** What opens the list, and what was typed behind it by then. */
const OPENS = /::([^\n:]{0,24})$/;

export default function CannedMenu({ opened, kind, text, onText, onSend, form, unfilled }: CannedMenuProps) {
  const { t } = useLingui();
  const navigate = useNavigate();
  const button = useRef<HTMLSpanElement>(null);
  const [open, setOpen] = useState<{ from: number; to: number; typed: string } | null>(null);
  const { data: ofReplies } = useStaffDocument("replies");
  const replies = repliesIn(ofReplies);
  const { data: document } = useStaffDocument("macros");
  const macros = useMemo(() => macrosIn(document), [document]);
  const facts = useFacts(opened);
  const left = useUnfilled();
  useEffect(() => void (unfilled.current = left));
  const use = useMacro(opened, onText, onSend);
  const [asked, setAsked] = useState<{ macro: Macro; typed: string } | null>(null);
  const isDoubtful = (document?.warned.length ?? 0) > 0;
  // It answers and changes the ticket in one go: where nothing proves that staff wrote it, somebody looks at it first.
  const run = useCallback((macro: Macro, typed: string) => (isDoubtful ? setAsked({ macro, typed }) : use(macro, typed)), [isDoubtful, use]);
  const area = () => form.current?.querySelector("textarea") ?? null;

  const last = useRef(text);
  useEffect(() => {
    const grew = text.length > last.current.length;
    last.current = text;
    const field = form.current?.querySelector("textarea");
    if (!grew || !field || globalThis.document.activeElement !== field) return;
    const to = field.selectionStart;
    const found = OPENS.exec(text.slice(0, to));
    if (found) setOpen({ from: found.index, to, typed: found[1] ?? "" });
  }, [text, form]);

  const commands = useMemo(
    () => (kind === "reply" ? macros.map((macro) => ({ id: `macro-${macro.id}`, name: macro.name, kind: t`Macro`, run: () => run(macro, last.current) })) : []),
    // What a macro does follows the ticket: the newest is used by reference.
    [macros, kind, run, t],
  );
  useCommands("macros", commands);

  /** Where the words go. Letters that came to the text before the list had the keyboard belong to what opened it. */
  const place = () => (open === null ? { from: text.length, to: text.length } : { from: open.from, to: Math.max(open.to, area()?.selectionStart ?? 0) });
  const put = (said: string) => {
    const { from, to } = place();
    const words = filled(said, facts);
    onText(text.slice(0, from) + words + text.slice(to));
    setOpen(null);
    setTimeout(() => {
      const field = area();
      field?.focus();
      // What stands for nothing here is what they write next.
      const [first] = variablesIn(words);
      const at = first === undefined ? words.length : words.indexOf(first);
      field?.setSelectionRange(from + at, from + at + (first?.length ?? 0));
    });
  };
  const choose = (key: string) => {
    if (key === "manage") return void navigate({ to: "/replies" });
    const reply = replies.find((reply) => `reply-${reply.id}` === key);
    if (reply) return put(reply.text);
    const macro = macros.find((macro) => `macro-${macro.id}` === key);
    const { from, to } = place();
    const rest = text.slice(0, from) + text.slice(to);
    setOpen(null);
    if (macro) run(macro, rest);
  };
  return (
    <>
      <span ref={button}>
      <Button
        kind="plain"
        aria-label={t`Canned replies and macros`}
        onPress={() => setOpen({ from: area()?.selectionStart ?? text.length, to: area()?.selectionEnd ?? text.length, typed: "" })}
      >
        <MessageSquareText size={18} aria-hidden />
      </Button>
      </span>
      {open !== null && (
        <Suspense>
          <CannedList
            of={button}
            typed={open.typed}
            replies={replies}
            macros={kind === "reply" ? macros : []}
            warned={[...(ofReplies?.warned ?? []), ...(document?.warned ?? [])]}
            isEmpty={replies.length + macros.length === 0}
            onChoose={choose}
            onClose={() => setOpen(null)}
          />
        </Suspense>
      )}
      {asked !== null && (
        <Suspense>
          <MacroAsk macro={asked.macro} warned={document?.warned ?? []} onClose={() => setAsked(null)} onUse={() => (setAsked(null), use(asked.macro, asked.typed))} />
        </Suspense>
      )}
    </>
  );
}

/** Does what a macro says, beside what was typed so far. */
export function useMacro(opened: Conversation, onText: (text: string) => void, onSend: CannedMenuProps["onSend"]) {
  const { t } = useLingui();
  const { address } = useOpened();
  const { data: role } = useRole();
  const act = useDo();
  const reaching = useReaching();
  const facts = useFacts(opened);
  const now = useRef({ opened, onText, onSend, facts, role: role?.role });
  now.current = { opened, onText, onSend, facts, role: role?.role };
  return useMemo(
    () => (macro: Macro, typed: string) => {
      const { opened, onText, onSend, facts, role } = now.current;
      const { ticket } = opened;
      const id = ticket.ticket_id;
      const then = actsOf(macro, ticket, tagsOf(opened.messages));
      const takes = macro.takes && ticket.assigned_to !== address;
      const before = takes ? () => (role === "administrator" ? assignBeside(id, address) : door.take(id)) : undefined;
      const label = t`${macro.name}: ${id}`;
      const said = [typed.trim(), filled(macro.text, facts)].filter((part) => part !== "").join("\n\n");
      if (said !== "") {
        // Its words without its acts are not what the macro says: where it cannot be sent nothing of it is done.
        reaching(() => {
          onText(said);
          onSend(then, label, { text: said, before });
        });
        return;
      }
      if (then.length === 0 && !before) return;
      let taken: Awaited<ReturnType<NonNullable<typeof before>>> | undefined;
      act({
        ticket: id,
        kind: `macro ${macro.id}`,
        label,
        done: t`Done`,
        seen: buries(then) ? ticket.response_count : undefined,
        work: async () => {
          taken ??= await before?.();
          return then.length === 0 && taken ? taken : actPlanned(id, then);
        },
      });
    },
    [address, act, reaching, t],
  );
}
