// A receipt that somebody has, judged in this browser: what it proves, in plain words. Needs no node.
import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { door } from "../../door.ts";
import { FilesButton } from "../../kit/FilesButton.tsx";
import { Problem } from "../../kit/Problem.tsx";
import "../conversation.css";
import { Proof } from "./Proof.tsx";

/** Longest file that is read, in bytes: more than any receipt has. */
const BYTES_MAX = 64 * 1_048_576;

export default function Check() {
  const { t } = useLingui();
  const check = useMutation({
    async mutationFn(file: File) {
      if (file.size > BYTES_MAX) throw new Error(t`This file is longer than any receipt. Choose one that ends with “.receipt”.`);
      return door.verifyReceipt(new Uint8Array(await file.arrayBuffer()));
    },
  });
  return (
    <div className="scroll">
      <main className="column stack">
        <Link to="/" className="quiet small">
          <Trans>Back to the tickets</Trans>
        </Link>
        <h1>
          <Trans>Check a receipt</Trans>
        </h1>
        <p className="quiet">
          <Trans>A receipt proves the state of a ticket, without this desk's help. This browser checks it against what it knows about the desk, and asks nobody.</Trans>
        </p>
        <div className="row">
          <FilesButton kind="primary" onFiles={([file]) => file && check.mutate(file)}>
            <Trans>Choose a receipt</Trans>
          </FilesButton>
        </div>
        {check.error !== null && <Problem error={check.error} />}
        {check.data && <Proof proof={check.data} />}
      </main>
    </div>
  );
}
