// What people do first in a test: begin, come back, unlock.
import { expect, until } from "./browser.mjs";

export const PASSPHRASE = "a passphrase for tests";

async function choosePassphrase(tab) {
  await tab.field("Passphrase").fill(PASSPHRASE);
  await tab.field("The same again").fill(PASSPHRASE);
  await tab.button("Continue").click();
}

/** The address by which a desk is met without comparing words. */
export const link = (desk, path = "/") => `${path}#desk=${desk.identity}`;

/** Somebody who was never here makes an identity. Gives its phrase. */
export async function begin(person, desk) {
  await person.open(link(desk));
  await person.button("Start").click();
  await choosePassphrase(person);
  const shown = await person.page.getByRole("list", { name: "Recovery phrase" }).getByRole("listitem").allInnerTexts();
  expect(shown.length === 12, `twelve words: ${shown.length}`);
  const phrase = shown.join(" ").toLowerCase();
  await person.button("I have kept them").click();
  await person.field("The twelve words").fill(phrase);
  await person.button("Finish").click();
  await person.button("Lock").waitFor();
  return phrase;
}

/** Somebody brings their phrase to a browser that keeps nothing. */
export async function restore(person, desk, phrase) {
  await person.open(link(desk));
  await person.button("I have a recovery phrase").click();
  await person.field("12 or 24 words").fill(phrase);
  await person.button("Continue").click();
  await choosePassphrase(person);
  await person.button("Lock").waitFor();
}

/** Opens what this browser keeps, in a tab that is locked. */
export async function unlock(tab) {
  await tab.field("Passphrase").fill(PASSPHRASE);
  await tab.button("Unlock").click();
  await tab.button("Lock").waitFor();
}

/** Loads a tab again. One that another tab was unlocked after asks for the passphrase. */
export async function reload(tab) {
  await tab.page.reload();
  await tab.button("Lock").or(tab.button("Unlock")).waitFor();
  if (await tab.button("Unlock").isVisible()) await unlock(tab);
}

/** The drafts that this browser keeps, sealed as they are. */
const drafts = (tab) =>
  tab.page.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const request = indexedDB.open("sealdesk");
        request.onerror = () => reject(request.error);
        request.onsuccess = () => {
          const found = request.result.transaction("kept").objectStore("kept").getAll(IDBKeyRange.bound("draft/", "draft/\uffff"));
          found.onsuccess = () => {
            request.result.close();
            resolve(JSON.stringify(found.result));
          };
        };
      }),
  );

/** Types, until the browser keeps what was typed. */
export async function type(tab, label, text) {
  const before = await drafts(tab);
  await tab.field(label).fill(text);
  await until("the draft is kept", async () => (await drafts(tab)) !== before);
}
