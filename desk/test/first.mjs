// A customer who has never been here, and the administrator of the desk: from an empty browser to an answered and rated ticket.
//   node first.mjs ORIGIN WORDS PHRASE   the desk, its twelve words, and the administrator's recovery phrase
import { expect, Person, until } from "./browser.mjs";
import { agree, choosePassphrase, keepPhrase, PASSPHRASE, type } from "./people.mjs";

const [origin, words, phrase] = process.argv.slice(2);
const CANARY = "canary-7f3a9c21-quinoa";

async function begin(person) {
  // The module is still on its way: what this is can be read all the same.
  let arrive;
  const arrived = new Promise((resolve) => (arrive = resolve));
  await person.page.context().route(/\.wasm$/, (route) => arrived.then(() => route.continue()));
  await person.open();
  await person.sees("Only they and you can read it");
  await person.sees("Connecting to the desk");
  arrive();
  await person.axe("welcome");
  await person.picture(`${person.name}-welcome`);
  await person.button("Start").click();
  await person.axe("phrase");
  await person.picture(`${person.name}-phrase`);
  const phrase = await keepPhrase(person, async (phrase) => {
    await person.field("Show that you have them").fill(phrase.replace(/^\S+/, "wrong"));
    await person.sees("These words do not match the ones shown.");
    await person.axe("phrase to be shown");
    await person.field("Show that you have them").fill(phrase);
    await person.button("Finish").click();
    await person.sees("Choose at least 8 characters.");
    await person.axe("phrase kept");
    await person.picture(`${person.name}-kept`);
    await person.field("Passphrase").fill(PASSPHRASE);
    await person.field("Show the passphrase").check();
    expect((await person.field("Passphrase").getAttribute("type")) === "text", "whoever wants to see the passphrase sees it");
    await person.field("Show the passphrase").uncheck();
  });
  await meets(person);
  return phrase;
}

async function restore(person) {
  await person.open();
  await person.button("I have a recovery phrase").click();
  await person.field("12 or 24 words").fill("these are not words of any list at all my dear friend no");
  await person.button("Continue").click();
  await person.page.locator(".error").first().waitFor();
  await person.field("12 or 24 words").fill(`  ${phrase.toUpperCase()}\n`);
  await person.button("Continue").click();
  await choosePassphrase(person);
  await meets(person);
}

async function meets(person) {
  await person.sees("Is this the right desk?");
  await person.axe("meeting");
  await person.picture(`${person.name}-meeting`);
  for (const [answer, heading] of [["They differ", "This is another desk"], ["I have none to compare", "Ask support for their link"]]) {
    await person.button(answer).click();
    await person.page.getByRole("heading", { name: heading }).waitFor();
    await person.axe(heading);
    await person.button("Back").click();
  }
  await agree(person, words);
}

async function write(person) {
  await person.sees("No tickets yet");
  await person.axe("no tickets");
  await person.page.getByRole("link", { name: "New ticket" }).click();
  await person.button("Seal and send").click();
  await person.sees("Choose what it is about.");
  await person.axe("new ticket, refused");
  await person.choose(/What is it about/, "Technical");
  await person.choose(/Priority/, "high");
  await type(person, "Subject", `Printer ${CANARY}`);
  await type(person, "What happened?", `It **burns** since this morning.\n\n- ${CANARY}\n- <img src=x onerror=alert(1)> [here](javascript:alert(1)) [site](https://example.org/x)`);
  await person.axe("new ticket");
  await person.picture(`${person.name}-new`);
  // What was typed survives a reload, and whoever reloads stays unlocked.
  await person.reload();
  await until("the draft is there after a reload", async () => (await person.field("Subject").inputValue()) === `Printer ${CANARY}`);
  await person.button("Seal and send").click();
  await person.page.getByRole("heading", { name: `Printer ${CANARY}` }).waitFor();
  await person.page.locator("strong", { hasText: "burns" }).waitFor();
  expect((await person.page.locator(".said img").count()) === 0, "no picture is made of a text");
  expect((await person.page.locator('.said a[href^="javascript"]').count()) === 0, "no script is made of a link");
  await person.sees("(example.org)");
  await person.axe("conversation of the customer");
  await person.picture(`${person.name}-conversation`);
}

