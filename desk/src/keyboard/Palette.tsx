// Every command by its name: what is bound now, from the table, and what parts of the page offer beside it.
import { Trans, useLingui } from "@lingui/react/macro";
import { useEffect } from "react";
import { Autocomplete, Dialog, Input, Menu, MenuItem, Modal, ModalOverlay, SearchField, useFilter } from "react-aria-components";

import { act, useAvailable, useEveryCommand } from "./actions.ts";
import { Keys } from "./Keys.tsx";
import "./keyboard.css";
import { useSingleKeys } from "./setting.ts";
import { GROUPS, isSingle, SHORTCUTS } from "./table.ts";

interface Line {
  id: string;
  name: string;
  kind: string;
  keys: string | undefined;
  run(): void;
}

function useLines(): Line[] {
  const { i18n } = useLingui();
  const available = useAvailable();
  const isOn = useSingleKeys();
  const commands = useEveryCommand();
  const rows = SHORTCUTS.filter((row) => !row.hidden && available.includes(row.id)).map((row) => ({
    id: row.id,
    name: i18n._(row.name),
    kind: i18n._(GROUPS[row.group]),
    keys: row.keys.find((keys) => isOn || !isSingle(keys)),
    run: () => void act(row.id),
  }));
  return [...rows, ...commands.map((command) => ({ ...command, keys: undefined }))];
}

export function Palette({ onClose, onShown }: { onClose(): void; onShown(): void }) {
  const { t } = useLingui();
  const { contains } = useFilter({ sensitivity: "base" });
  const lines = useLines();
  // Once, when its field is there.
  useEffect(() => void onShown(), []);
  const choose = (id: string) => {
    const line = lines.find((line) => line.id === id);
    onClose();
    // After the palette is gone: what an act opens or focuses is not taken away again by its end.
    if (line) setTimeout(() => line.run());
  };
  return (
    <ModalOverlay className="veil top" isOpen onOpenChange={(open) => !open && onClose()} isDismissable>
      <Modal>
        <Dialog className="palette" aria-label={t`Find a command`}>
          <Autocomplete filter={contains}>
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
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
