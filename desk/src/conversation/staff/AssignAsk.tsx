// Who gets a ticket, and who works on it beside them.
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Checkbox, CheckboxGroup, Label } from "react-aria-components";

import { door } from "../../door.ts";
import { Ask, AskEnd } from "../../kit/Ask.tsx";
import "../../kit/choices.css";
import { Choices } from "../../kit/Choices.tsx";
import { useNames } from "../../people/names.tsx";
import { keys } from "../../queries.ts";
import { useOpened } from "../../session/session.tsx";
import { useDo, useGiven } from "./doing.ts";
import type { AskProps } from "./Dialogs.tsx";
import { helping } from "./helping.ts";

/** As many as the ledger takes beside whoever has it. */
const BESIDE_MAX = 4;

/** What was chosen. */
interface Given {
  agent: string;
  beside: string[];
}

export function AssignAsk({ opened: { ticket }, onClose }: AskProps) {
  const { t } = useLingui();
  const { address } = useOpened();
  const names = useNames();
  const act = useDo();
  const id = ticket.ticket_id;
  const { data } = useQuery({ queryKey: keys.members("support_agent"), queryFn: () => door.members("support_agent") });
  const held = useGiven<Given>(id, "assign");
  // As long as nobody knows the team, whoever helps goes on: the ledger judges who of them still may.
  const agents = data ?? [...new Set([...ticket.collaborators, ...(held?.beside ?? [])])];
  const others = agents.filter((agent) => agent !== ticket.customer_address);
  const choices = [...new Set([address, ...others])].map((id) => ({ id, label: id === address ? t`Me` : names(id, true) }));
  const stands: Given = { agent: ticket.assigned_to, beside: ticket.collaborators };
  const begun = held ?? stands;
  const [agent, setAgent] = useState<string | null>(begun.agent === "" ? null : begun.agent);
  const [beside, setBeside] = useState<string[]>(begun.beside);
  const helpers = others.filter((other) => other !== agent);
  const chosen = helping(beside, agent, others);
  const isLike = (other: Given) => agent === other.agent && [...chosen].sort().join() === [...other.beside].sort().join();
  // Who is chosen from the list that opened by itself gets it at once, together with anyone who helps already.
  const [isQuick, setQuick] = useState(true);
  const choose = (one: string) => {
    setAgent(one);
    if (isQuick && one !== begun.agent) go(one);
  };
  const go = (agent: string) => {
    const chosen = helping(beside, agent, others);
    const isAsBefore = agent === stands.agent && [...chosen].sort().join() === [...stands.beside].sort().join();
    const who = names(agent, true);
    const work = () => (chosen.length === 0 ? door.assign(id, agent) : door.assignWith(id, agent, chosen));
    if (act({ ticket: id, kind: "assign", given: { agent, beside: chosen }, isAsBefore, label: agent === address ? t`Assigning ${id} to you` : t`Assigning ${id} to ${who}`, done: t`Assigned.`, work })) onClose();
  };
  return (
    <Ask title={t`Who takes it?`} isOpen onClose={onClose}>
      <Choices label={t`Support agent`} choices={choices} value={agent} onChange={choose} opens onShut={() => setQuick(false)} />
      {helpers.length > 0 && (
        <CheckboxGroup className="field" value={chosen} onChange={setBeside} isDisabled={agent === null}>
          <Label className="label">
            <Trans>Also working on it (up to four)</Trans>
          </Label>
          {helpers.map((helper) => (
            <Checkbox key={helper} value={helper} className="check" isDisabled={chosen.length >= BESIDE_MAX && !chosen.includes(helper)}>
              <span className="check-box" aria-hidden />
              <bdi>{helper === address ? t`Me` : names(helper, true)}</bdi>
            </Checkbox>
          ))}
        </CheckboxGroup>
      )}
      <p className="quiet small">
        <Trans>They can then read the whole ticket, including earlier notes.</Trans>
      </p>
      <AskEnd onClose={onClose} isBusy={false} isDisabled={agent === null || isLike(begun)} onDo={() => agent !== null && go(agent)}>
        <Trans>Assign</Trans>
      </AskEnd>
    </Ask>
  );
}
