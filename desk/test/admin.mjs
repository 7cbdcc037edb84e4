// An administrator's day: what people are called, who works here, what the desk allows and promises, and how it has been.
//   node admin.mjs ORIGIN WORDS PHRASE   the desk, its twelve words, and the administrator's recovery phrase
import { expect, Person } from "./browser.mjs";

const [origin, , phrase] = process.argv.slice(2);
const PASSPHRASE = "a passphrase for tests";

async function passphrase(person) {
  await person.field("Passphrase").fill(PASSPHRASE);
  await person.field("The same again").fill(PASSPHRASE);
  await person.button("Continue").click();
}

async function begin(person) {
  await person.open();
  await person.button("Start").click();
  await passphrase(person);
  const shown = await person.page.getByRole("list", { name: "Recovery phrase" }).getByRole("listitem").allInnerTexts();
  await person.button("I have kept them").click();
  await person.field("The twelve words").fill(shown.join(" ").toLowerCase());
  await person.button("Finish").click();
  await person.button("They are the same").click();
}

async function restore(person) {
  await person.open();
  await person.button("I have a recovery phrase").click();
  await person.field("12 or 24 words").fill(phrase);
  await person.button("Continue").click();
  await passphrase(person);
  await person.button("They are the same").click();
}

/** What somebody calls themselves stands in the ticket that they write next. */
async function write(person, { name, subject }) {
  await person.page.getByRole("link", { name: "Settings" }).click();
  await person.field("What support calls you").fill("bo\u{202e}b");
  await person.button("Keep this name").click();
  await person.sees("turns others around");
  await person.field("What support calls you").fill(name);
  await person.button("Keep this name").click();
  await person.sees("Your next tickets say this name.");
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
  await admin.page.getByText("Anna K").first().waitFor();
  await admin.page.getByText("First of Anna").first().click();
  const name = admin.page.getByRole("article").getByRole("button", { name: "Anna K" }).first();
  await name.click();
  await admin.sees("They call themselves so. Nobody has checked it.");
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

const anna = await Person.sit(origin, { name: "anna" });
const other = await Person.sit(origin, { name: "other", viewport: { width: 390, height: 844 } });
const admin = await Person.sit(origin, { name: "admin" });
const people = [anna, other, admin];
try {
  await Promise.all([begin(anna), begin(other), restore(admin)]);
  await write(anna, { name: "Anna K", subject: "First of Anna" });
  await write(other, { name: "ANNA-KOWALSKA", subject: "Not Anna" });
  await names(admin);

  const problems = people.flatMap((person) => person.problems.map((problem) => `${person.name}: ${problem}`));
  expect(problems.length === 0, problems.join("\n"));
  for (const person of people) await person.leave();
  console.log("done");
} catch (error) {
  for (const person of people) {
    await person.picture(`${person.name}-failed`).catch(() => undefined);
    console.error(person.name, person.page.url(), person.problems);
  }
  console.error(error);
  process.exit(1);
}
