// An agent's acts on tickets, canned replies, undo and drafts; and what a customer is told, and can prove.
//   node ticket.mjs ORIGIN IDENTITY PHRASE   the desk, its identity, and the administrator's recovery phrase. TKT-00000001 is somebody else's.
import { readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, Person } from "./browser.mjs";
import { begin, PASSPHRASE, restore, type } from "./people.mjs";

const [origin, identity, phrase] = process.argv.slice(2);
const desk = { identity };
const TICKET = "TKT-00000002";

/** With its waiting left on, unlike in other scripts. */
async function arrive(person, phrase) {
  await (phrase ? restore(person, desk, phrase) : begin(person, desk));
  await person.page.evaluate(() => localStorage.removeItem("undo"));
}

async function write(person, subject) {
  await person.page.getByRole("link", { name: "New ticket" }).click();
  await person.choose(/What is it about/, "Technical");
  await person.field("Subject").fill(subject);
  await person.field("What happened?").fill("It does not print any more.");
  await person.button("Seal and send").click();
}

const dialog = (person) => person.page.getByRole("dialog");
const inDialog = (person, name) => dialog(person).getByRole("button", { name, exact: true });
const gone = (person) => dialog(person).waitFor({ state: "detached" });
const said = (person, text) => person.page.locator(".message", { hasText: text });

/** What waits to be sent is sent at once. */
async function now(person) {
  await person.button("Now").first().click();
  await person.page.getByRole("list", { name: "Not sent yet" }).waitFor({ state: "detached" });
}

const waiting = (person) => person.page.getByRole("list", { name: "Not sent yet" }).getByRole("listitem");

async function menu(person, item) {
  await person.button("More").click();
  await person.page.getByRole("menuitem", { name: item, exact: true }).click();
}

async function undoing(agent, customer) {
  await agent.button("Assign").click();
  await agent.pick("Me");
  await agent.sees(`Assigning ${TICKET} to you`);
  await agent.axe("an act that can be undone");
  await agent.picture("ticket-undo");
  await agent.button("Undo Z").click();
  await agent.sees("not assigned yet");
  // By one key, too.
  await agent.page.keyboard.press("i");
  await agent.sees(`Assigning ${TICKET} to you`);
  await now(agent);
  await agent.sees("took it");

  // Closing the tab before the time is over sends nothing, and loses nothing.
  await agent.field("Your reply").fill("Which model is it?");
  // By the field, and not by the keyboard alone: whom it was sealed for anew may be in front just then, and would take the key.
  await agent.field("Your reply").click();
  await agent.field("Your reply").press("Control+Enter");
  await agent.sees("Not sent yet.");
  await agent.picture("ticket-held");
  await agent.reload();
  await agent.field("Your reply").waitFor();
  await agent.page.waitForFunction(() => document.querySelector(".composer textarea")?.value === "Which model is it?");
  expect((await said(agent, "Which model").count()) === 0, "nothing was sent by a tab that was closed");
  await agent.button("Send").click();
  await agent.button("Undo and keep writing").click();
  await agent.field("Your reply").fill("Which model is it, please?");
  await agent.button("More ways to send").click();
  await agent.axe("ways to send");
  await agent.page.getByRole("menuitem", { name: "Send and wait for the customer" }).click();
  await now(agent);
  await said(agent, "Which model is it, please?").waitFor();
  await agent.page.locator(".head .tag", { hasText: "waiting for the customer" }).waitFor();
  await customer.page.locator(".head .tag", { hasText: "waiting for you" }).waitFor();
}

