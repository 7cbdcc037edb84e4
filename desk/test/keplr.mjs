// A customer whose account is in Keplr: they connect it, write and answer, say no, choose another account, come back on another browser, and the
// program reads what they wrote as it reads everybody. The wallet is a stand-in (wallet.mjs) that does what Keplr's source does.
import { readFile } from "node:fs/promises";
import { isDeepStrictEqual } from "node:util";

import { message, openTicket, reply, write } from "./acts.mjs";
import { expect, manyPeople, Person, play, until } from "./browser.mjs";
import { Desk } from "./desk.mjs";
import { choosePassphrase, finish, link, shownPhrase, unlock } from "./people.mjs";
import { Wallet } from "./wallet.mjs";

const PHRASES = [
  "test test test test test test test test test test test junk",
  "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about",
];
const SUBJECT = "The till prints <nothing> & beeps";

const desk = await Desk.start();
await desk.allowMuch();
const browser = await manyPeople();
const people = [];
const wallet = new Wallet(...PHRASES);
const kinds = () => wallet.asked.splice(0).map(({ kind }) => kind).join(" ");

async function sit(name, options) {
  const person = await Person.sit(desk.origin, { name, browser, ...options });
  people.push(person);
  await wallet.into(person);
  // A page that is there already does not read another link.
  await person.page.goto("about:blank");
  await person.open(link(desk));
  await person.page.evaluate(() => localStorage.setItem("undo", "off"));
  return person;
}

/** Connects the wallet, after having said no once, and gets words of their own. */
async function connects(person) {
  wallet.answers.push("no");
  await person.press(person.button("Connect Keplr"));
  await person.sees("You said no in Keplr. Nothing was connected.");
  await person.axe("refused to connect");
  await person.press(person.button("Connect Keplr"));
  await person.sees("Keplr is connected");
  await person.sees(await wallet.address());
  const [, suggested] = wallet.asked;
  const info = await desk.ask("chain-info", "--url", desk.origin);
  expect(isDeepStrictEqual(suggested.what, info), "the chain is what `sealdesk chain-info` says");
  expect(kinds() === "chain chain enable", "the wallet is shown the desk, and asked once");
  await person.axe("Keplr connected");
  await person.picture("keplr-connected");
  await person.press(person.button("Start"));
  const phrase = await shownPhrase(person);
  const [download] = await Promise.all([person.page.waitForEvent("download"), person.button("Save as a file").click()]);
  kit = await readFile(await download.path(), "utf8");
  expect(kit.includes(await wallet.address()) && kit.includes("The account itself is in Keplr"), kit);
  await person.put("Show that you have them", phrase);
  await finish(person);
  await person.button("Lock").waitFor();
  expect(wallet.asked.length === 0, "to connect signs nothing");
  return phrase;
}

/** Sends what stands in the composer, which the wallet keeps from happening. */
async function failsTo(person, text, told) {
  await person.put("Your reply", text);
  await person.field("Your reply").press("Control+Enter");
  await person.sees(told);
  await person.picture(`keplr-${told.slice(0, 12).replaceAll(" ", "-")}`);
  const read = await desk.ask("read", "1", "--from", "admin");
  expect(!JSON.stringify(read.messages).includes(text), `nothing was sent: ${told}`);
  await person.press(person.button("Dismiss"));
  expect((await person.field("Your reply").inputValue()) === text, "what was typed is still there");
}

let phrase = "";
let address = "";
let kit = "";

await play(people, async () => {
  const customer = await sit("customer");
  phrase = await connects(customer);
  address = await wallet.address();
  const id = await write(customer, { subject: SUBJECT, text: "Since this morning." });
  expect(kinds() === "text tx", "one signature for the key, one for the ticket");
  const first = await desk.ask("read", id, "--from", "admin");
  expect(first.ticket.customer_address === address, `it is the wallet's account that wrote it: ${first.ticket.customer_address}`);
  expect(first.messages[0].text === "Since this morning.", "the program reads it");

  // An answer of somebody's at a terminal, and back, over a reload: reading asks nobody.
  await desk.ask("reply", id, "Which till is it?", "--from", "admin");
  await customer.sees(SUBJECT);
  await openTicket(customer, id);
  await message(customer, "Which till is it?").waitFor();
  await customer.reload();
  await customer.button("Lock").or(customer.button("Unlock")).waitFor();
  await customer.press(customer.button("Lock"));
  await customer.button("Unlock").waitFor();
  await unlock(customer);
  await openTicket(customer, id);
  await message(customer, "Which till is it?").waitFor();
  expect(wallet.asked.length === 0, "reading asks the wallet for nothing");
  await reply(customer, "The red one.");
  expect(kinds() === "tx", "an answer is one question");

  await misbehaves(customer);
  await reply(customer, "The one by the door.");
  const read = await desk.ask("read", id, "--from", "admin");
  expect(read.messages.map(({ text }) => text).join("|") === "Since this morning.|Which till is it?|The red one.|The one by the door.", "all of it, once");
  await waits(customer);
  await attaches(customer);
  await stops(customer);
  await comesBack(id);
  await bringsTheirKit();
  await settings(customer);
});

