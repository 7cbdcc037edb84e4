// An administrator's day: what people are called, who works here, what the desk allows and promises, and how it has been.
//   node admin.mjs ORIGIN WORDS PHRASE   the desk, its twelve words, and the administrator's recovery phrase
import { readFile } from "node:fs/promises";

import { expect, Person } from "./browser.mjs";
import { agree, bringPhrase, choosePassphrase, keepPhrase, PASSPHRASE } from "./people.mjs";

const [origin, words, phrase] = process.argv.slice(2);

async function begin(person) {
  await person.open();
  await person.button("Start").click();
  await keepPhrase(person);
  await agree(person, words);
}

async function restore(person) {
  await person.open();
  await bringPhrase(person, phrase);
  await choosePassphrase(person);
  await agree(person, words);
}

/** What somebody calls themselves stands in the ticket that they write next. */
async function write(person, { name, subject }) {
  await person.page.getByRole("link", { name: "Settings" }).click();
  await person.field("Your name, for support").fill("bo\u{202e}b");
  await person.button("Keep this name").click();
  await person.sees("turns others around");
  await person.field("Your name, for support").fill(name);
  await person.button("Keep this name").click();
  await person.sees("New tickets will show this name.");
  await person.axe("own name");
  await person.picture(`${person.name}-own-name`);
  await person.page.getByRole("link", { name: "Support" }).click();
  await person.page.getByRole("link", { name: "New ticket" }).click();
  await person.choose(/What is it about/, "Technical");
  await person.field("Subject").fill(subject);
  await person.field("What happened?").fill("It does not start.");
  await person.button("Seal and send").click();
  await person.page.getByRole("heading", { name: subject }).waitFor();
}

async function names(admin) {
  await admin.page.getByRole("button", { name: /^Unassigned/ }).first().click();
  await admin.page.getByText("Anna K").first().waitFor();
  await admin.page.getByText("First of Anna").first().click();
  const name = admin.page.getByRole("article").getByRole("button", { name: "Anna K" }).first();
  await name.click();
  await admin.sees("They use this name themselves. Nobody has checked it.");
  await admin.axe("about somebody");
  await admin.picture("admin-about");
  await admin.button("Give a name").click();
  await admin.field("Name").fill("Anna Kowalska");
  await admin.button("For the whole team").click();
  await admin.page.getByRole("article").getByRole("button", { name: "Anna Kowalska" }).first().waitFor();
  // Somebody who calls themselves as the desk book calls another is shown with that.
  await admin.page.getByText("Not Anna").first().click();
  await admin.page.getByRole("article").getByRole("button", { name: /looks like another/ }).first().click();
  await admin.sees("who is somebody else");
  await admin.axe("about somebody who looks like another");
  await admin.picture("admin-look-alike");
  await admin.page.keyboard.press("Escape");
}

const part = (admin, name) => admin.page.getByRole("navigation", { name: "Administration" }).getByRole("link", { name, exact: true }).click();
const dialog = (person) => person.page.getByRole("dialog");
const row = (person, name) => person.page.getByRole("row").filter({ hasText: name });

/** Their address, as their own settings show it. */
async function addressOf(person) {
  await person.page.getByRole("link", { name: "Settings" }).click();
  const address = await person.page.locator("code", { hasText: /1[a-z0-9]{38}/ }).first().innerText();
  await person.page.getByRole("link", { name: "Support" }).click();
  return address;
}

async function add(admin, { name, address }) {
  await admin.button("Add somebody").click();
  await admin.field("Name in the desk book").fill(name);
  await admin.field("Their address").fill(address);
  await admin.axe("adding somebody");
  await admin.picture(`admin-add-${name}`);
  await dialog(admin).getByRole("button", { name: "Add them" }).click();
}

