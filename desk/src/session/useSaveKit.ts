// The recovery kit in the person's language, handed to the browser as a file.
import { useLingui } from "@lingui/react/macro";

import type { DeskFacts } from "../../worker/api.ts";
import { kitText, save } from "./kit.ts";

export function useSaveKit(): (phrase: string, desk: DeskFacts, address: string, hasWallet: boolean) => void {
  const { i18n, t } = useLingui();
  return (phrase, { chainId, identity }, address, hasWallet) => {
    const made = i18n.date(new Date(), { dateStyle: "long" });
    const words = {
      title: t`Recovery kit of my support account`,
      secret: hasWallet ? t`Whoever has these words can read what is written to you. The account itself is in Keplr, whose own words you keep there. Print this, or keep it in a password manager, and never send it to anybody.` : t`Whoever has these words can read and write as you. Print this, or keep it in a password manager, and never send it to anybody.`,
      how: hasWallet ? t`To come back: open the desk in a browser with Keplr, choose "I have a recovery phrase", open this file or paste the words, and press "My account is in Keplr".` : t`To come back: open the desk, choose "I have a recovery phrase", and open this file or paste the words.`,
      made: t`Made on ${made}.`,
      account: t`Account`,
      phrase: t`Recovery phrase`,
      link: t`Desk`,
    };
    save(kitText({ phrase, desk: { chainId, identity, origin: location.origin }, address, words }), `recovery-kit-${chainId}.txt`);
  };
}
