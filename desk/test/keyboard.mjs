// A day without a pointer: a customer begins, writes, replies, rates and closes, and somebody of the staff works their ticket from the list to
// its end, by keys alone. Whatever gets the focus by Tab shows it, and is where it can be seen.
import { message, status } from "./acts.mjs";
import { expect, manyPeople, Person, play, until } from "./browser.mjs";
import { Desk } from "./desk.mjs";
import { begin, restore } from "./people.mjs";

const desk = await Desk.start();
await desk.allowMuch();
const browser = await manyPeople();
const people = [];

async function sit(name, options = {}) {
  const person = await Person.sit(desk.origin, { name, browser, isKeyboardOnly: true, reducedMotion: "reduce", ...options });
  people.push(person);
  await person.watchFocus();
  return person;
}

/** What a page says of a node that is not there. */
const BROKEN = /failed|console|net::/i;

const dialog = (person) => person.page.getByRole("dialog");
const inDialog = (person, name) => dialog(person).getByRole("button", { name, exact: true });
const gone = (person) => dialog(person).waitFor({ state: "detached" });
const keys = async (person, ...names) => {
  for (const name of names) await person.page.keyboard.press(name);
};

/** Goes to the field by Tab where the focus is elsewhere. */
async function focused(person, field) {
  const isThere = () => field.evaluate((element) => element === document.activeElement);
  for (let steps = 0; steps < 20 && !(await isThere()); steps++) {
    await field.and(person.page.locator(":focus")).waitFor({ timeout: 500 }).catch(() => keys(person, "Tab"));
  }
  expect(await isThere(), "the field has the focus");
}

const shortly = (locator) => locator.waitFor({ timeout: 3_000 }).then(() => true, () => false);

/** Goes to the composer by its key, and writes. */
async function writesIn(person, key, label, text) {
  const field = person.field(label);
  await until(`${label} has the words`, async () => {
    // Out of another field or a dialog; outside of both it would leave the ticket.
    if (await person.page.evaluate(() => document.activeElement?.matches("textarea, [role=dialog] *") ?? false)) await keys(person, "Escape");
    await keys(person, key);
    if (!(await shortly(field.and(person.page.locator(":focus"))))) return false;
    await keys(person, "Control+a");
    await person.page.keyboard.insertText(text);
    return (await field.inputValue()) === text;
  });
}

async function types(person, key, label, text) {
  const field = person.field(label);
  await writesIn(person, key, label, text);
  await until(`“${text}” is sent`, async () => {
    await keys(person, "Control+Enter");
    return (await shortly(message(person, text))) || focused(person, field).then(() => false);
  });
}

/** Takes back what was sent by its key, right after it; sends it again and writes a note while it is being told that an administrator who came meanwhile
 * reads that: nothing that is told takes the focus, or a letter. That the customer reads it is no news, and is not told. */
async function toldWhileTyping(agent, text) {
  const { page } = agent;
  const reply = agent.field("Your reply");
  await keys(agent, "Control+Enter");
  await page.getByRole("list", { name: "Not sent yet" }).waitFor();
  await keys(agent, "z");
  await page.getByRole("list", { name: "Not sent yet" }).waitFor({ state: "detached" });
  expect((await reply.inputValue()) === text && (await message(agent, text).count()) === 0, "Z right after sending takes it back");
  await focused(agent, reply);
  const second = await desk.key("second");
  await desk.ask("keys", "register", "second");
  await desk.ask("tx", "roles", "assign-role", second.address, "administrator", "--from", "admin", "--yes");
  await keys(agent, "Control+Enter");
  await page.getByRole("list", { name: "Not sent yet" }).waitFor();
  await keys(agent, "n");
  const note = agent.field("Your note");
  await focused(agent, note);
  const told = agent.button("I have read it");
  let written = "";
  const types = async (letters) => {
    await page.keyboard.type(letters, { delay: 20 });
    written += letters;
  };
  await until("it is told who reads the reply", async () => {
    await types("a word, ");
    return told.isVisible();
  });
  await types("and more of it.");
  const lines = await page.getByRole("region", { name: "Who can read it" }).getByRole("listitem").allInnerTexts();
  expect(lines.length === 1 && lines[0].includes("an administrator since change"), `who came is told, and the customer is not: ${lines}`);
  expect((await note.inputValue()) === written, `every letter is where it was typed: ${await note.inputValue()}`);
  expect((await dialog(agent).count()) === 0, "and nothing asks for anything");
  await agent.picture("told-while-typing");
  await keys(agent, "Control+a", "Delete");
  await agent.press(told);
  await told.waitFor({ state: "detached" });
  await message(agent, text).waitFor();
}

