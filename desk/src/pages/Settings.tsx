// What a person can change about themselves in this browser, and what they should know of it.
import { Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { type ReactNode, Suspense } from "react";

import { SingleKeys } from "../keyboard/SingleKeys.tsx";
import { lazy } from "../kit/lost.ts";
import { OwnName } from "../people/OwnName.tsx";
import { useOpened } from "../session/session.tsx";
import { Words } from "../session/Words.tsx";
import { Appearance } from "../settings/Appearance.tsx";
import { Kit } from "../settings/Kit.tsx";
import { OwnKeys } from "../settings/OwnKeys.tsx";
import { Passkeys } from "../settings/Passkeys.tsx";
import { Passphrase } from "../settings/Passphrase.tsx";
import { ThisBrowser } from "../settings/ThisBrowser.tsx";
import { Wallet } from "../wallet/Wallet.tsx";
import "../settings/settings.css";

const Writing = lazy(() => import("../conversation/Settings.tsx"));
const Notices = lazy(() => import("../notices/Notices.tsx"));

export function Settings() {
  const { t } = useLingui();
  const { address, desk } = useOpened();
  return (
    <div className="scroll">
      <main className="column settings">
        <h1>
          <Trans>Settings</Trans>
        </h1>
        <Section id="appearance" title={<Trans>How it looks</Trans>}>
          <Appearance />
        </Section>
        <Section id="keys" title={<Trans>Keyboard</Trans>}>
          <SingleKeys />
        </Section>
        <Suspense>
          <Writing />
        </Suspense>
        <Suspense>
          <Notices />
        </Suspense>
        <Section id="unlocking" title={<Trans context="heading">Unlocking</Trans>} about={<Trans>Everything this browser keeps for you is locked. You open it with your passphrase or a passkey.</Trans>}>
          <Passphrase />
          <Passkeys />
        </Section>
        <Section
          id="recovery"
          title={<Trans>Recovery</Trans>}
          about={<Trans>The twelve words bring everything back on another device, or here if you forget the passphrase. Nobody else can.</Trans>}
        >
          <Kit />
        </Section>
        <Section id="browser" title={<Trans>This browser</Trans>}>
          <ThisBrowser />
        </Section>
        <Section id="you" title={<Trans>You</Trans>} about={<Trans>Your address, by which the support team knows you:</Trans>}>
          <code>{address}</code>
          <Wallet />
          <OwnName />
          <OwnKeys />
        </Section>
        <Section
          id="desk"
          title={<Trans>This desk</Trans>}
          about={
            <Trans>
              Its name is <code>{desk.chainId}</code>. You can ask its operator for these words:
            </Trans>
          }
        >
          <Words words={desk.words} label={t`Words of this desk`} />
          <div>
            <Link to="/receipt">
              <Trans>Check a receipt</Trans>
            </Link>
          </div>
        </Section>
      </main>
    </div>
  );
}

/** One subject, with what it is for below its title. */
function Section({ id, title, about, children }: { id: string; title: ReactNode; about?: ReactNode; children: ReactNode }) {
  return (
    <section className="stack" aria-labelledby={id}>
      <div>
        <h2 id={id}>{title}</h2>
        {about && <p className="quiet small">{about}</p>}
      </div>
      {children}
    </section>
  );
}
