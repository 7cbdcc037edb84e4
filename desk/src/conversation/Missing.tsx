// There is no ticket at this address.
import { Trans } from "@lingui/react/macro";

export default function Missing({ id }: { id: string }) {
  return (
    <div className="stack" role="status">
      <h1>
        <Trans>There is no such ticket</Trans>
      </h1>
      <p>
        <Trans>
          This desk has no ticket “<bdi className="numbers">{id}</bdi>”. Ticket numbers look like TKT-00000001: check for a missing or extra digit.
        </Trans>
      </p>
    </div>
  );
}