/** Somebody joins who has no key yet: their page publishes it once they are on the team, and adding them goes on. Then they are suspended and restored. */
async function people_(admin, agent, address) {
  await admin.page.getByRole("link", { name: "Administration" }).click();
  await admin.page.getByRole("heading", { name: "What each role may do" }).waitFor();
  await admin.axe("people");
  await admin.picture("admin-people");
  await add(admin, { name: "Ben", address: `${address.slice(0, -1)}${address.endsWith("q") ? "p" : "q"}` });
  await dialog(admin).getByRole("alert").waitFor();
  await admin.picture("admin-add-refused");
  await dialog(admin).getByRole("button", { name: "Cancel" }).click();
  // They are away meanwhile: the dialog says what is missing.
  await agent.page.goto("about:blank");
  await add(admin, { name: "Ben", address });
  await admin.sees("They have no key yet");
  await admin.axe("somebody without a key is added");
  await admin.picture("admin-added-no-key");
  await admin.sees("Leave this open, and the rest follows automatically.");
  await agent.open();
  await unlock(agent);
  await dialog(admin).getByRole("heading", { name: "Ben is on the team" }).waitFor();
  expect((await agent.button("Publish my key").count()) === 0, "whose page has published their key is not asked to");
  await admin.picture("admin-added");
  await dialog(admin).getByRole("button", { name: "Close" }).click();
  await row(admin, "Ben").getByRole("button", { name: "Change" }).click();
  await admin.axe("what can be changed about somebody");
  await admin.picture("admin-person");
  await dialog(admin).getByRole("button", { name: "Close" }).click();
  await row(admin, "Ben").getByText("Active").waitFor();
  await row(admin, "Ben").getByRole("button", { name: "Change" }).click();
  await dialog(admin).getByRole("button", { name: "Suspend" }).click();
  await dialog(admin).getByRole("button", { name: "Suspend" }).click();
  await row(admin, "Ben").getByText("Suspended").waitFor();
  await row(admin, "Ben").getByRole("button", { name: "Change" }).click();
  await dialog(admin).getByRole("button", { name: "Restore" }).click();
  await dialog(admin).getByRole("button", { name: "Restore" }).click();
  await row(admin, "Ben").getByText("Active").waitFor();
}

/** Where a page was left meanwhile it may be locked. */
async function unlock(person) {
  const settings = person.page.getByRole("link", { name: "Settings" });
  await person.button("Unlock").or(settings).first().waitFor();
  if (await settings.isVisible()) return;
  await person.field("Passphrase").fill(PASSPHRASE);
  await person.button("Unlock").click();
  await settings.waitFor();
}

/** Somebody with the same trouble closes the dialog: where people are, adding them can go on as soon as their key is there. */
async function goesOn(admin, late, address) {
  await late.page.goto("about:blank");
  await add(admin, { name: "Lou", address });
  await admin.sees("They have no key yet");
  await dialog(admin).getByRole("button", { name: "Close" }).click();
  await row(admin, "Lou").getByText("No key yet").waitFor();
  await late.open();
  await unlock(late);
  await admin.sees("has a key now");
  await admin.axe("somebody has a key now");
  await admin.picture("admin-key-now");
  await admin.button("Continue").click();
  await dialog(admin).getByRole("heading", { name: "Lou is on the team" }).waitFor();
  await dialog(admin).getByRole("button", { name: "Close" }).click();
  await admin.button("Continue").waitFor({ state: "detached" });
}

