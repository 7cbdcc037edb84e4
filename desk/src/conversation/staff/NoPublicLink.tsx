// Why no link is offered: see kit/publicOrigin.ts.
import { Trans } from "@lingui/react/macro";

export const NoPublicLink = () => (
  <p className="notice">
    <Trans>
      There is no link here: this page is open at an address that each computer has for itself, and a link to it would lead others to their own. It is offered once
      the node says where others reach it (<code>public_url</code> in its <code>config.toml</code>).
    </Trans>
  </p>
);
