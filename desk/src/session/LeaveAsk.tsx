// Whoever has lost their passphrase begins anew with their recovery phrase: what this browser keeps goes first.
import { Trans, useLingui } from "@lingui/react/macro";

import { Ask } from "../kit/Ask.tsx";
import { Button } from "../kit/controls.tsx";
import { useSession } from "./session.tsx";

export default function LeaveAsk({ onClose }: { onClose(): void }) {
  const { t } = useLingui();
  const { signOut } = useSession();
  return (
    <Ask title={t`Remove what this browser keeps?`} isOpen onClose={onClose}>
      <p>
        <Trans>Your tickets stay on the ledger. To open them again, here or elsewhere, you need your recovery phrase.</Trans>
      </p>
      <div className="row end">
        <Button onPress={onClose}>
          <Trans>Cancel</Trans>
        </Button>
        <Button kind="grave" onPress={() => void signOut()}>
          <Trans>Remove</Trans>
        </Button>
      </div>
    </Ask>
  );
}