/** What a wallet may do instead of signing what it is asked. */
async function misbehaves(person) {
  wallet.answers.push("no");
  await failsTo(person, "Refused words", "You said no in Keplr. Nothing was sent.");
  wallet.answers.push((document) => (document.fee = { amount: [{ denom: "seal", amount: "0" }], gas: "200000" }));
  await failsTo(person, "Words with a fee", "Keplr signed something other than this page asked for.");
  wallet.answers.push((document) => (document.memo = "from my wallet"));
  await failsTo(person, "Words with a memo", "Keplr signed something other than this page asked for.");
  await wallet.choose(1, person);
  await failsTo(person, "Words of another account", "Another account is chosen in Keplr.");
  await person.axe("another account");
  await wallet.choose(0, person);
  wallet.asked.length = 0;
}

/** The person takes their time in the wallet: the page says what it waits for. */
async function waits(person) {
  const confirm = wallet.holds();
  await person.put("Your reply", "Slowly, then.");
  await person.field("Your reply").press("Control+Enter");
  await person.sees("Confirm in Keplr");
  await person.picture("keplr-confirm");
  confirm();
  await message(person, "Slowly, then.").waitFor();
  await person.page.getByText("Confirm in Keplr").waitFor({ state: "detached" });
}

/** A file is said to cost a question for each of its pieces, and does. */
async function attaches(person) {
  kinds();
  const buffer = Buffer.alloc(1_300_000, "x");
  await person.page.locator('input[type="file"]').setInputFiles({ name: "till.log", mimeType: "text/plain", buffer });
  await person.sees("2 times for these, and once for what you send");
  await person.picture("keplr-file");
  await reply(person, "See the file.");
  expect(kinds() === "text text tx", "each piece is asked for once");
}

/** On another browser: twelve words, and Keplr again. */
async function comesBack(id) {
  const again = await sit("again", { viewport: { width: 360, height: 740 } });
  await again.press(again.button("I have a recovery phrase"));
  // Words without their wallet lead to an account that has nothing: that is said before it is made.
  await again.put("12 or 24 words", phrase);
  await again.press(again.button("Continue"));
  await again.sees("This desk has no account for these words alone.");
  await again.pictures("keplr-unknown-words");
  await again.axe("words that the desk does not know");
  await again.press(again.button("Check the words"));
  expect((await again.field("12 or 24 words").inputValue()) === phrase, "they are still there");
  await again.press(again.button("Continue"));
  await again.button("Continue with a new account").waitFor();
  await again.press(again.button("My account is in Keplr"));
  await again.sees("Keplr is connected");
  await again.picture("keplr-restore");
  await again.axe("restore with Keplr");
  await again.press(again.button("Continue"));
  await choosePassphrase(again);
  await again.button("Lock").waitFor();
  await again.sees(SUBJECT);
  await openTicket(again, id);
  await message(again, "The one by the door.").waitFor();
  kinds();
  await reply(again, "It is my other computer.");
  expect(kinds() === "tx", "the key is known already");
}

/** Stops a file while the wallet asks: nobody is asked any longer, and what is confirmed later is not used. */
async function stops(person) {
  kinds();
  const input = person.page.locator('input[type="file"]');
  await input.setInputFiles({ name: "stopped.log", mimeType: "text/plain", buffer: Buffer.alloc(1_000, "y") });
  const confirm = wallet.holds();
  await person.put("Your reply", "With a file that is stopped.");
  await person.field("Your reply").press("Control+Enter");
  await person.sees("Confirm in Keplr");
  await person.picture("keplr-stop");
  await person.press(person.button("Stop"));
  await person.button("Send").waitFor();
  await person.page.getByText("Confirm in Keplr").waitFor({ state: "detached" });
  await person.page.getByText("Sealing and uploading the files").waitFor({ state: "detached" });
  const brought = [];
  person.page.on("request", (request) => request.url().includes("/blobs/") && brought.push(request.url()));
  confirm();
  // It had all the time to be used.
  await person.page.waitForTimeout(2_000);
  expect(kinds() === "text" && brought.length === 0, `a signature that comes too late brings nothing: ${brought}`);
  const { messages } = await desk.ask("read", "1", "--from", "admin");
  expect(messages.at(-1).text === "See the file.", "nothing was sent");
  expect((await person.page.getByRole("alert").count()) === 0, "whoever stopped it knows it");
  // The same again, from its beginning: the person is asked anew, and it arrives.
  await reply(person, "With a file that is stopped.");
  expect(kinds() === "text tx", "the piece is asked for again");
}