async function sorting(agent, customer) {
  await menu(agent, "Tags");
  await agent.field("Add tags, separated by commas").fill("paper, jam");
  await agent.axe("tags");
  await inDialog(agent, "Save the tags").click();
  await gone(agent);
  // A second change within the time begins with the first one, and takes its place.
  await menu(agent, "Tags");
  await inDialog(agent, "Remove paper").waitFor();
  await agent.field("Add tags, separated by commas").fill("toner");
  await inDialog(agent, "Save the tags").click();
  await gone(agent);
  expect((await waiting(agent).count()) === 1, "tags are changed once");
  await now(agent);
  await agent.page.locator(".head .tag", { hasText: "paper" }).waitFor();
  await agent.sees("set the tags: jam, paper, toner");
  await menu(agent, "Link to another ticket");
  await agent.field("Number or subject of the other ticket").fill("2");
  await inDialog(agent, "Link").click();
  await agent.sees("That is this ticket.");
  // It can be found by what it is about, which is shown with its number and state.
  const offers = dialog(agent).getByRole("list", { name: "Matching tickets" });
  await agent.field("Number or subject of the other ticket").fill("1");
  await offers.getByRole("button", { name: /^TKT-00000001 Toner / }).waitFor();
  await agent.field("Number or subject of the other ticket").fill("toner");
  await offers.getByRole("button", { name: /^TKT-00000001 Toner / }).click();
  expect((await agent.field("Number or subject of the other ticket").inputValue()) === "TKT-00000001", "it is chosen");
  await agent.axe("link");
  await agent.picture("ticket-link");
  await inDialog(agent, "Link").click();
  await now(agent);
  await agent.page.locator(".head .tag", { hasText: "related to TKT-00000001" }).waitFor();
  await agent.page.keyboard.press("p");
  await agent.pick("low");
  await gone(agent);
  // What was said last of one kind of act counts.
  await agent.page.keyboard.press("p");
  await agent.page.getByRole("listbox").waitFor();
  await agent.axe("priority");
  await agent.pick("high");
  await gone(agent);
  expect((await waiting(agent).count()) === 1, "its priority is changed once");
  await now(agent);
  await agent.sees("changed the priority to high");
  await agent.page.keyboard.press("s");
  await agent.axe("put aside");
  await agent.picture("ticket-snooze");
  await dialog(agent).getByRole("button", { name: /Tomorrow morning/ }).click();
  await now(agent);
  await agent.page.locator(".head .tag", { hasText: "put aside until" }).waitFor();
  expect((await customer.page.getByText("paper").count()) === 0, "tags are not shown to the customer");
  await agent.picture("ticket-sorted");
}

async function canned(agent, other) {
  for (const person of [agent, other]) await person.open("/replies");
  await agent.sees("No replies yet.");
  await agent.button("New reply").click();
  await agent.field("Name").fill("Greeting");
  // What stands for nothing is not kept.
  await agent.field("Text").fill("Hello {company}, about {ticket}:");
  await inDialog(agent, "Save").click();
  await agent.sees(/^\{company\}: unknown variable/);
  await agent.axe("a canned reply that is refused");
  await agent.picture("ticket-canned-refused");
  await agent.field("Text").fill("Hello {customer}, about {ticket}:");
  // Esc loses nothing of it.
  await agent.page.keyboard.press("Escape");
  await gone(agent);
  await agent.button("New reply").click();
  await agent.sees("Not saved yet.");
  expect((await agent.field("Text").inputValue()) === "Hello {customer}, about {ticket}:" && (await agent.field("Name").inputValue()) === "Greeting", "what was typed is there again");
  await agent.axe("a canned reply");
  await inDialog(agent, "Save").click();
  await gone(agent);
  await agent.sees("Greeting");
  await agent.button("New macro").click();
  await agent.field("Name").fill("Solved");
  await agent.field("Reply (optional)").fill("That should do. {agent}");
  await agent.choose(/Afterwards the ticket/, "is resolved");
  await agent.field("Tags to add, separated by commas").fill("solved");
  await agent.picture("ticket-macro");
  await inDialog(agent, "Save").click();
  await gone(agent);
  await agent.sees("Solved");
  await agent.axe("canned replies and macros");

  // Two who change the same one lose nothing of either.
  await other.reload();
  for (const person of [agent, other]) await person.button("Change Greeting").click();
  await agent.field("Text").fill("Good day {customer}, about {ticket}:");
  await inDialog(agent, "Save").click();
  await gone(agent);
  await agent.sees("Good day");
  await other.field("Name").fill("Short greeting");
  await other.field("Text").fill("Hi {customer}!");
  await inDialog(other, "Save").click();
  await other.sees("A colleague changed this while you were writing.");
  // Each field that differs is shown, in both versions.
  for (const text of ["Greeting", "Short greeting", "Good day {customer}, about {ticket}:", "Hi {customer}!"]) await dialog(other).locator("pre").getByText(text, { exact: true }).waitFor();
  await other.axe("two versions");
  await other.picture("ticket-versions");
  await inDialog(other, "Keep both").click();
  await gone(other);
  await other.page.locator(".manager li", { hasText: "Hi {customer}!" }).waitFor();
  await other.page.locator(".manager li", { hasText: "Good day {customer}" }).waitFor();
  await other.picture("ticket-replies");

  await agent.open(`/tickets/${TICKET}`);
  await agent.field("Your reply").pressSequentially("::");
  await dialog(agent).getByRole("menuitem", { name: /Good day/ }).waitFor();
  await agent.axe("canned replies");
  await agent.picture("ticket-canned");
  await agent.page.keyboard.type("good");
  await agent.page.keyboard.press("Enter");
  const composed = (text, chosen) =>
    agent.page.waitForFunction(([text, chosen]) => {
      const field = document.querySelector(".composer textarea");
      return field?.value === text && (chosen === undefined || (document.activeElement === field && text.slice(field.selectionStart, field.selectionEnd) === chosen));
    }, [text, chosen]);
  // This customer gave no name: what stands for it is what is written next, and is not sent as it stands unseen.
  await composed("Good day {customer}, about TKT-00000002:", "{customer}");
  const asked = agent.page.getByRole("alert").filter({ hasText: "{customer} has no value here" });
  await agent.button("Send").click();
  await asked.waitFor();
  expect((await agent.page.getByRole("list", { name: "Not sent yet" }).count()) === 0, "nothing is sent");
  await agent.axe("a reply in which something stands for nothing");
  await agent.picture("ticket-unfilled");
  await composed("Good day {customer}, about TKT-00000002:", "{customer}");
  // Closing words are the reply that the composer has: whatever is typed there stands here when the dialog goes.
  await agent.button("Resolve").click();
  await dialog(agent).getByLabel("Closing words, for the customer and support only").fill("Good day {customer}, it is done.");
  await agent.page.keyboard.press("Escape");
  await gone(agent);
  await agent.page.waitForFunction(() => document.querySelector(".composer textarea")?.value === "Good day {customer}, it is done.");
  await agent.field("Your reply").fill("Good day {customer}, about TKT-00000002:");
  // Nor with the acts of a ticket, by whichever way.
  await agent.button("Resolve").click();
  await inDialog(agent, "Resolve this ticket").click();
  await dialog(agent).getByRole("alert").filter({ hasText: "{customer} has no value here" }).waitFor();
  await inDialog(agent, "Cancel").click();
  await gone(agent);
  await agent.button("More ways to send").click();
  await agent.page.getByRole("menuitem", { name: "Send and resolve" }).click();
  await asked.filter({ hasText: `Resolving ${TICKET}` }).waitFor();
  // A text that is taken away takes along what was to be done beside it.
  await agent.field("Your reply").fill("");
  await asked.waitFor({ state: "detached" });
  await agent.field("Your reply").fill("Good day {customer}, about TKT-00000002:");
  expect((await asked.count()) === 0, "nothing of it comes back with the next text");
  await agent.button("More ways to send").click();
  await agent.page.getByRole("menuitem", { name: "Send and resolve" }).click();
  await asked.filter({ hasText: `Resolving ${TICKET}` }).waitFor();
  await asked.getByRole("button", { name: "Do not send it" }).click();
  await asked.waitFor({ state: "detached" });
  await agent.button("Send").click();
  await asked.waitFor();
  await agent.page.keyboard.insertText("Mr. Smith");
  await composed("Good day Mr. Smith, about TKT-00000002:");
  await agent.button("Send").click();
  await agent.button("Undo and keep writing").click();
  await asked.waitFor({ state: "detached" });
  expect(await agent.field("Your reply").evaluate((field) => document.activeElement === field), "whoever takes it back goes on writing");
}

