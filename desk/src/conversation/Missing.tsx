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
          This desk has no ticket “<bdi className="numbers">{id}</bdi>”. Its number looks like TKT-00000001: look whether a digit is missing, or one too many.
        </Trans>
      </p>
    </div>
  );
}