/** The file that they saved names their account in Keplr: the page asks Keplr by itself. */
async function bringsTheirKit() {
  const file = { name: "kit.txt", mimeType: "text/plain", buffer: Buffer.from(kit) };
  const kept = await sit("kept");
  await wallet.choose(1, kept);
  await kept.press(kept.button("I have a recovery phrase"));
  await kept.page.locator('input[type="file"]').setInputFiles(file);
  await kept.sees("Another account is chosen in Keplr. This recovery kit belongs to:");
  await kept.sees(address);
  await kept.axe("a kit of another account");
  await kept.pictures("keplr-kit-of-another");
  expect(await kept.button("Continue").isDisabled(), "words are not put together with another's account");
  await wallet.choose(0, kept);
  await kept.press(kept.button("Continue without Keplr"));
  // Without it the words are another account, also where somebody typed in between: that is said before it is made, and Keplr is not asked by itself.
  kinds();
  wallet.forgets();
  await kept.field("12 or 24 words").press("End");
  await kept.field("12 or 24 words").press("x");
  await kept.field("12 or 24 words").press("Backspace");
  await kept.sees("This recovery kit belongs to an account in Keplr:");
  await kept.press(kept.button("Continue"));
  await kept.sees("These words are one half of your account");
  await kept.axe("a kit whose wallet is not connected");
  await kept.pictures("keplr-kit-alone");
  expect(kinds() === "", "whoever goes on without Keplr is not asked by it");
  wallet.answers.push("no");
  await kept.press(kept.button("My account is in Keplr"));
  await kept.sees("You said no in Keplr. Nothing was connected.");
  expect(await kept.button("Continue with a new account").isVisible(), "only a press of this makes another account");
  await kept.press(kept.button("Check the words"));
  await kept.press(kept.button("Continue"));
  await kept.sees("These words are one half of your account");
  expect(kinds() === "chain", "asked by a press, and once");
  await wallet.choose(1, kept);
  await kept.press(kept.button("My account is in Keplr"));
  await kept.sees("Another account is chosen in Keplr. This recovery kit belongs to:");
  expect(await kept.button("Continue").isDisabled(), "another's account is not put together with the words here either");
  await kept.press(kept.button("Continue without Keplr"));
  await wallet.choose(0, kept);
  await kept.press(kept.button("My account is in Keplr"));
  await kept.sees("This recovery kit belongs to an account in Keplr:");
  await kept.press(kept.button("Continue"));
  await choosePassphrase(kept);
  await kept.button("Lock").waitFor();
  await kept.sees(SUBJECT);
  kinds();
  // Where there is no wallet, it is said, and the words alone are known to lead elsewhere.
  const without = await Person.sit(desk.origin, { name: "without", browser });
  people.push(without);
  await without.open(link(desk));
  await without.press(without.button("I have a recovery phrase"));
  await without.page.locator('input[type="file"]').setInputFiles(file);
  await without.sees("Open this page in a browser that has Keplr. Without it");
  await without.press(without.button("Continue"));
  await without.sees("If you continue without Keplr, you start with another account, which has none of them.");
  await without.axe("a kit without its wallet");
  await without.pictures("keplr-kit-without");
  await without.press(without.button("Continue with a new account"));
  await choosePassphrase(without);
  await without.sees("No tickets yet");
}

async function settings(person) {
  await person.page.getByRole("link", { name: "Settings" }).click();
  await person.sees("This account is in Keplr");
  await person.page.getByText("This account is in Keplr").scrollIntoViewIfNeeded();
  await person.axe("settings with Keplr");
  await person.picture("keplr-settings");
  await until("the settings are whole", async () => (await person.page.getByText(address).count()) > 0);
}

await browser.close();
await desk.end();
console.log("done");