/** Two tabs that send one draft send it once. */
async function tabs(agent) {
  await type(agent, "Your reply", "From one of two tabs.");
  const tab = await agent.tab(`/tickets/${TICKET}`);
  await tab.getByLabel("Passphrase", { exact: true }).fill(PASSPHRASE);
  await tab.getByRole("button", { name: "Unlock" }).click();
  await tab.waitForFunction(() => document.querySelector(".composer textarea")?.value === "From one of two tabs.");
  await agent.button("Send").click();
  await tab.getByRole("button", { name: "Send", exact: true }).click();
  await Promise.all([agent.button("Now").click(), tab.getByRole("button", { name: "Now", exact: true }).click()]);
  await said(agent, "From one of two tabs.").waitFor();
  await agent.page.waitForFunction(() => document.querySelector(".composer textarea")?.value === "");
  await tab.close();
  expect((await said(agent, "From one of two tabs.").count()) === 1, "two tabs send one draft once");
}

/** What a customer writes while a resolution waits is not buried by it. */
async function meanwhile(agent, customer) {
  await type(customer, "Your reply", "It still jams now and then.");
  await agent.button("Resolve").click();
  await inDialog(agent, "Resolve this ticket").click();
  await customer.button("Send").click();
  await agent.page.getByRole("alert").filter({ hasText: "wrote meanwhile" }).waitFor();
  await agent.axe("an act that somebody wrote into");
  await agent.picture("ticket-met");
  // The next ticket of the list may be open by then.
  await agent.page.getByRole("link", { name: "Open the ticket" }).click();
  await said(agent, "It still jams now and then.").waitFor();
  await agent.button("Undo Z").click();
  await agent.page.getByRole("list", { name: "Not sent yet" }).waitFor({ state: "detached" });
  await agent.button("Resolve").waitFor();
}