/** Does something by its name. */
async function command(person, name) {
  const field = person.page.getByPlaceholder("What do you want to do?");
  const found = dialog(person).getByRole("menuitem", { name });
  await until(`the palette has ${name}`, async () => {
    await keys(person, "Control+k");
    if (!(await shortly(field))) return false;
    await focused(person, field);
    await person.page.keyboard.insertText(name);
    return (await shortly(found.first())) || keys(person, "Escape").then(() => false);
  });
  await keys(person, "Enter");
}

async function writes(customer) {
  await begin(customer, desk);
  await customer.press(customer.page.getByRole("link", { name: "New ticket" }));
  await customer.choose(/What is it about/, "Technical");
  await customer.put("Subject", "Printer");
  await customer.put("What happened?", "It burns.");
  await customer.choose(/Priority/, "high");
  await customer.put("Your name", "Anna");
  await customer.press(customer.button("Seal and send"));
  await customer.page.getByRole("heading", { name: "Printer" }).waitFor();
}

async function works(agent) {
  await restore(agent, desk, await desk.phrase("admin"));
  await keys(agent, "g", "u");
  await agent.sees("Printer");
  await keys(agent, "j");
  await agent.page.locator(".line.cursor", { hasText: "Printer" }).waitFor();
  await keys(agent, "Enter");
  await message(agent, "It burns.").waitFor();
  // What staff can do is fetched after the text is there.
  await agent.button("Assign").waitFor();
  await keys(agent, "a");
  await agent.pick("Me");
  await status(agent, "assigned");
  await gone(agent);
  // Whoever types on before the palette is there does nothing by that: S alone would put the ticket aside.
  await keys(agent, "Control+k", "s");
  const field = agent.page.getByPlaceholder("What do you want to do?");
  await field.waitFor();
  await focused(agent, field);
  expect((await dialog(agent).count()) === 1, "and nothing else is asked");
  await keys(agent, "Escape");
  await gone(agent);
  await command(agent, "Start work");
  await status(agent, "in progress");
  await writesIn(agent, "r", "Your reply", "Which model is it?");
  // What is sent waits ten seconds here, as it does for people.
  await agent.page.evaluate(() => localStorage.setItem("undo", "on"));
  await toldWhileTyping(agent, "Which model is it?");
  // With Shift it is sent and resolves, until it is taken back.
  await writesIn(agent, "r", "Your reply", "Nobody has to wait.");
  await keys(agent, "Control+Shift+Enter");
  await agent.page.getByRole("list", { name: "Not sent yet" }).getByText("Resolving TKT-00000001").waitFor();
  await keys(agent, "z");
  await agent.page.getByRole("list", { name: "Not sent yet" }).waitFor({ state: "detached" });
  await agent.page.evaluate(() => localStorage.setItem("undo", "off"));
  await writesIn(agent, "r", "Your reply", "");
  await types(agent, "n", "Your note", "Looks like its roller.");
  await keys(agent, "Escape");
}

/** The desk goes away in the seconds in which something can be taken back, and comes again: what could not be sent is sent by one press, and is there once. */
async function outage(agent, customer) {
  const { page } = agent;
  const text = "Sent after an outage.";
  await agent.page.evaluate(() => localStorage.setItem("undo", "on"));
  await writesIn(agent, "r", "Your reply", text);
  await keys(agent, "Control+Enter");
  await page.getByRole("list", { name: "Not sent yet" }).waitFor();
  const away = async () => {
    await desk.kill();
    const again = agent.button("Send again");
    await again.waitFor();
    await agent.axe("what could not be sent");
    await agent.picture("send-again");
    await desk.run();
    await until("the desk is there again", async () => (await page.getByText(/Not connected|cannot be reached/).count()) === 0);
    await agent.press(again);
    await message(agent, text).waitFor();
    await again.waitFor({ state: "detached" });
  };
  await agent.expecting(BROKEN, () => customer.expecting(BROKEN, away));
  await until("nothing is left to be sent", async () => (await agent.field("Your reply").inputValue()) === "");
  const { messages } = await desk.ask("read", "1", "--from", "admin");
  expect(messages.filter((one) => one.text === text).length === 1, "and it is there once");
  await agent.page.evaluate(() => localStorage.setItem("undo", "off"));
}

