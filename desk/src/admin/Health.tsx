// How the ledger and its node are, and what is kept of files, as far as the node tells a browser.
import { Trans, useLingui } from "@lingui/react/macro";
import { type ReactNode, useSyncExternalStore } from "react";

import { Problem } from "../kit/Problem.tsx";
import { TableHead } from "../kit/TableHead.tsx";
import { When } from "../kit/When.tsx";
import { type Health as Found, type LedgerStatus, useHealth, type Validators } from "./health.ts";

/** A header this old means that the node's clock, or the ledger, may have stopped. In milliseconds. */
const OLD_MS = 5 * 60_000;

export function Health() {
  const { t } = useLingui();
  const { data, error, refetch } = useHealth();
  if (error) return <Problem error={error} onRetry={() => void refetch()} />;
  if (!data) return <div className="bar-progress" role="progressbar" aria-label={t`Asking the node`} />;
  return (
    <>
      <p className="quiet">
        <Trans>This is what the node says about itself, updated every ten seconds. Tickets are proven regardless of what this page shows.</Trans>
      </p>
      <Verdict found={data} />
      <section className="stack" aria-labelledby="ledger">
        <h2 id="ledger">
          <Trans>The ledger</Trans>
        </h2>
        {"found" in data.status ? <Ledger status={data.status.found} /> : <Unknown why={data.status.why} />}
      </section>
      <section className="stack" aria-labelledby="validators">
        <h2 id="validators">
          <Trans>Who makes the blocks</Trans>
        </h2>
        {"found" in data.validators ? <Makers validators={data.validators.found} /> : <Unknown why={data.validators.why} />}
      </section>
      <section className="stack" aria-labelledby="storage">
        <h2 id="storage">
          <Trans>Files and storage</Trans>
        </h2>
        <Storage found={data} />
      </section>
    </>
  );
}

function Verdict({ found }: { found: Found }) {
  const now = useSyncExternalStore(() => () => undefined, () => Math.floor(Date.now() / 10_000) * 10_000);
  const time = "found" in found.status ? found.status.found.time : null;
  const isOld = time !== null && now - Date.parse(time) > OLD_MS;
  const missing = "found" in found.pieces ? (found.pieces.found.missing ?? 0) : 0;
  if (!found.isUp) {
    return (
      <div className="notice bad" role="alert">
        <Trans>The ledger accepts nothing at the moment: it has stopped, or is about to. The node’s log says why.</Trans>
      </div>
    );
  }
  if (missing > 0) {
    return (
      <div className="notice warn">
        <Trans>The ledger is running. This node is missing {missing} pieces of files and is asking its peers for them.</Trans>
      </div>
    );
  }
  return (
    <div className="notice good">
      <span>
        <Trans>The ledger is running.</Trans>{" "}
        {isOld && <Trans>Its newest block is old because nobody has written since. The node makes a new one when a request needs current data.</Trans>}
      </span>
    </div>
  );
}

function Fact({ name, children }: { name: ReactNode; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

function Ledger({ status }: { status: LedgerStatus }) {
  const { i18n, t } = useLingui();
  return (
    <dl className="facts">
      <Fact name={t`Name`}>
        <code>{status.chain_id}</code>
      </Fact>
      <Fact name={t`Newest block`}>
        <span className="numbers">{i18n.number(Number(status.height))}</span>, <When at={status.time} />
      </Fact>
      <Fact name={t`Kind`}>{status.engine === "solo" ? <Trans>a single node</Trans> : <Trans>several nodes that agree</Trans>}</Fact>
      <Fact name={t`History here begins with block`}>
        <span className="numbers">{i18n.number(Number(status.history_from))}</span>
      </Fact>
      <Fact name={t`Version of the node`}>{status.version}</Fact>
      <Fact name={t`Root of the state`}>
        <code>{status.app_hash.slice(0, 16)}…</code>
      </Fact>
    </dl>
  );
}

function Makers({ validators }: { validators: Validators }) {
  const { i18n, t } = useLingui();
  const total = validators.validators.reduce((sum, { power }) => sum + Number(power), 0);
  return (
    <div className="sheet folds">
      <table>
        <TableHead names={[t`Calls itself`, t`Key`, t`Share of the votes`]} numbers={[t`Share of the votes`]} />
        <tbody>
          {validators.validators.map(({ pub_key, power, moniker }) => (
            <tr key={pub_key}>
              <td data-label={t`Calls itself`}>
                <bdi>{moniker === "" ? t`nothing` : moniker}</bdi>
              </td>
              <td data-label={t`Key`}>
                <code>{pub_key.slice(0, 16)}…</code>
              </td>
              <td data-label={t`Share of the votes`} className="number">
                {i18n.number(total === 0 ? 0 : Number(power) / total, { style: "percent", maximumFractionDigits: 1 })}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Storage({ found }: { found: Found }) {
  const { i18n, t } = useLingui();
  const numbers = "found" in found.metrics ? found.metrics.found : null;
  const bytes = (value: number | undefined) =>
    value === undefined ? t`not reported` : i18n.number(value / (1 << 20), { maximumFractionDigits: 1, style: "unit", unit: "megabyte" });
  const count = (value: number | null | undefined) => (value == null ? t`not counted yet` : i18n.number(value));
  const files = Object.entries(numbers ?? {}).filter(([name]) => name.startsWith("sealdesk_storage_file_bytes"));
  const all = files.length === 0 ? undefined : files.reduce((sum, [, value]) => sum + value, 0);
  return (
    <>
      {"found" in found.pieces ? (
        <dl className="facts">
          <Fact name={t`Pieces of files in tickets`}>{count(found.pieces.found.named)}</Fact>
          <Fact name={t`Of these, missing here`}>{count(found.pieces.found.missing)}</Fact>
          <Fact name={t`Of these, never uploaded`}>{count(found.pieces.found.never_came)}</Fact>
          {numbers && (
            <>
              <Fact name={t`Pieces waiting for their ticket`}>{count(numbers.sealdesk_blobs_pending)}</Fact>
              <Fact name={t`These take`}>{bytes(numbers.sealdesk_blobs_pending_bytes)}</Fact>
              <Fact name={t`The ledger’s own files take`}>{bytes(all)}</Fact>
              <Fact name={t`Free on the disk`}>{bytes(numbers.sealdesk_storage_available_bytes)}</Fact>
            </>
          )}
        </dl>
      ) : (
        <Unknown why={found.pieces.why} />
      )}
      {!numbers && (
        <p className="quiet small">
          <Trans>
            This node tells only its monitoring how many bytes files and ledger take. On the machine itself{" "}
            <code>sealdesk doctor</code> shows it.
          </Trans>
        </p>
      )}
    </>
  );
}

function Unknown({ why }: { why: string }) {
  return (
    <p className="quiet">
      {why === "" ? <Trans>The node did not answer. Retrying automatically.</Trans> : <Trans>The node does not report it here (status {why}).</Trans>}
    </p>
  );
}