async function resolving(agent, customer) {
  await agent.button("Send").waitFor();
  await agent.field("Your reply").pressSequentially("::");
  await agent.page.keyboard.type("solved");
  await agent.page.keyboard.press("Enter");
  await now(agent);
  await said(agent, "That should do. Your support team").waitFor();
  await agent.page.locator(".head .tag", { hasText: "solved" }).first().waitFor();
  await customer.page.locator(".head .tag", { hasText: "resolved" }).waitFor();
  await agent.picture("ticket-resolved");

  await head(customer);
  await customer.button("Rate").click();
  await customer.choose(/Score/, "5, very good");
  await customer.axe("rate");
  await inDialog(customer, "Send").click();
  await gone(customer);
  await customer.sees("rated 5 of 5");
  expect((await customer.button("Rate").count()) === 0, "a resolution is rated once");
  await customer.button("Reopen").click();
  await customer.field("Why, in a few words").fill("It stopped again");
  // The desk's minute between two tickets counts here, too.
  for (let tries = 0; tries < 30 && (await dialog(customer).count()) > 0; tries++) {
    await inDialog(customer, "Reopen this ticket").click({ timeout: 3_000 }).catch(() => undefined);
    await dialog(customer).waitFor({ state: "detached", timeout: 3_000 }).catch(() => undefined);
  }
  await customer.sees("reopened it: It stopped again");
  await customer.button("Close").click();
  await inDialog(customer, "Close this ticket").click();
  await gone(customer);
  await customer.sees("This ticket is closed.");
}

/** On a phone what stands above a conversation leaves it the room: one line of acts, and what few do behind a menu. */
async function head(customer) {
  await customer.page.setViewportSize({ width: 360, height: 740 });
  const acts = await customer.page.locator(".head .actions").boundingBox();
  expect(acts.height < 60, `one line of acts: ${acts.height}`);
  const above = await customer.page.locator(".head").boundingBox();
  expect(above.y + above.height < 280, `what stands above: ${above.y + above.height}`);
  await customer.picture("ticket-phone-head");
  await customer.button("More").click();
  await customer.page.getByRole("menuitem", { name: "Receipt" }).waitFor();
  await customer.axe("what few do with a ticket");
  await customer.page.keyboard.press("Escape");
  await customer.page.setViewportSize({ width: 390, height: 844 });
}

async function proving(customer) {
  await customer.act("Receipt");
  const saving = customer.page.waitForEvent("download");
  await customer.button("Save the receipt").click();
  const receipt = await readFile(await (await saving).path());
  await customer.sees("This receipt is genuine.");
  // What React Aria has read aloud stays for some seconds, also where its label is gone.
  await customer.page.waitForFunction(() => document.querySelector('[data-live-announcer] [role="img"]') === null);
  await customer.axe("a receipt");
  await customer.picture("ticket-receipt");
  await customer.page.keyboard.press("Escape");
  const changed = join(tmpdir(), `changed-${process.pid}.receipt`);
  receipt[receipt.length >> 1] ^= 1;
  await writeFile(changed, receipt);
  await customer.open("/receipt");
  await customer.axe("check a receipt");
  const choosing = customer.page.waitForEvent("filechooser");
  await customer.button("Choose a receipt").click();
  await (await choosing).setFiles(changed);
  await customer.page.getByRole("alert").waitFor();
  expect((await customer.page.getByText("This receipt is genuine.").count()) === 0, "a changed receipt is not genuine");
}

const customer = await Person.sit(origin, { name: "customer", viewport: { width: 390, height: 844 } });
const agent = await Person.sit(origin, { name: "agent" });
const other = await Person.sit(origin, { name: "other" });
const people = [customer, agent, other];
try {
  await Promise.all([arrive(customer), arrive(agent, phrase), arrive(other, phrase)]);
  await write(customer, "Printer");
  await customer.page.getByRole("heading", { name: "Printer" }).waitFor();

  // A refusal says which limit it is, and when it is over; what was written stays.
  await customer.open();
  await write(customer, "Another one");
  await customer.sees("This desk asks for 60 seconds between two tickets from one customer.");
  await customer.sees(/Possible again: (in \d+ seconds|today \d\d:\d\d)/);
  await customer.axe("a refusal");
  await customer.picture("ticket-refusal");
  await customer.open(`/tickets/${TICKET}`);

  await agent.open(`/tickets/${TICKET}`);
  await agent.page.getByRole("heading", { name: "Printer" }).waitFor();
  await undoing(agent, customer);
  await sorting(agent, customer);
  await canned(agent, other);
  await tabs(agent);
  await meanwhile(agent, customer);
  await resolving(agent, customer);
  await proving(customer);

  for (const person of people) await person.leave();
  const problems = people.flatMap((person) => person.problems.map((problem) => `${person.name}: ${problem}`));
  expect(problems.length === 0, problems.join("\n"));
  console.log("done");
} catch (error) {
  for (const person of people) await person.last();
  console.error(error);
  process.exit(1);
}
