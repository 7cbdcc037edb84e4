// What a person can change about themselves in this browser.
import { Trans, useLingui } from "@lingui/react/macro";
import { lazy, Suspense, useState } from "react";

import { door } from "../door.ts";
import { choose, LANGUAGES, type Language } from "../i18n.ts";
import { SingleKeys } from "../keyboard/SingleKeys.tsx";
import { Button, Choices, Field } from "../kit/controls.tsx";
import { Problem } from "../kit/Problem.tsx";
import { useToast } from "../kit/toast.tsx";
import { OwnName } from "../people/OwnName.tsx";
import { useOpened, useSession } from "../session/session.tsx";
import { Words } from "../session/Words.tsx";

const Writing = lazy(() => import("../conversation/Settings.tsx"));

export function Settings() {
  const { i18n, t } = useLingui();
  const { address, desk } = useOpened();
  const choices = Object.entries(LANGUAGES).map(([id, label]) => ({ id: id as Language, label }));
  return (
    <div className="scroll">
      <main className="column stack">
        <h1>
          <Trans>Settings</Trans>
        </h1>
        <Choices label={t`Language`} choices={choices} value={i18n.locale as Language} onChange={(language) => void choose(language)} />
        <section className="stack" aria-labelledby="keys">
          <h2 id="keys">
            <Trans>Keyboard</Trans>
          </h2>
          <SingleKeys />
        </section>
        <Suspense>
          <Writing />
        </Suspense>
        <section className="stack" aria-labelledby="you">
          <h2 id="you">
            <Trans>You</Trans>
          </h2>
          <p className="quiet small">
            <Trans>
              Your address, by which the support team knows you: <code>{address}</code>
            </Trans>
          </p>
          <OwnName />
          <ChangePassphrase />
          <ShowPhrase />
          <SignOut />
        </section>
        <section className="stack" aria-labelledby="desk">
          <h2 id="desk">
            <Trans>This desk</Trans>
          </h2>
          <p className="quiet small">
            <Trans>
              Its name is <code>{desk.chainId}</code>. Whoever runs it can be asked for these words:
            </Trans>
          </p>
          <Words words={desk.words} label={t`Words of this desk`} />
        </section>
      </main>
    </div>
  );
}

function ChangePassphrase() {
  const { t } = useLingui();
  const toast = useToast();
  const [now, setNow] = useState("");
  const [next, setNext] = useState("");
  const [error, setError] = useState<unknown>(null);
  const go = () =>
    door.changePassphrase(now, next).then(() => {
      setNow("");
      setNext("");
      setError(null);
      toast(t`The passphrase is changed.`);
    }, setError);
  return (
    <form className="stack" onSubmit={(event) => (event.preventDefault(), void go())}>
      <Field label={t`Passphrase now`} type="password" autoComplete="current-password" value={now} onChange={setNow} />
      <Field label={t`New passphrase`} type="password" autoComplete="new-password" value={next} onChange={setNext} />
      {error !== null && <Problem error={error} />}
      <div className="row">
        <Button type="submit" isDisabled={now === "" || [...next].length < 8}>
          <Trans>Change the passphrase</Trans>
        </Button>
      </div>
    </form>
  );
}

function ShowPhrase() {
  const { t } = useLingui();
  const [passphrase, setPassphrase] = useState("");
  const [phrase, setPhrase] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);
  if (phrase !== null) {
    return (
      <div className="stack">
        <Words words={phrase} label={t`Recovery phrase`} />
        <div className="row">
          <Button onPress={() => setPhrase(null)}>
            <Trans>Hide it</Trans>
          </Button>
        </div>
      </div>
    );
  }
  const go = () =>
    door.revealPhrase(passphrase).then((phrase) => {
      setPassphrase("");
      setError(null);
      setPhrase(phrase);
    }, setError);
  return (
    <form className="stack" onSubmit={(event) => (event.preventDefault(), void go())}>
      <Field
        label={t`Passphrase, to show the recovery phrase`}
        type="password"
        autoComplete="current-password"
        value={passphrase}
        onChange={setPassphrase}
      />
      {error !== null && <Problem error={error} />}
      <div className="row">
        <Button type="submit" isDisabled={passphrase === ""}>
          <Trans>Show the recovery phrase</Trans>
        </Button>
      </div>
    </form>
  );
}

function SignOut() {
  const { signOut } = useSession();
  const [isSure, setSure] = useState(false);
  return isSure ? (
    <div className="notice warn">
      <Trans>Everything that this browser keeps is removed. Without your recovery phrase you cannot open your tickets again.</Trans>
      <div className="row">
        <Button onPress={() => setSure(false)}>
          <Trans>Cancel</Trans>
        </Button>
        <Button kind="primary" onPress={() => void signOut()}>
          <Trans>Sign out and remove</Trans>
        </Button>
      </div>
    </div>
  ) : (
    <div className="row">
      <Button onPress={() => setSure(true)}>
        <Trans>Sign out</Trans>
      </Button>
    </div>
  );
}
