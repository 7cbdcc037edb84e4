// A receipt of a ticket: made, judged here, and only then saved.
import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation } from "@tanstack/react-query";

import { door } from "../../door.ts";
import { Ask } from "../../kit/Ask.tsx";
import { Button } from "../../kit/controls.tsx";
import { Problem } from "../../kit/Problem.tsx";
import { giveToSave } from "../../kit/save.ts";
import { Proof } from "./Proof.tsx";

export default function ReceiptAsk({ id, onClose }: { id: string; onClose(): void }) {
  const { t } = useLingui();
  // Saved only where this browser finds it genuine: a file that proves nothing helps nobody later.
  const receipt = useMutation({
    async mutationFn() {
      const bytes = await door.receipt(id);
      const proof = await door.verifyReceipt(bytes);
      giveToSave(new Blob([bytes as BlobPart], { type: "application/octet-stream" }), `${id}.receipt`);
      return proof;
    },
  });
  return (
    <Ask title={t`Receipt of ${id}`} isOpen onClose={onClose}>
      {receipt.data ? (
        <Proof proof={receipt.data} />
      ) : (
        <p className="quiet">
          <Trans>A receipt proves the state of this ticket to anyone, without this desk. Messages stay sealed. This browser checks it before you save it.</Trans>
        </p>
      )}
      {receipt.error !== null && <Problem error={receipt.error} />}
      <div className="row end">
        <Button kind={receipt.data ? "primary" : "plain"} onPress={onClose}>
          <Trans>Close</Trans>
        </Button>
        {!receipt.data && (
          <Button kind="primary" isPending={receipt.isPending} onPress={() => receipt.mutate()}>
            <Trans>Save the receipt</Trans>
          </Button>
        )}
      </div>
    </Ask>
  );
}
