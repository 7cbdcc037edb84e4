import { expect, test } from "vitest";

import { deskIn, kitText, phraseIn, tidied } from "./kit.ts";
import { accountIn, ownerOf } from "./kitAccount.ts";

const PHRASE = "legal winner thank year wave sausage worth useful legal winner thank yellow";
const KIT = {
  phrase: PHRASE,
  desk: { chainId: "desk-1", identity: "0".repeat(64), origin: "https://desk.example" },
  address: "virtengine1x",
  words: { title: "Recovery kit", secret: "Keep it where nobody else looks, and never send it to anybody at all, ever.", how: "Open the desk and choose the button for people who have a recovery phrase.", made: "Made on 1 January 2026", account: "Account", phrase: "The twelve words", link: "The desk" },
};

test("a kit gives back the phrase that was put into it, and says where the desk is", () => {
  const text = kitText(KIT);
  expect(phraseIn(text)).toBe(PHRASE);
  expect(phraseIn(text.replaceAll("\n", "\r\n"))).toBe(PHRASE);
  expect(text).toContain(`https://desk.example/#desk=${"0".repeat(64)}`);
  expect(deskIn(text)).toBe("0".repeat(64));
  expect(deskIn(PHRASE)).toBeNull();
});

test("a kit names its account, and words alone name none", () => {
  const address = "virtengine19rl4cm2hmr8afy4kldpxz3fka4jguq0a6mvv5p";
  const text = kitText({ ...KIT, address });
  expect(accountIn(text)).toBe(address);
  expect(accountIn(text.replaceAll("\n", "\r\n"))).toBe(address);
  for (const text of ["", PHRASE, kitText({ ...KIT, address: undefined }), `${address}x`, address.slice(0, -1)]) expect(accountIn(text), text).toBeNull();
});

test("a phrase is found as people keep it: alone, numbered, in capitals, one word a line", () => {
  const numbered = PHRASE.split(" ").map((word, n) => `${n + 1}. ${word}`);
  for (const text of [PHRASE, `  ${PHRASE.toUpperCase()}\n`, numbered.join(" "), numbered.join("\n"), PHRASE.replaceAll(" ", "\n"), PHRASE.replaceAll(" ", ", ")]) {
    expect(phraseIn(text)).toBe(PHRASE);
  }
  expect(tidied(" a  B\tc ")).toBe("a b c");
});

test("an account that a kit names is a wallet's where its words alone lead to another one of this desk", () => {
  const [mine, theirs, elsewhere] = [`desk1${"q".repeat(38)}`, `desk1${"p".repeat(38)}`, `other1${"p".repeat(38)}`];
  const kit = (account: string) => ({ words: PHRASE, account });
  expect(ownerOf(kit(theirs), PHRASE, mine)).toBe(theirs);
  expect(ownerOf(kit(mine), PHRASE, mine)).toBeNull();
  // A desk that writes its accounts in another way.
  expect(ownerOf(kit(elsewhere), PHRASE, mine)).toBeNull();
  // Other words are not this kit's, and the same ones are, also after somebody typed in between.
  expect(ownerOf(kit(theirs), `${PHRASE} x`, mine)).toBeNull();
  expect(ownerOf(null, PHRASE, mine)).toBeNull();
});
