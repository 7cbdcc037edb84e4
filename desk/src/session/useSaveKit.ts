// The recovery kit in the person's language, handed to the browser as a file.
import { useLingui } from "@lingui/react/macro";

import type { DeskFacts } from "../../worker/api.ts";
import { ofLater } from "../pages/parts.ts";
import { kitText, save } from "./kit.ts";

export function useSaveKit(): (phrase: string, desk: DeskFacts, address: string, hasWallet: boolean) => Promise<void> {
  const { i18n, t } = useLingui();
  return async (phrase, { chainId, identity }, address, hasWallet) => {
    const made = i18n.date(new Date(), { dateStyle: "long" });
    const words = {
      title: t`Recovery kit of my support account`,
      secret: t`Anyone who has these words can read and write as you. Print this or keep it in a password manager, and never send it to anyone.`,
      how: t`To come back: open the desk, choose "I have a recovery phrase", and open this file or paste the words.`,
      made: t`Made on ${made}.`,
      account: t`Account`,
      phrase: t`Recovery phrase`,
      link: t`Desk`,
      // Few have a wallet.
      ...(hasWallet ? (await ofLater(() => import("../wallet/kitWords.ts"))).kitWords(i18n) : {}),
    };
    save(kitText({ phrase, desk: { chainId, identity, origin: location.origin }, address, words }), `recovery-kit-${chainId}.txt`);
  };
}
