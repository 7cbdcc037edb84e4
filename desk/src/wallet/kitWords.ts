// What a recovery kit says of an account that is in a wallet.
import type { I18n } from "@lingui/core";
import { msg } from "@lingui/core/macro";

export const kitWords = (i18n: I18n) => ({
  secret: i18n._(
    msg`Whoever has these words can read what is written to you. The account itself is in Keplr, whose own words you keep there. Print this, or keep it in a password manager, and never send it to anybody.`,
  ),
  how: i18n._(
    msg`To come back: open the desk in a browser with Keplr, choose "I have a recovery phrase", open this file or paste the words, and press "My account is in Keplr".`,
  ),
});