const customer = await Person.sit(origin, { name: "customer", viewport: { width: 390, height: 844 } });
const agent = await Person.sit(origin, { name: "agent" });
const people = [customer, agent];
try {
  const theirs = await begin(customer);
  await write(customer);

  await restore(agent);
  // What this desk holds back for ten seconds is another test's.
  await agent.page.evaluate(() => localStorage.setItem("undo", "off"));
  await agent.page.getByRole("gridcell", { name: new RegExp(CANARY) }).or(agent.page.getByText(`Printer ${CANARY}`)).first().click();
  await agent.page.getByRole("heading", { name: `Printer ${CANARY}` }).waitFor();
  await agent.axe("conversation of the administrator");
  await agent.picture("agent-open");
  await agent.button("Assign").click();
  // Whoever closes the list that opens by itself chooses without acting, and presses the button by Ctrl+Enter.
  await agent.shut();
  await agent.choose(/Support agent/, "Me");
  await agent.axe("assign");
  await agent.page.keyboard.press("Control+Enter");
  await agent.sees("took it");
  await agent.field("Your reply").fill("Which model is it?");
  await agent.page.keyboard.press("Control+Enter");
  await agent.page.locator(".message", { hasText: "Which model is it?" }).waitFor();
  await agent.button("Note").click();
  await agent.field("Your note").fill(`A note: ${CANARY}-note`);
  await agent.axe("writing a note");
  await agent.picture("agent-note");
  await agent.button("Leave the note").click();
  await agent.page.locator(".message.note", { hasText: "A note" }).waitFor();

  // The customer did nothing, and sees the answer.
  await customer.sees("Which model is it?");
  await customer.sees("A note for the support team");
  await customer.page.locator(".ticket .tag", { hasText: "replied" }).waitFor({ state: "attached" });
  expect((await customer.page.getByText(`${CANARY}-note`).count()) === 0, "the note is not shown to the customer");
  await customer.button("Who can read this").click();
  await customer.sees("everything");
  await customer.axe("who can read this");
  await customer.picture("customer-readers");
  await customer.page.keyboard.press("Escape");
  await customer.field("Your reply").fill("The old one.");
  await customer.button("Send").click();
  await agent.page.locator(".message", { hasText: "The old one." }).waitFor();

  await agent.button("Resolve").click();
  await agent.page.getByRole("dialog").getByRole("button", { name: "Resolve this ticket" }).click();
  await customer.sees("resolved it");
  await customer.button("Rate").click();
  await customer.choose(/Score/, "5, very good");
  await customer.page.getByRole("dialog").getByRole("button", { name: "Send" }).click();
  await customer.page.getByRole("dialog").waitFor({ state: "detached" });
  await agent.picture("agent-resolved");

  // A second tab of the same browser is locked, since it has no share; and unlocks.
  const tab = await customer.tab();
  await tab.getByLabel("Passphrase", { exact: true }).fill("not the passphrase");
  await tab.getByRole("button", { name: "Unlock" }).click();
  await tab.getByText("does not open it").first().waitFor();
  await tab.getByLabel("Passphrase", { exact: true }).fill(PASSPHRASE);
  await tab.getByRole("button", { name: "Unlock" }).click();
  await tab.getByText(`Printer ${CANARY}`).first().waitFor();
  await tab.close();

  await customer.button("Lock").click();
  await customer.sees("Welcome back");
  await customer.axe("locked");
  expect(!(await customer.page.content()).includes(CANARY), "nothing that was opened stays in a locked page");

  const secrets = [CANARY, theirs, theirs.split(" ").slice(0, 4).join(" "), PASSPHRASE];
  const kept = [...(await customer.leave(secrets)), ...(await agent.leave([CANARY, phrase, PASSPHRASE]))];
  expect(kept.length === 0, `nothing is in clear on a disk: ${kept}`);
  const problems = people.flatMap((person) => person.problems.map((problem) => `${person.name}: ${problem}`));
  expect(problems.length === 0, problems.join("\n"));
  console.log("done");
} catch (error) {
  for (const person of people) {
    await person.picture(`${person.name}-failed`).catch(() => undefined);
    await person.last();
  }
  console.error(error);
  process.exit(1);
}
