// The list of canned replies and macros, open: a field that finds one, and the lines.
import { Trans, useLingui } from "@lingui/react/macro";
import { type RefObject, useEffect, useRef } from "react";
import { Autocomplete, Dialog, Header, Input, Menu, MenuItem, MenuSection, Popover, SearchField, useFilter } from "react-aria-components";
import type { Warning } from "sealdesk/views";

import { steady } from "../../kit/letters.ts";
import { Warned } from "../Warned.tsx";
import type { Macro, Reply } from "./canned.ts";

interface CannedListProps {
  /** What opened it. */
  of: RefObject<HTMLElement | null>;
  typed: string;
  replies: readonly Reply[];
  /** Those that can be used here. */
  macros: readonly Macro[];
  isEmpty: boolean;
  /** What speaks against those who wrote them. */
  warned: readonly Warning[];
  onChoose(key: string): void;
  onClose(): void;
}

export default function CannedList({ of, typed, replies, macros, isEmpty, warned, onChoose, onClose }: CannedListProps) {
  const { t } = useLingui();
  const { contains } = useFilter({ sensitivity: "base" });
  const field = useRef<HTMLInputElement>(null);
  // The first line is chosen before a key is pressed, so that Enter takes it: by the key that would choose it.
  useEffect(() => {
    const timer = setTimeout(() => field.current?.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowDown", bubbles: true, cancelable: true })));
    return () => clearTimeout(timer);
  }, []);
  return (
    <Popover className="popover canned" triggerRef={of} placement="top start" isOpen onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Dialog aria-label={t`Canned replies and macros`}>
        <Warned of={warned} />
        <Autocomplete filter={contains} defaultInputValue={typed}>
          <SearchField aria-label={t`Name of a reply or macro`} autoFocus autoComplete="off" spellCheck="false">
            <Input ref={field} placeholder={t`Name of a reply or macro`} dir="auto" />
          </SearchField>
          <Menu aria-label={t`Canned replies and macros`} onAction={(key) => onChoose(String(key))}>
            {replies.length > 0 && (
              <MenuSection>
                <Header className="quiet small">
                  <Trans>Replies</Trans>
                </Header>
                {replies.map((reply) => (
                  <MenuItem key={reply.id} id={`reply-${reply.id}`} textValue={`${reply.name} ${reply.text}`} className="option canned-line">
                    <bdi>{steady(reply.name)}</bdi>
                    <span className="quiet small" dir="auto">
                      {steady(reply.text.slice(0, 90))}
                    </span>
                  </MenuItem>
                ))}
              </MenuSection>
            )}
            {macros.length > 0 && (
              <MenuSection>
                <Header className="quiet small">
                  <Trans>Macros</Trans>
                </Header>
                {macros.map((macro) => (
                  <MenuItem key={macro.id} id={`macro-${macro.id}`} textValue={`${macro.name} ${macro.text}`} className="option">
                    <bdi>{steady(macro.name)}</bdi>
                  </MenuItem>
                ))}
              </MenuSection>
            )}
            <MenuItem id="manage" className="option">
              {isEmpty ? <Trans>None yet: write the first</Trans> : <Trans>Change replies and macros</Trans>}
            </MenuItem>
          </Menu>
        </Autocomplete>
      </Dialog>
    </Popover>
  );
}
