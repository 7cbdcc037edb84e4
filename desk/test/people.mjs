// What people do first in a test: begin, come back, unlock.
import { message, openTicket, write } from "./acts.mjs";
import { expect, until } from "./browser.mjs";

export const PASSPHRASE = "a passphrase for tests";

const listed = async (tab, name) => {
  const list = tab.page.getByRole("list", { name }).getByRole("listitem");
  await list.first().waitFor();
  return (await list.allInnerTexts()).join(" ").toLowerCase();
};

/** The phrase that a page shows to be kept. */
export async function shownPhrase(tab) {
  const phrase = await listed(tab, "Recovery phrase");
  expect(phrase.split(" ").length === 12, `twelve words: ${phrase}`);
  return phrase;
}

/** Whoever pressed Start keeps the phrase that is shown, by pasting it if nobody says how else, and chooses a passphrase. Gives the phrase. */
export async function keepPhrase(tab, show = (phrase) => tab.put("Show that you have them", phrase)) {
  const phrase = await shownPhrase(tab);
  await tab.press(tab.button("I wrote them down"));
  await show(phrase);
  await finish(tab);
  return phrase;
}

/** Whoever showed their phrase chooses a passphrase. */
export async function finish(tab) {
  await tab.put("Passphrase", PASSPHRASE);
  await tab.press(tab.button("Finish"));
}

/** The passphrase of whoever brought their words. */
export async function choosePassphrase(tab) {
  await tab.put("Passphrase", PASSPHRASE);
  await tab.press(tab.button("Continue"));
}

/** Whoever has a phrase brings it, in a browser that keeps nothing. */
export async function bringPhrase(tab, phrase) {
  await tab.press(tab.button("I have a recovery phrase"));
  await tab.put("12 or 24 words", phrase);
  await tab.press(tab.button("Continue"));
}

/** Compares the words of a desk that no link named. */
export async function agree(tab, words) {
  const shown = await listed(tab, "Words of this desk");
  expect(shown === words, `the words of the desk: ${shown}`);
  await tab.press(tab.button("They match"));
}

/** The address by which a desk is met without comparing words. */
export const link = (desk, path = "/") => `${path}#desk=${desk.identity}`;

/** What the page would hold back for ten seconds is sent at once. */
async function arrive(person, desk) {
  // A page that is there already does not read another link.
  await person.page.goto("about:blank");
  await person.open(link(desk));
  await person.page.evaluate(() => localStorage.setItem("undo", "off"));
}

/** Somebody who was never here makes an identity. Gives its phrase. `greeting` is what the first page says beside what it always does. */
export async function begin(person, desk, greeting) {
  await arrive(person, desk);
  if (greeting) await person.sees(greeting);
  await person.press(person.button("Start"));
  const phrase = await keepPhrase(person);
  await person.button("Lock").waitFor();
  return phrase;
}

/** Somebody brings their phrase to a browser that keeps nothing. Where it is new at the desk, they are asked whether that is right. */
export async function restore(person, desk, phrase, { isNew = false } = {}) {
  await arrive(person, desk);
  await bringPhrase(person, phrase);
  if (isNew) await person.press(person.button("Continue with a new account"));
  await choosePassphrase(person);
  await person.button("Lock").waitFor();
}

/** Opens what this browser keeps, in a tab that is locked. */
export async function unlock(tab) {
  await tab.put("Passphrase", PASSPHRASE);
  await tab.press(tab.button("Unlock"));
  await tab.button("Lock").waitFor();
}

/** Loads a tab again, once nothing is being sent if nobody says how else. One that another tab was unlocked after asks for the passphrase. */
export async function reload(tab, load = tab.reload) {
  await load();
  await tab.button("Lock").or(tab.button("Unlock")).waitFor();
  if (await tab.button("Unlock").isVisible()) await unlock(tab);
}

/** The drafts that this browser keeps of the ticket that a tab shows, sealed as they are. Other tabs write theirs meanwhile. */
const drafts = (tab) =>
  tab.page.evaluate(async () => {
    const of = location.pathname.split("/").at(-1);
    const asked = (request) => new Promise((resolve, reject) => Object.assign(request, { onsuccess: () => resolve(request.result), onerror: () => reject(request.error) }));
    const database = await asked(indexedDB.open("sealdesk"));
    const store = database.transaction("kept").objectStore("kept");
    const [names, texts] = await Promise.all([asked(store.getAllKeys()), asked(store.getAll())]);
    database.close();
    return JSON.stringify(texts.filter((_, n) => names[n].startsWith("draft/") && names[n].endsWith(of)));
  });

/** Types, until the browser keeps what was typed. */
export async function type(tab, label, text) {
  const before = await drafts(tab);
  await tab.put(label, text);
  await until("the draft is kept", async () => (await drafts(tab)) !== before);
}

/** A customer with two tickets, and an administrator who asks something in the second, which both have before them. Gives their phrase and the tickets. */
export async function meet(customer, admin, desk, said = (text) => text) {
  const phrase = await begin(customer, desk);
  await desk.key(customer.name, phrase);
  const other = await write(customer, { subject: said("Mouse"), text: said("It squeaks.") });
  const ticket = await write(customer, { subject: said("Printer"), text: said("It burns.") });
  await desk.ask("take", ticket, "--from", "admin");
  await desk.ask("reply", ticket, "Which model is it?", "--from", "admin");
  await message(customer, "Which model is it?").waitFor();
  await restore(admin, desk, await desk.phrase("admin"));
  await openTicket(admin, ticket);
  await message(admin, "Which model is it?").waitFor();
  return { phrase, other, ticket };
}