/** What a new desk needs stands where its first tickets will, and is ticked as it is done. */
async function firstSteps(admin) {
  await admin.sees("these are the first steps");
  await admin.axe("first steps");
  await admin.picture("admin-first-steps");
  const step = (name) => admin.page.getByRole("listitem").filter({ hasText: name });
  await admin.page.getByRole("link", { name: "Give customers the link to this desk" }).click();
  await admin.page.getByRole("heading", { name: "Link to this desk" }).waitFor();
  await admin.axe("link to this desk");
  await admin.button("Copy the link").click();
  await admin.sees("Copied.");
  const link = await admin.page.evaluate(() => navigator.clipboard.readText());
  expect(/^https:\/\/desk\.example\/#desk=[0-9a-f]{64}$/.test(link), link);
  await admin.page.goBack();
  await step("Give customers the link").getByText("done").waitFor();
  expect((await step("Add your colleagues").getByText("done").count()) === 0, "nobody was added yet");
  await admin.page.getByRole("link", { name: "Set your office hours" }).click();
  await admin.field("Time zone").waitFor();
  await admin.page.goBack();
  await admin.sees("these are the first steps");
  await admin.page.setViewportSize({ width: 360, height: 740 });
  await admin.picture("phone-first-steps");
  await admin.page.setViewportSize({ width: 1440, height: 900 });
}

async function rules(admin) {
  await part(admin, "Rules");
  await admin.page.getByRole("switch", { name: "The queue is open" }).waitFor();
  await admin.axe("rules");
  await admin.picture("admin-rules");
  await admin.page.locator(".rule .switch", { hasText: "The queue is open" }).click();
  await admin.sees("Not set yet.");
  // What was changed and not set is there again, wherever its person was meanwhile.
  await admin.page.goBack();
  await admin.page.getByRole("heading", { name: "What each role may do" }).waitFor();
  await admin.page.goForward();
  await admin.sees("The queue is open: on");
  await admin.reload();
  await unlock(admin);
  await admin.sees("The queue is open: on");
  await admin.field("Tickets a customer may write in a day").fill("20");
  await admin.field("Pause between two tickets").fill("a minute");
  await admin.sees("Enter a number: 0 to 86,400 seconds.");
  await admin.field("Pause between two tickets").fill("0");
  await admin.field("Categories").fill("technical\nNot This");
  await admin.sees("is not allowed");
  await admin.field("Categories").fill("technical\nother");
  await admin.sees("The queue is open: on");
  await admin.axe("rules that change");
  await admin.picture("admin-rules-changed");
  await admin.button("Set these rules").click();
  await admin.sees("The new rules apply now.");
  await admin.button("Set these rules").waitFor({ state: "detached" });
}

async function documents(admin) {
  await part(admin, "Public documents");
  await admin.sees("When the clocks of your promises run");
  await admin.axe("documents");
  await admin.picture("admin-documents");
  for (const name of ["Office hours", "Targets"]) {
    await row(admin, name).getByRole("button", { name: "Write it" }).click();
    await admin.button("Publish").waitFor();
    if (name === "Office hours") {
      await hours(admin);
    }
    if (name === "Targets") await targets(admin);
    await admin.axe(name);
    await admin.picture(`admin-${name.toLowerCase().replace(" ", "-")}`);
    await admin.page.setViewportSize({ width: 360, height: 740 });
    await admin.walk(`${name} on a phone`);
    await admin.page.setViewportSize({ width: 1440, height: 900 });
    await admin.button("Publish").click();
    await row(admin, name).getByRole("button", { name: "Change" }).waitFor();
  }
  await row(admin, "Office hours").getByRole("button", { name: "Change" }).click();
  await admin.field("Time zone").waitFor();
  expect((await admin.field("Saturday").inputValue()) === "09:00-12:00", "hours are published as the ledger's programs read them");
  await admin.button("All documents").click();
}

const isMarked = async (field) => (await field.getAttribute("aria-invalid")) === "true";

/** What is typed is there after Back, a link and a reload; what is wrong is said of its field, and nothing of it is published. */
async function hours(admin) {
  await admin.field("Saturday").fill("9\u201312");
  await admin.sees("Not published yet.");
  await admin.page.goBack();
  await row(admin, "Office hours").getByText("typed, not published").waitFor();
  await admin.page.goForward();
  await admin.sees("Not published yet.");
  expect((await admin.field("Saturday").inputValue()) === "9\u201312", "after Back it is there");
  await part(admin, "People");
  await admin.page.getByRole("heading", { name: "What each role may do" }).waitFor();
  await admin.page.goBack();
  await admin.sees("Not published yet.");
  await admin.reload();
  await unlock(admin);
  await admin.sees("Not published yet.");
  expect((await admin.field("Saturday").inputValue()) === "9\u201312", "after a reload it is there");
  const monday = admin.field("Monday");
  const before = await monday.inputValue();
  await monday.fill("nine to five");
  expect(await isMarked(monday), "Monday is marked");
  await admin.sees("Write hours like 9:00-17:00");
  await admin.button("Publish").click();
  await admin.sees("Nothing was published");
  expect(await monday.evaluate((field) => field === document.activeElement), "the field that is wrong has the focus");
  await admin.axe("hours that are wrong");
  await admin.picture("admin-hours-wrong");
  await monday.fill(before);
  await admin.field("Time zone").fill("Europe/Nowhere");
  await admin.sees("This is not the name of a time zone.");
  await admin.button("Publish").click();
  expect(await isMarked(admin.field("Time zone")), "the zone is marked");
  await admin.field("Time zone").fill("Europe/Berlin");
}

/** Categories are the desk's own, to be ticked; times are said of their field. */
async function targets(admin) {
  const first = admin.page.locator(".target-row").first();
  await first.locator(".check", { hasText: "Technical" }).click();
  expect((await admin.page.locator(".target-row .check", { hasText: "Billing" }).count()) === 0, "the desk has no billing");
  const answer = first.getByLabel("First reply", { exact: true });
  const before = await answer.inputValue();
  await answer.fill("soon");
  expect(await isMarked(answer), "the time is marked");
  await admin.sees("Write it like 30m, 4h or 1h30m");
  await answer.fill(before);
}

async function look(admin) {
  await row(admin, "Name and colour").getByRole("button", { name: "Write it" }).click();
  await admin.field("Name of the desk").fill("Acme support");
  await admin.field("Accent").fill("green");
  await admin.sees("A colour is #");
  await admin.button("Publish").click();
  await admin.sees("Nothing was published");
  expect(await isMarked(admin.field("Accent")), "a colour that is none is marked");
  expect((await admin.page.getByRole("alert").count()) === 0, "and was sent to nobody");
  await admin.field("Accent").fill("#0a7d5a");
  await admin.axe("name and colour");
  await admin.button("Publish").click();
  await admin.page.getByRole("link", { name: "Acme support" }).waitFor();
  // Pages that are open hear of it, and whoever comes reads it first.
  await anna.page.getByRole("link", { name: "Acme support" }).waitFor();
  await other.page.getByRole("link", { name: "Acme support" }).waitFor();
  await other.picture("phone-look");
  const bar = await other.page.locator(".bar").boundingBox();
  expect(bar.height < 70, `the bar of a phone is one line: ${bar.height}`);
  const name = await other.page.locator(".desk-name").evaluate(({ scrollWidth, clientWidth }) => [scrollWidth, clientWidth]);
  expect(name[0] <= name[1], `the name is whole: ${name}`);
  await admin.picture("admin-look");
  const comes = await Person.sit(origin, { name: "comes", viewport: { width: 360, height: 740 }, locale: "de" });
  people.push(comes);
  await comes.open();
  await comes.sees("Dieser Support heißt Acme support");
  await comes.picture("comes");
}

async function others(admin) {
  await part(admin, "Administrators");
  await admin.sees("There is one administrator.");
  await admin.axe("administrators");
  await admin.picture("admin-administrators");
  await part(admin, "Keys");
  await admin.sees("Number 1");
  await admin.axe("keys");
  await admin.picture("admin-keys");
  await part(admin, "Health and storage");
  await admin.sees("The ledger is running.");
  await admin.axe("health");
  await admin.picture("admin-health");
}

async function charts(admin) {
  await part(admin, "Charts");
  await admin.page.getByRole("heading", { name: "Targets met" }).waitFor();
  await admin.page.locator(".drawn canvas").first().waitFor();
  await admin.button("Show the table").first().click();
  await admin.sees(/^Counted at/);
  await admin.axe("charts");
  await admin.picture("admin-charts");
  const saving = admin.page.waitForEvent("download");
  await admin.page.getByRole("button", { name: "Save as CSV: Tickets by state" }).click();
  const saved = await readFile(await (await saving).path(), "utf8");
  expect(saved.startsWith("\ufeffWeek,") && saved.trim().split("\r\n").length === 14, `the file: ${saved}`);
}

/** Each page on a phone, by night. */
async function small(admin) {
  await admin.page.setViewportSize({ width: 360, height: 780 });
  await admin.page.emulateMedia({ colorScheme: "dark" });
  for (const part of ["people", "administrators", "keys", "rules", "documents", "health", "charts"]) {
    await admin.open(`/admin/${part}`);
    await admin.page.locator(".sheet, .rule, .chart, .facts").first().waitFor();
    await admin.axe(`${part} on a phone`);
    await admin.picture(`phone-${part}`);
    const isWide = await admin.page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    expect(!isWide, `${part} fits a phone`);
  }
}

/** An agent sees the same pages, and changes nothing. */
async function agentSees(agent) {
  await agent.open("/admin/rules");
  await agent.sees("You see this as a support agent.");
  expect(await agent.page.getByRole("switch", { name: "The queue is open" }).isDisabled(), "an agent sets no rule");
  await agent.open("/admin/people");
  await agent.page.getByRole("row").filter({ hasText: "Administrator" }).first().waitFor();
  expect((await agent.page.getByRole("button", { name: "Add somebody" }).count()) === 0, "an agent appoints nobody");
}

/** Somebody leaves, and what they have goes to somebody else. */
async function leaves(admin) {
  await admin.page.setViewportSize({ width: 1440, height: 900 });
  await admin.page.emulateMedia({ colorScheme: "light" });
  await admin.page.getByRole("link", { name: "Acme support" }).click();
  await admin.page.getByText("First of Anna").first().click();
  await admin.button("Assign").click();
  await admin.pick("Ben");
  await admin.page.getByRole("article").getByRole("button", { name: "Ben" }).first().waitFor();
  await admin.page.getByRole("link", { name: "Administration" }).click();
  await row(admin, "Ben").getByRole("button", { name: "Change" }).click();
  await dialog(admin).getByRole("button", { name: "Remove them from the team" }).click();
  await admin.sees("they have 1 ticket in progress");
  await admin.choose(/Who gets their tickets/, "Me");
  await admin.axe("somebody leaves");
  await admin.picture("admin-leave");
  await dialog(admin).getByRole("button", { name: "Remove them" }).click();
  await dialog(admin).getByRole("heading", { name: "Ben is off the team" }).waitFor();
  await admin.picture("admin-left");
  await dialog(admin).getByRole("button", { name: "Close" }).click();
  await row(admin, "Ben").waitFor({ state: "detached" });
}

const anna = await Person.sit(origin, { name: "anna" });
const other = await Person.sit(origin, { name: "other", viewport: { width: 390, height: 844 } });
const admin = await Person.sit(origin, { name: "admin" });
const people = [anna, other, admin];
try {
  await Promise.all([begin(anna), begin(other), restore(admin)]);
  await firstSteps(admin);
  await write(anna, { name: "Anna K", subject: "First of Anna" });
  await write(other, { name: "ANNA-KOWALSKA", subject: "Not Anna" });
  await names(admin);
  const agent = await Person.sit(origin, { name: "agent" });
  people.push(agent);
  await begin(agent);
  await people_(admin, agent, await addressOf(agent));
  const late = await Person.sit(origin, { name: "late" });
  people.push(late);
  await begin(late);
  await goesOn(admin, late, await addressOf(late));
  await rules(admin);
  await documents(admin);
  await look(admin);
  await others(admin);
  await charts(admin);
  await small(admin);
  await agentSees(agent);
  await leaves(admin);

  const problems = people.flatMap((person) => person.problems.map((problem) => `${person.name}: ${problem}`));
  expect(problems.length === 0, problems.join("\n"));
  for (const person of people) await person.leave();
  console.log("done");
} catch (error) {
  for (const person of people) {
    await person.picture(`${person.name}-failed`).catch(() => undefined);
    await person.last();
  }
  console.error(error);
  process.exit(1);
}
