// Somebody's address in full, where their name comes from, and what else to call them.
import { Trans, useLingui } from "@lingui/react/macro";
import { type RefObject, useRef, useState } from "react";
import { Dialog, Heading, Popover } from "react-aria-components";
import type { KnownName } from "sealdesk/views";

import { useTold } from "../conversation/told.tsx";
import { door } from "../door.ts";
import { CopyButton } from "../kit/CopyButton.tsx";
import { Button, Field } from "../kit/controls.tsx";
import { Problem } from "../kit/Problem.tsx";
import { client, keys } from "../queries.ts";
import { useRole } from "../queue/role.ts";
import { short } from "./short.ts";

interface AboutProps {
  /** What was pressed: it opens beside that. */
  of: RefObject<HTMLElement | null>;
  address: string;
  isStaff: boolean;
  known: KnownName | undefined;
  onClose(): void;
}

export function About({ of, address, isStaff, known, onClose }: AboutProps) {
  const { t } = useLingui();
  const [isNaming, setNaming] = useState(false);
  const shown = useRef<HTMLElement>(null);
  return (
    <Popover triggerRef={of} isOpen onOpenChange={(isOpen) => !isOpen && onClose()} className="popover about-person">
      <Dialog className="about-person stack">
        <Heading slot="title" level={2} className="about-name">
          <bdi>{known?.name ?? (isStaff ? t`Support ${short(address)}` : t`Customer ${short(address)}`)}</bdi>
        </Heading>
        <p className="quiet small">
          <From known={known} />
        </p>
        {known?.like && <Alike like={known.like} />}
        <code ref={shown} className="about-address">{address}</code>
        <div className="row">
          <CopyButton text={address} shown={shown}>
            <Trans>Copy the address</Trans>
          </CopyButton>
          {!isNaming && (
            <Button onPress={() => setNaming(true)}>
              <Trans>Give a name</Trans>
            </Button>
          )}
        </div>
        {isNaming && <Naming address={address} known={known} onClose={onClose} />}
      </Dialog>
    </Popover>
  );
}

function From({ known }: { known: KnownName | undefined }) {
  if (!known) return <Trans>No name is known for this address.</Trans>;
  switch (known.source) {
    case "own":
      return <Trans>You gave this name. Only you see it, in this browser.</Trans>;
    case "desk_book":
      return <Trans>The team’s desk book has this name.</Trans>;
    case "said":
      return known.shared ? (
        <Trans>They use this name themselves, and so do others. Compare the address.</Trans>
      ) : (
        <Trans>They use this name themselves. Nobody has checked it.</Trans>
      );
  }
}

function Alike({ like }: { like: { name: string; address: string } }) {
  return (
    <div className="notice warn small">
      <span>
        {like.address === "" ? (
          <Trans>
            The name looks like <bdi>“{like.name}”</bdi>, which this page uses itself.
          </Trans>
        ) : (
          <Trans>
            The name looks like <bdi>“{like.name}”</bdi>, who is somebody else: <code>{short(like.address)}</code>.
          </Trans>
        )}
      </span>
    </div>
  );
}

function Naming({ address, known, onClose }: { address: string; known: KnownName | undefined; onClose(): void }) {
  const { t } = useLingui();
  const told = useTold();
  const { data: role } = useRole();
  const [name, setName] = useState(known?.name ?? "");
  const [problem, setProblem] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  const isAdministrator = role?.role === "administrator";
  const close = async () => {
    await client.invalidateQueries({ queryKey: keys.names });
    onClose();
  };
  const give = async (work: (name: string) => Promise<void>) => {
    if (isBusy || name.trim() === "") return;
    setBusy(true);
    setProblem(null);
    try {
      const fault = await door.nameFault(name);
      if (fault !== null) throw new Error(fault);
      await work(name.trim());
      await close();
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  const forMe = () => give((name) => door.callSomebody(address, name));
  const forAll = () =>
    give(async (name) => {
      const done = await door.nameInDeskBook(address, name);
      if (done) told(done, t`The desk book has the name.`);
    });
  return (
    <form className="stack" onSubmit={(event) => (event.preventDefault(), void forMe())}>
      <Field label={t`Name`} value={name} onChange={setName} maxLength={64} autoFocus />
      {problem !== null && <Problem error={problem} />}
      <div className="row">
        <Button type="submit" kind={isAdministrator ? "normal" : "primary"} isPending={isBusy} isDisabled={name.trim() === ""}>
          <Trans>Only for me</Trans>
        </Button>
        {isAdministrator && (
          <Button kind="primary" isPending={isBusy} isDisabled={name.trim() === ""} onPress={() => void forAll()}>
            {isBusy ? <Trans>Sealing…</Trans> : <Trans>For the whole team</Trans>}
          </Button>
        )}
        {known?.source === "own" && (
          <Button kind="plain" isPending={isBusy} onPress={() => void door.callSomebody(address, null).then(close, setProblem)}>
            <Trans>Remove the name you gave</Trans>
          </Button>
        )}
      </div>
    </form>
  );
}
