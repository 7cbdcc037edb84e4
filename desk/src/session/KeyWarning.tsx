// The full page about a key in one's own name that this phrase did not make.
import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation } from "@tanstack/react-query";
import type { OwnKey } from "sealdesk/views";

import { useTold } from "../conversation/told.tsx";
import { door } from "../door.ts";
import { Button } from "../kit/controls.tsx";
import { Problem } from "../kit/Problem.tsx";
import { useSession } from "./session.tsx";
import "./session.css";

export function KeyWarning({ keys, refresh }: { keys: OwnKey[]; refresh(): Promise<unknown> }) {
  const { i18n } = useLingui();
  const { lock } = useSession();
  const told = useTold();
  const know = useMutation({ mutationFn: () => door.knowKeys(keys.map((key) => key.fingerprint)), onSettled: refresh });
  const revoke = useMutation({
    mutationFn: async () => {
      for (const key of keys) told(await door.revokeOwnKey(key.fingerprint));
    },
    onSettled: refresh,
  });
  const isBusy = know.isPending || revoke.isPending;
  const error = know.error ?? revoke.error;
  return (
    <main className="center">
      <div className="card alarm" role="alert">
        <h1>
          <Trans>Your account has a key that you did not make here</Trans>
        </h1>
        <p>
          <Trans>Anyone with this key can read what people write to you after the date below. Only someone who can sign as you could have added it.</Trans>
        </p>
        <ul className="stack">
          {keys.map((key) => (
            <li key={key.fingerprint}>
              <code>{key.fingerprint}</code>
              <br />
              <span className="quiet small">
                <Trans>Added on {i18n.date(new Date(key.registered_at * 1_000), { dateStyle: "long", timeStyle: "short" })}</Trans>
              </span>
            </li>
          ))}
        </ul>
        <p>
          <Trans>If you didn't add it on another device, revoke it now. Then ask support for help from a new account, because someone else knows your recovery phrase.</Trans>
        </p>
        {error && <Problem error={error} />}
        <Button kind="primary" wide isPending={isBusy} onPress={() => revoke.mutate()}>
          <Trans>Revoke it</Trans>
        </Button>
        <Button wide isPending={isBusy} onPress={() => know.mutate()}>
          <Trans>I made it myself, on another device</Trans>
        </Button>
        <Button kind="plain" wide onPress={() => void lock()}>
          <Trans>Lock</Trans>
        </Button>
      </div>
    </main>
  );
}
