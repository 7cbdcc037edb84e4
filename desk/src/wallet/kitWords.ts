// What a recovery kit says of an account that is in a wallet.
import type { I18n } from "@lingui/core";
import { msg } from "@lingui/core/macro";

export const kitWords = (i18n: I18n) => ({
  secret: i18n._(
    msg`Anyone who has these words can read what people write to you. The account itself is in Keplr, which has words of its own. Print this or keep it in a password manager, and never send it to anyone.`,
  ),
  how: i18n._(
    msg`To come back: open the desk in a browser with Keplr, choose "I have a recovery phrase", open this file or paste the words, and press "My account is in Keplr".`,
  ),
});
