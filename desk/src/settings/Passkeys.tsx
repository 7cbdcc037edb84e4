// Passkeys as further ways to unlock this browser. The passphrase stays one, so that no lost passkey loses anything.
import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { door } from "../door.ts";
import { Ask, AskEnd } from "../kit/Ask.tsx";
import { Button, Field } from "../kit/controls.tsx";
import { useToast } from "../kit/toast.tsx";
import { client } from "../queries.ts";
import { makePasskey, obstacle } from "../session/passkey.ts";
import { Obstacle, PasskeyProblem } from "../session/PasskeyProblem.tsx";
import { useOpened } from "../session/session.tsx";

const KEY = ["passkeys"] as const;
/** How much of an address tells one's accounts apart in the list of an authenticator. */
const ADDRESS_LETTERS = 8;
/** How much of a credential tells passkeys apart. */
const NAME_LETTERS = 6;

export function Passkeys() {
  const { data: passkeys = [] } = useQuery({ queryKey: KEY, queryFn: () => door.passkeys() });
  const { data: why } = useQuery({ queryKey: ["passkey-obstacle"], queryFn: obstacle });
  const [isAdding, setAdding] = useState(false);
  return (
    <div className="stack">
      <div>
        <h3>
          <Trans>Passkeys</Trans>
        </h3>
        <p className="quiet small">
          <Trans>A passkey opens this browser by your fingerprint, face or device. Your passphrase still works, even if you delete the passkey.</Trans>
        </p>
      </div>
      {passkeys.length > 0 && <Rows passkeys={passkeys} />}
      {why ? (
        <p className="notice small">
          <Obstacle why={why} />
        </p>
      ) : (
        <div className="row">
          <Button onPress={() => setAdding(true)}>
            <Trans>Add a passkey</Trans>
          </Button>
        </div>
      )}
      {isAdding && <Add known={passkeys} onClose={() => setAdding(false)} />}
    </div>
  );
}

function Rows({ passkeys }: { passkeys: string[] }) {
  const { t } = useLingui();
  const toast = useToast();
  const remove = useMutation({
    mutationFn: (credential: string) => door.removePasskey(credential),
    onSuccess: () => toast(t`This passkey no longer opens anything here. You can delete it on your device, too.`),
    onSettled: () => client.invalidateQueries({ queryKey: KEY }),
  });
  return (
    <>
      <ul className="rows">
        {passkeys.map((credential) => {
          const name = credential.slice(0, NAME_LETTERS);
          return (
            <li key={credential}>
              <span>
                <Trans>
                  Passkey <code>{name}</code>
                </Trans>
              </span>
              <Button aria-label={t`Remove passkey ${name}`} isPending={remove.isPending} onPress={() => remove.mutate(credential)}>
                <Trans>Remove</Trans>
              </Button>
            </li>
          );
        })}
      </ul>
      {remove.error && <PasskeyProblem error={remove.error} />}
    </>
  );
}

function Add({ known, onClose }: { known: string[]; onClose(): void }) {
  const { t } = useLingui();
  const toast = useToast();
  const { address, desk } = useOpened();
  const [passphrase, setPassphrase] = useState("");
  const add = useMutation({
    mutationFn: async () => {
      // Before a passkey is made: one that opens nothing would stay on the device.
      await door.prove({ passphrase });
      const { credential, computed } = await makePasskey(`${desk.chainId} · ${address.slice(-ADDRESS_LETTERS)}`, known);
      await door.addPasskey(passphrase, credential, computed);
    },
    onSuccess: () => {
      toast(t`The passkey now unlocks this browser.`);
      onClose();
    },
    onSettled: () => client.invalidateQueries({ queryKey: KEY }),
  });
  return (
    <Ask title={t`Add a passkey`} isOpen onClose={onClose}>
      <p>
        <Trans>Your browser asks you to make a passkey. It opens what this browser keeps, at this address alone; on other devices you need the recovery phrase.</Trans>
      </p>
      <Field
        label={t`Passphrase`}
        hint={t`This keeps others from adding one while you are away.`}
        type="password"
        autoComplete="current-password"
        value={passphrase}
        onChange={setPassphrase}
        autoFocus
      />
      {add.error && <PasskeyProblem error={add.error} />}
      <AskEnd isHere onClose={onClose} onDo={() => add.mutate()} isBusy={add.isPending} isDisabled={passphrase === ""}>
        <Trans>Make a passkey</Trans>
      </AskEnd>
    </Ask>
  );
}
