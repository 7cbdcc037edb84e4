// Why a passkey did not do it, and what does.
import { Trans } from "@lingui/react/macro";

import { Problem } from "../kit/Problem.tsx";
import { PasskeyError } from "./passkey.ts";

export function Obstacle({ why }: { why: PasskeyError["why"] }) {
  switch (why) {
    case "address":
      return <Trans>Passkeys need an address with a name and encryption, such as https://desk.example. On this computer, localhost works too.</Trans>;
    case "browser":
      return <Trans>This browser cannot lock keys with a passkey (it lacks WebAuthn's PRF). Your passphrase still works; newer browsers can do this.</Trans>;
    case "authenticator":
      return <Trans>This passkey cannot lock keys, so it was not added. Passkeys from your phone, computer or password manager often can.</Trans>;
    case "cancelled":
      return <Trans>No passkey was used. Try again, or use your passphrase.</Trans>;
  }
}

export function PasskeyProblem({ error }: { error: unknown }) {
  if (!(error instanceof PasskeyError)) return <Problem error={error} />;
  return (
    <div className="notice warn" role="alert">
      <span>
        <Obstacle why={error.why} />
      </span>
    </div>
  );
}