async function answers(customer) {
  await message(customer, "Which model is it?").waitFor();
  await customer.put("Your reply", "The old one.");
  await keys(customer, "Control+Enter");
  await message(customer, "The old one.").waitFor();
}

async function resolves(agent) {
  await message(agent, "The old one.").waitFor();
  // Commands are found by what they are called elsewhere.
  await keys(agent, "Control+k");
  const field = agent.page.getByPlaceholder("What do you want to do?");
  await field.waitFor();
  for (const [typed, name] of [["snooze", "Put aside until later"], ["unassign", "Assign"], ["defer", "Put aside until later"], ["done", "Resolve"], ["reports", "Charts"], ["hours office", "Office hours"], ["macro", "Go to the canned replies"]]) {
    await focused(agent, field);
    await keys(agent, "Control+a");
    await agent.page.keyboard.insertText(typed);
    await dialog(agent).getByRole("menuitem", { name: new RegExp(`^${name}`) }).waitFor();
    if (typed === "macro") await agent.picture("palette-synonyms");
  }
  await keys(agent, "Escape");
  await gone(agent);
  // Where the field has the keys since the last words were sent, Esc leaves it; else it would leave the ticket.
  if (await agent.page.evaluate(() => document.activeElement?.matches("textarea") ?? false)) await keys(agent, "Escape");
  await keys(agent, "?");
  await dialog(agent).getByText("Write a reply").first().waitFor();
  await keys(agent, "Escape");
  await gone(agent);
  await keys(agent, "p");
  await agent.pick("urgent");
  await gone(agent);
  await agent.page.locator(".head .tag", { hasText: "urgent" }).waitFor();
  await keys(agent, "e");
  await inDialog(agent, "Resolve this ticket").waitFor();
  await keys(agent, "Control+Enter");
  await status(agent, "resolved");
  await gone(agent);
  await keys(agent, "Escape", "g", "r");
  await agent.page.getByRole("heading", { name: /^Resolved/ }).waitFor();
  await keys(agent, "/");
  await until("the search has the focus", () => agent.page.evaluate(() => document.activeElement?.matches("input") ?? false));
  await agent.page.keyboard.insertText("burns");
  await agent.page.getByText("It burns.").first().waitFor();
  await keys(agent, "Escape");
}

async function ends(customer) {
  await status(customer, "resolved");
  await customer.press(customer.button("Rate"));
  await customer.choose(/Score/, "5, very good");
  await customer.press(inDialog(customer, "Send"));
  await gone(customer);
  await customer.sees("rated 5 of 5");
  await customer.press(customer.button("Close"));
  await customer.press(inDialog(customer, "Close this ticket"));
  await gone(customer);
  await status(customer, "closed");
  await customer.press(customer.page.getByRole("link", { name: "Settings" }));
  expect((await customer.field("Your name, for support").inputValue()) === "Anna", "what was said with the first ticket is kept");
  await customer.put("Your name, for support", "Anna B");
  await customer.press(customer.button("Keep this name"));
  await customer.sees("New tickets will show this name.");
  await customer.walk("the settings");
  await keys(customer, "g", "l");
  await customer.button("Unlock").waitFor();
}

await play(people, async () => {
  const customer = await sit("customer");
  const agent = await sit("agent");
  await writes(customer);
  await works(agent);
  await outage(agent, customer);
  await answers(customer);
  await resolves(agent);
  await ends(customer);
  for (const person of people) expect(!(await person.hasPointed()), `${person.name} has no pointer`);
  const { ticket } = await desk.ask("read", "1", "--from", "admin");
  expect(ticket.status === "closed" && ticket.priority === "urgent" && ticket.ratings[0].score === 5, "the program sees the same");
});
await browser.close();
await desk.end();
console.log("done");
