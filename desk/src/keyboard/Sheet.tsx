// Keyboard shortcuts, from the table that the code reads.
import { Trans, useLingui } from "@lingui/react/macro";

import { Ask } from "../kit/Ask.tsx";
import { Button } from "../kit/controls.tsx";
import { useRole } from "../queue/role.ts";
import { useAvailable } from "./actions.ts";
import { nameFor } from "./byRole.ts";
import { Keys } from "./Keys.tsx";
import "./keyboard.css";
import { SingleKeys } from "./SingleKeys.tsx";
import { GROUPS, type Group, SHORTCUTS } from "./table.ts";

const ORDER = Object.keys(GROUPS) as Group[];

/** All of them where somebody learns them for a day's work, else what does something now. */
export function Sheet({ showsAll, onClose }: { showsAll: boolean; onClose(): void }) {
  const { i18n, t } = useLingui();
  const available = useAvailable();
  const { data: role } = useRole();
  const rows = SHORTCUTS.flatMap((row) => {
    const name = nameFor(row.id, role);
    return name !== null && row.keys.length > 0 && (showsAll || available.includes(row.id)) ? [{ ...row, name }] : [];
  });
  const groups = ORDER.filter((group) => rows.some((row) => row.group === group));
  return (
    <Ask title={t`Keyboard shortcuts`} isOpen onClose={onClose}>
      <div className="shortcuts">
        {groups.map((group) => (
          <section key={group} aria-labelledby={`keys-${group}`}>
            <h3 id={`keys-${group}`}>{i18n._(GROUPS[group])}</h3>
            <dl>
              {rows.filter((row) => row.group === group).map((row) => (
                <div key={row.id}>
                  <dt>{i18n._(row.name)}</dt>
                  <dd>
                    {row.keys.map((keys) => (
                      <Keys key={keys} keys={keys} />
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <SingleKeys />
      <div className="row end">
        <Button kind="primary" onPress={onClose}>
          <Trans>Close</Trans>
        </Button>
      </div>
    </Ask>
  );
}
