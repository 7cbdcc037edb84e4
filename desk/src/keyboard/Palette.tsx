// Every command by its name: what is bound now, from the table, and what parts of the page offer beside it.
import type { MessageDescriptor } from "@lingui/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { useNavigate } from "@tanstack/react-router";
import { type KeyboardEvent, useEffect, useState } from "react";
import { Autocomplete, Dialog, Input, Menu, MenuItem, Modal, ModalOverlay, SearchField, useFilter } from "react-aria-components";

import { useRole } from "../queue/role.ts";
import { focusSearch, setQuery } from "../search/query.ts";
import { ticketIn } from "../conversation/staff/ids.ts";
import { act, type Command, useAvailable, useEveryCommand } from "./actions.ts";
import { nameFor } from "./byRole.ts";
import { isFound } from "./found.ts";
import { Keys } from "./Keys.tsx";
import "./keyboard.css";
import { useSingleKeys } from "./setting.ts";
import { SYNONYMS } from "./synonyms.ts";
import { GROUPS, isSingle, SHORTCUTS } from "./table.ts";

interface Line {
  id: string;
  name: string;
  kind: string;
  keys: string | undefined;
  /** What it is found by beside its name. */
  words?: string;
  run(): void;
}

function useLines(): Line[] {
  const { i18n } = useLingui();
  const available = useAvailable();
  const isOn = useSingleKeys();
  const commands = useEveryCommand();
  const { data: role } = useRole();
  const rows = SHORTCUTS.filter((row) => !row.hidden && available.includes(row.id)).flatMap((row) => {
    const name = nameFor(row.id, role);
    if (name === null) return [];
    const keys = row.keys.find((keys) => isOn || !isSingle(keys));
    return [{ id: row.id, name: i18n._(name), kind: i18n._(GROUPS[row.group]), keys, run: () => void act(row.id) }];
  });
  const wordsOf = (id: string) => {
    const words = (SYNONYMS as Record<string, MessageDescriptor | undefined>)[id];
    return words === undefined ? "" : i18n._(words);
  };
  // What somebody named is found by its kind, too: "macro" are all macros.
  const others = [...commands, ...useReplies(), ...useAdministration()].map((command) => ({ ...command, keys: undefined, words: `${command.kind}, ${wordsOf(command.id)}` }));
  return [...rows.map((row) => ({ ...row, words: wordsOf(row.id) })), ...others];
}

/** Where canned replies and macros are written. */
function useReplies(): Command[] {
  const { i18n, t } = useLingui();
  const navigate = useNavigate();
  const { data: role } = useRole();
  if (role === undefined || role.role === "customer") return [];
  return [{ id: "replies", name: t`Go to the canned replies`, kind: i18n._(GROUPS.go), run: () => void navigate({ to: "/replies" }) }];
}

/** Each part of Administration, for whoever may change what is in it. */
function useAdministration(): Command[] {
  const { t } = useLingui();
  const navigate = useNavigate();
  const { data: role } = useRole();
  if (role?.role !== "administrator") return [];
  const parts = {
    people: t`People`,
    administrators: t`Administrators`,
    keys: t`Keys`,
    rules: t`Rules`,
    documents: t`Public documents`,
    health: t`Health and storage`,
    charts: t`Charts`,
  };
  const kind = t`Administration`;
  const documents = { "office-hours": t`Office hours`, sla: t`Targets`, desk: t`Name and colour` };
  return [
    ...Object.entries(parts).map(([part, name]) => ({ id: `admin ${part}`, name, kind, run: () => void navigate({ to: "/admin/$part", params: { part } }) })),
    ...Object.entries(documents).map(([name, label]) => ({
      id: `document ${name}`,
      name: label,
      kind,
      run: () => void navigate({ to: "/admin/$part/$name", params: { part: "documents", name } }),
    })),
  ];
}

const FOR = "search for";

const OPEN = "open ";

/** Whoever types a ticket's number means that ticket. */
function useTicketLine(typed: string): Line[] {
  const { t } = useLingui();
  const navigate = useNavigate();
  const id = ticketIn(typed);
  if (id === null) return [];
  return [{ id: `${OPEN}${id}`, name: t`Open ${id}`, kind: "", keys: undefined, run: () => void navigate({ to: "/tickets/$id", params: { id } }) }];
}

/** The last line: what was typed, looked for in the tickets. */
function useSearchLine(typed: string): Line[] {
  const { t } = useLingui();
  const navigate = useNavigate();
  const words = typed.trim();
  if (words === "") return [];
  const run = () => {
    setQuery(words);
    void navigate({ to: "/" }).then(() => focusSearch());
  };
  return [{ id: FOR, name: t`Search tickets for “${words}”`, kind: "", keys: undefined, run }];
}

export function Palette({ onClose, onShown }: { onClose(): void; onShown(): void }) {
  const { t } = useLingui();
  const { contains } = useFilter({ sensitivity: "base" });
  const [typed, setTyped] = useState("");
  const lines = [...useTicketLine(typed), ...useLines(), ...useSearchLine(typed)];
  const words = new Map(lines.map((line) => [line.id, line.words ?? ""]));
  const fits = (name: string, input: string, { key }: { key: unknown }) =>
    key === FOR || String(key).startsWith(OPEN) || isFound(input, `${name}, ${words.get(String(key)) ?? ""}`, contains);
  // Once, when its field is there.
  useEffect(() => void onShown(), []);
  const choose = (id: string) => {
    const line = lines.find((line) => line.id === id);
    onClose();
    // After the palette is gone: what an act opens or focuses is not taken away again by its end.
    if (line) setTimeout(() => line.run());
  };
  // At once, also where something was typed: the field by itself would only be emptied first.
  const leave = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || event.nativeEvent.isComposing) return;
    event.preventDefault();
    event.stopPropagation();
    onClose();
  };
  return (
    <ModalOverlay className="veil top" isOpen onOpenChange={(open) => !open && onClose()} isDismissable>
      <Modal>
        <Dialog className="palette" aria-label={t`Find a command`}>
          <div onKeyDownCapture={leave}>
          <Autocomplete filter={fits} inputValue={typed} onInputChange={setTyped}>
            <SearchField aria-label={t`What do you want to do?`} autoFocus autoComplete="off" spellCheck="false" className="palette-field">
              <Input placeholder={t`What do you want to do?`} dir="auto" />
            </SearchField>
            {/* Whoever scrolls by keys can: the menu itself never has the focus. */}
            <div className="palette-lines" role="group" aria-label={t`Commands`} tabIndex={0}>
              <Menu
                aria-label={t`Commands`}
                items={lines}
                onAction={(id) => choose(String(id))}
                renderEmptyState={() => (
                  <p className="quiet">
                    <Trans>Nothing here has this name.</Trans>
                  </p>
                )}
              >
                {(line) => (
                  <MenuItem className="option" id={line.id} textValue={line.name}>
                    <span dir="auto">{line.name}</span>
                    <span className="row">
                      <span className="quiet small">{line.kind}</span>
                      {line.keys !== undefined && <Keys keys={line.keys} />}
                    </span>
                  </MenuItem>
                )}
              </Menu>
            </div>
          </Autocomplete>
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
