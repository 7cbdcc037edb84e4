// A team at work: administrators vote, helpers come and go, colleagues see each other at a ticket, tickets are merged, given to another
// customer and erased, an agent goes on with a draft and their views on a second device, and two people change the same documents at once.
// After each the program reads what the page says.
import { act, assign, go, message, note, openTicket, reply, status, write } from "./acts.mjs";
import { expect, manyPeople, Person, play, until } from "./browser.mjs";
import { Desk } from "./desk.mjs";
import { begin, reload, restore, type } from "./people.mjs";

const started = Date.now();
const told = (what) => process.env.TOLD && console.log(`${((Date.now() - started) / 1000).toFixed(1)} ${what}`);
// Links for callers lead to where others reach the desk.
const desk = await Desk.start('[port]\npublic_url = "https://desk.example"\n');
await desk.allowMuch();
const browser = await manyPeople();
const people = [];

async function sit(name, phrase) {
  const person = await Person.sit(desk.origin, { name, browser });
  people.push(person);
  person.phrase = phrase ?? (await begin(person, desk));
  if (phrase) await restore(person, desk, phrase);
  return person;
}

/** Somebody with a key that the program knows, at a browser. */
async function known(name) {
  const { address, recovery_phrase: phrase } = await desk.key(name);
  await desk.ask("keys", "register", name);
  return Object.assign(await sit(name, phrase), { address });
}

const dialog = (person) => person.page.getByRole("dialog");
const part = async (person, name, path) => {
  await go(person, `/admin/${path}`);
  await person.page.getByRole("heading", { name, exact: true }).first().waitFor();
};
const row = (person, text) => person.page.getByRole("row").filter({ hasText: text });
const vote = (person) => person.page.locator("li.notice").filter({ has: person.button("Vote for it") });
const read = (id, from = "admin") => desk.ask("read", id, "--from", from);
const circle = async () => (await desk.ask("query", "roles", "members", "administrator")).members.length;

async function more(person, item, confirm, fill) {
  await person.button("More").click();
  await person.page.getByRole("menuitem", { name: item, exact: true }).click();
  await fill(dialog(person));
  await dialog(person).getByRole("button", { name: confirm, exact: true }).click();
  await dialog(person).waitFor({ state: "detached" });
}

/** With two administrators a third one needs both votes: the first is told as given, and nobody is one by it. */
async function votes(admin) {
  const second = await known("second");
  const third = await desk.key("third");
  await desk.ask("keys", "register", "third");
  await part(admin, "Open votes", "administrators");
  await admin.button("Propose somebody").click();
  await admin.field("Their address").fill(second.address);
  await admin.button("Continue").click();
  await admin.button("Sign and vote").click();
  await admin.sees("There are two administrators.");
  expect((await circle()) === 2, "the second is one");
  told("two administrators");

  await part(admin, "What each role may do", "people");
  await admin.button("Add somebody").click();
  await admin.field("Name in the desk book").fill("Third");
  await admin.field("Their address").fill(third.address);
  await admin.choose(/Role/, "Administrator");
  await admin.button("Add them").click();
  await dialog(admin).getByRole("heading", { name: "Your vote was cast" }).waitFor();
  await admin.sees("Your vote was counted: 1 of 2 administrators so far.");
  await admin.axe("a vote that does not decide");
  await admin.picture("team-vote");
  await dialog(admin).getByRole("button", { name: "Close" }).click();
  await part(admin, "Open votes", "administrators");
  await admin.sees("1 of 2 have voted for it");
  expect((await admin.button("Vote for it").count()) === 0, "nobody votes twice");
  expect((await circle()) === 2, "one vote of two decides nothing");

  await reload(second);
  await part(second, "Open votes", "administrators");
  await second.sees("1 of 2 have voted for it");
  await second.axe("an open vote");
  await second.picture("team-open-vote");
  await vote(second).getByRole("button", { name: "Vote for it" }).click();
  await second.button("Sign and vote").click();
  await dialog(second).waitFor({ state: "detached" });
  await until("the third is one", async () => (await circle()) === 3);
  await second.sees("None. An undecided vote ends after 60 days");
  // Whoever voted first hears of it without asking.
  await admin.sees("None. An undecided vote ends after 60 days");
  told("three administrators");

  const ends = third.address.slice(-4);
  await row(admin, new RegExp(`${ends}|Third`)).getByRole("button", { name: "Vote to remove" }).click();
  await admin.button("Sign and vote").click();
  await admin.sees("Your vote was cast. It is not decided yet.");
  await admin.sees("1 of 3 have voted for it");
  expect((await circle()) === 3, "one vote of three removes nobody");
  await second.sees("1 of 3 have voted for it");
  await vote(second).getByRole("button", { name: "Vote for it" }).click();
  await second.button("Sign and vote").click();
  await dialog(second).waitFor({ state: "detached" });
  await until("the third is none", async () => (await circle()) === 2);
  await row(admin, new RegExp(`${ends}|Third`)).waitFor({ state: "detached" });
  told("two again");
  return second;
}

async function agents() {
  const made = [];
  for (const name of ["ada", "ben"]) {
    const { address, recovery_phrase: phrase } = await desk.key(name);
    await desk.ask("keys", "register", name);
    await desk.ask("staff", "add", name, address, "--role", "support_agent", "--from", "admin");
    made.push(Object.assign(await sit(name, phrase), { address }));
  }
  return made;
}

/** What an agent of a closed queue is told is theirs to do, and true: they see nothing that nobody has, and assign nothing. */
async function closed(ada) {
  const { page } = ada;
  await go(ada, "/");
  await page.keyboard.press("g");
  await page.keyboard.press("m");
  await ada.sees("No ticket is waiting for you. Administrators assign them");
  await page.keyboard.press("g");
  await page.keyboard.press("u");
  await ada.sees("Administrators assign tickets here");
  await ada.picture("team-closed-queue");
  await page.keyboard.press("?");
  await dialog(ada).getByText("A ticket for a caller").waitFor();
  expect((await dialog(ada).getByText("Assign", { exact: true }).count()) === 0, "no key assigns for an agent");
  await dialog(ada).getByText("Send and resolve the ticket").waitFor();
  await ada.picture("team-agents-keys");
  await page.keyboard.press("Escape");
  await dialog(ada).waitFor({ state: "detached" });
  told("what an agent of a closed queue can do");
}

/** An agent's own name, or the end of their address, as choices show it. */
const called = ({ name, address }) => new RegExp(`${name}|${address.slice(-4)}`);

const helper = (person, who) => dialog(person).locator("label.check").filter({ hasText: called(who) });

/** Somebody helps, reads all that was said, and is let out again: what comes later is not theirs. */
async function helpers(admin, ada, ben, anna) {
  const id = await write(anna, { subject: "Printer", text: "It burns." });
  await openTicket(admin, id);
  await admin.button("Assign").click();
  await admin.shut();
  await admin.choose(/Support agent/, called(ada));
  await helper(admin, ben).click();
  await admin.axe("who helps");
  await admin.picture("team-helpers");
  await dialog(admin).getByRole("button", { name: "Assign", exact: true }).click();
  await status(admin, "assigned");
  await until("ben helps", async () => (await read(id)).ticket.collaborators.includes(ben.address));
  await openTicket(ben, id);
  await message(ben, "It burns.").waitFor();
  await note(ben, "Ben looks at it.");
  await openTicket(ada, id);
  await message(ada, "Ben looks at it.").waitFor();

  await assign2(admin, ben);
  await until("ben helps no more", async () => !(await read(id)).ticket.collaborators.includes(ben.address));
  await reply(ada, "Only for whoever works on it.");
  const texts = async (from) => (await read(id, from)).messages.map(({ text }) => text);
  expect((await texts("ada")).includes("Only for whoever works on it."), "ada reads it");
  expect(!(await texts("ben")).includes("Only for whoever works on it."), "ben does not");
  await reload(ben);
  await openTicket(ben, id);
  expect((await message(ben, "Only for whoever works on it.").count()) === 0, "ben's page does not show it");
  await ben.picture("team-let-out");
  told("helpers");
  return id;
}

async function assign2(admin, ben) {
  await admin.button("Assign").click();
  await admin.shut();
  await helper(admin, ben).click();
  await dialog(admin).getByRole("button", { name: "Assign", exact: true }).click();
  await dialog(admin).waitFor({ state: "detached" });
}

/** What pages and workers of somebody's browser ask of presence. */
function asksOf(person) {
  const asked = [];
  person.page.context().on("request", (request) => {
    const { pathname } = new URL(request.url());
    if (pathname.startsWith("/presence")) asked.push(`${request.method()} ${pathname}`);
  });
  return asked;
}

/** Two agents see each other at a ticket; its customer sees nothing of it, and their page asks for nothing. Whoever turns it off neither sees nor shows. */
async function presence(ada, ben, anna, id) {
  const asked = Object.fromEntries([ada, ben, anna].map((person) => [person.name, asksOf(person)]));
  const line = (person, text) => person.page.locator(".presence > span").filter({ hasText: text });
  await anna.reload();
  for (const person of [ada, ben, anna]) await openTicket(person, id);
  // Whoever sits there touches something; a page that nobody touches says nothing.
  for (const person of [ada, ben]) await person.page.locator("#subject").click();
  await line(ben, called(ada)).filter({ hasText: /is looking at this ticket\./ }).waitFor();
  await line(ada, called(ben)).filter({ hasText: /is looking at this ticket\./ }).waitFor();
  await ada.field("Your reply").pressSequentially("On my way");
  await line(ben, called(ada)).filter({ hasText: /is writing a reply\./ }).waitFor();
  // Who listens to the page hears each thing of each person once in a while, so perhaps before.
  await ben.page.locator(".conversation [role=status]").filter({ hasText: /is (writing a reply|looking at this ticket)\./ }).waitFor();
  await ben.axe("a colleague writes");
  await ben.picture("team-presence");
  await ada.put("Your reply", "");
  await line(ben, /is looking at this ticket\./).waitFor();

  await go(ben, "/settings");
  const shows = ben.page.getByText("Show colleagues what I am viewing");
  await shows.scrollIntoViewIfNeeded();
  await ben.axe("presence in the settings");
  await ben.picture("team-presence-settings");
  await shows.click();
  const before = asked.ben.length;
  await openTicket(ben, id);
  await ben.page.locator("#subject").click();
  await until("ada sees ben no more", async () => (await line(ada, called(ben)).count()) === 0);
  expect((await ben.page.locator(".presence").count()) === 0, "ben sees nobody either");
  expect(asked.ben.length === before, "nor does his page say or ask anything");
  await go(ben, "/settings");
  await shows.click();
  await openTicket(ben, id);
  await ben.page.locator("#subject").click();
  await line(ada, called(ben)).waitFor();

  expect(asked.ada.includes(`PUT /presence/${id}`), "the test hears what a page asks");
  expect((await anna.page.locator(".presence").count()) === 0, "the customer sees nothing of it");
  expect(asked.anna.length === 0, `the customer's page asks for nothing: ${asked.anna}`);
  told("presence");
}

async function merge(admin, anna, into) {
  const id = await write(anna, { subject: "Printer again", text: "It still burns." });
  await openTicket(admin, id);
  await more(admin, "Merge into another ticket", "Merge", async () => {
    await admin.field("Number or subject of the other ticket").fill(into);
    await admin.axe("merging");
    await admin.picture("team-merge");
  });
  await status(admin, "closed");
  await admin.sees(`duplicate of ${into}`);
  const { ticket } = await read(id);
  expect(ticket.status === "closed" && ticket.links[0].ticket_id === into && ticket.links[0].kind === "duplicate_of", "merged");
  expect((await read(into)).ticket.links.some((link) => link.ticket_id === id), "the other one names it");
  await openTicket(anna, id);
  await status(anna, "closed");
  told("merged");
  return id;
}

async function erase(admin, anna, id) {
  await openTicket(admin, id);
  await message(admin, "It still burns.").waitFor();
  await more(admin, "Destroy its texts on this node", "Destroy them", async (asked) => {
    expect(await asked.getByRole("button", { name: "Destroy them" }).isDisabled(), "not without its number");
    await admin.field(`Type ${id} to destroy them`).fill(id);
    await admin.axe("erasing");
    await admin.picture("team-erase");
  });
  await admin.sees("Its texts are erased on this node.");
  await message(admin, "It still burns.").waitFor({ state: "detached" });
  await admin.axe("an erased ticket");
  await admin.picture("team-erased");
  // The program shows its record, and fails: what it was asked for is gone.
  const failed = await read(id).then(() => null, (error) => error);
  expect(failed?.stderr.includes("was erased on this node") && JSON.parse(failed.stdout).messages.every(({ text }) => text === null), "no text is left");
  await reload(anna);
  await openTicket(anna, id);
  expect((await message(anna, "It still burns.").count()) === 0, "the customer's page does not show it either");
  await anna.picture("team-erased-customer");
  await go(anna, "/");
  await anna.sees("Printer");
  await until("nor does the list", async () => (await anna.page.getByText("It still burns.").count()) === 0);
  told("erased");
}

/** A customer starts anew: what they had is theirs again, and what is written from then on. */
async function transfer(admin, anna) {
  const id = await write(anna, { subject: "Lost phrase", text: "What I wrote before." });
  const carl = await known("carl");
  await openTicket(admin, id);
  await more(admin, "Transfer to another customer", "Transfer it", async () => {
    await admin.field("Address of the new customer").fill("virtengine1nobody");
    await admin.axe("giving a ticket away");
    await admin.picture("team-transfer");
    await admin.field("Address of the new customer").fill(carl.address);
  });
  await admin.sees("Transferred to another customer.");
  const { ticket } = await read(id);
  expect(ticket.customer_address === carl.address && ticket.previous_customers.length === 1, "it is another customer's");
  await carl.sees("Lost phrase");
  await openTicket(carl, id);
  await message(carl, "What I wrote before.").waitFor();
  await reply(carl, "It is me again.");
  await message(admin, "It is me again.").waitFor();
  await carl.picture("team-transferred");
  expect((await read(id, "carl")).messages.at(-1).text === "It is me again.", "the program reads it as the new customer");
  await go(anna, "/");
  await anna.sees("Printer");
  await until("it is not the first customer's any more", async () => (await anna.page.getByText("Lost phrase").count()) === 0);
  told("transferred");
}

/** What one device began another goes on with, and the first offers it no more; views made on both at once are on both. */
async function devices(ada, id) {
  await openTicket(ada, id);
  await type(ada, "Your reply", "Begun on one device");
  await go(ada, "/");
  await until("the draft is on the ledger", async () => JSON.stringify(await desk.ask("documents", "list", "own", "--from", "ada")).includes("drafts"));
  const other = await sit("ada-elsewhere", ada.phrase);
  await openTicket(other, id);
  const holds = (person, text) => until(`${person.name} has ${text}`, async () => (await person.field("Your reply").inputValue()) === text);
  await holds(other, "Begun on one device");
  await reply(other, "Begun on one device, sent from another.");
  await until("it left the ledger", async () => !JSON.stringify(await desk.ask("documents", "show", "own", "drafts", "--from", "ada")).includes("Begun"));
  await openTicket(ada, id);
  await message(ada, "sent from another").waitFor();
  await holds(ada, "");
  expect((await read(id)).messages.filter(({ text }) => text?.startsWith("Begun")).length === 1, "it was sent once");
  told("a draft on two devices");

  for (const person of [ada, other]) await go(person, "/");
  const make = async (person, name) => {
    await person.button("Make a view").click();
    if (await person.button("A new view").isVisible()) await person.button("A new view").click();
    await person.field("Name").fill(name);
    await person.button("Save the view").click();
    await dialog(person).waitFor({ state: "detached" });
  };
  await Promise.all([make(ada, "View of one"), make(other, "View of the other")]);
  for (const person of [ada, other]) for (const name of ["View of one", "View of the other"]) await person.page.getByRole("button", { name: new RegExp(`^${name} `) }).waitFor();
  const kept = JSON.stringify(await desk.ask("documents", "show", "own", "views", "--from", "ada"));
  expect(kept.includes("View of one") && kept.includes("View of the other"), "the ledger has both views");
  await other.picture("team-views");
  told("views on two devices");
}

/** Two administrators set rules at once: only what each typed is set, and of one rule that both set the page asks. */
async function rulesAtOnce(admin) {
  await go(admin, "/admin/rules");
  const days = admin.field("Days until a resolved ticket closes by itself");
  await days.fill("9");
  await admin.sees("Not set yet.");
  await desk.ask("tx", "support", "update-params", "--auto-close-after-days", "30", "--reopen-window-days", "21", "--from", "admin");
  await admin.sees(/somebody else set it to “30” meanwhile, and you typed “9”/);
  await until("what nobody typed here is as it was set", async () => (await admin.field("Days in which a closed ticket can be reopened").inputValue()) === "21");
  expect((await days.inputValue()) === "9", "what is typed stays");
  await admin.axe("two values of one rule");
  await admin.picture("team-rules");
  await admin.button("Days until a resolved ticket closes by itself: use mine").click();
  await admin.button("Set these rules").click();
  await admin.sees("The new rules apply now.");
  await admin.reload();
  await until("both are set", async () => (await days.inputValue()) === "9" && (await admin.field("Days in which a closed ticket can be reopened").inputValue()) === "21");
  told("rules of two administrators");
}

/** Two administrators publish one document: what only one changed is there, and of what both changed the second sees both. */
async function publishedAtOnce(admin, second) {
  const [name, welcome] = ["Name of the desk", "A line for customers writing a ticket"];
  for (const person of [admin, second]) {
    await go(person, "/admin/documents/desk");
    await person.field(name).waitFor();
  }
  await admin.field(welcome).fill("We answer by noon.");
  await second.field(name).fill("Acme");
  await second.field(welcome).fill("We answer soon.");
  await second.button("Publish").click();
  await row(second, "Name and colour").getByRole("button", { name: "Change" }).waitFor();
  await admin.button("Publish").click();
  await admin.sees(/Somebody else has published this document since you began/);
  await admin.sees("Somebody else wrote here meanwhile: We answer soon.");
  await until("theirs is where nothing was typed", async () => (await admin.field(name).inputValue()) === "Acme");
  expect((await admin.field(welcome).inputValue()) === "We answer by noon.", "what was typed stays");
  await admin.axe("two versions of a public document");
  await admin.picture("team-document");
  await admin.button("Publish").click();
  await row(admin, "Name and colour").getByRole("button", { name: "Change" }).click();
  await until("both are published", async () => (await admin.field(name).inputValue()) === "Acme" && (await admin.field(welcome).inputValue()) === "We answer by noon.");
  told("a public document of two administrators");
}

/** Two people write one document of the staff at once, and neither loses anything. */
async function together(ada, ben) {
  for (const person of [ada, ben]) await go(person, "/replies");
  await Promise.all([ada, ben].map(async (person) => {
    await person.button("New reply").click();
    await person.field("Name").fill(`Reply of ${person.name}`);
    await person.field("Text").fill(`Text of ${person.name}`);
    await dialog(person).getByRole("button", { name: "Save", exact: true }).click();
    await dialog(person).waitFor({ state: "detached" });
  }));
  for (const person of [ada, ben]) await person.reload();
  for (const person of [ada, ben]) for (const name of ["ada", "ben"]) await person.sees(`Text of ${name}`);
  const kept = JSON.stringify(await desk.ask("documents", "show", "staff", "replies", "--from", "admin"));
  expect(kept.includes("Text of ada") && kept.includes("Text of ben"), "the ledger has both replies");
  told("two writers of one document");
}

/** An agent writes down what a caller says; the caller follows the link, and it becomes theirs. */
async function caller(admin, ada) {
  await go(ada, "/call");
  await ada.field("Caller’s name").fill("Kim Lee");
  await ada.choose(/What is it about/, "Technical");
  await ada.field("Subject").fill("Called about a leak");
  await ada.field("What happened?").fill("The pipe drips since Monday.");
  await ada.axe("a ticket for a caller");
  await ada.picture("team-call");
  await ada.button("Create sealed ticket").click();
  await ada.sees("Links for callers");
  await ada.axe("links for callers");
  await ada.picture("team-call-link");
  await ada.button("Copy the link").or(ada.page.getByRole("button", { name: /^Copy the link of/ })).first().click();
  const url = await ada.page.evaluate(() => navigator.clipboard.readText());
  expect(url.startsWith("https://desk.example/#desk="), url);
  const id = (await ada.page.locator("li.notice strong").first().innerText()).trim();
  told("written down");

  await admin.button("Lock").waitFor();
  await openTicket(admin, id);
  await message(admin, "The pipe drips since Monday.").waitFor();
  await admin.sees("Kim Lee");
  await assign(admin, called(ada));
  await status(admin, "assigned");
  await openTicket(ada, id);
  await reply(ada, "Somebody comes on Friday.");

  const kim = await Person.sit(desk.origin, { name: "kim", browser, viewport: { width: 390, height: 844 } });
  people.push(kim);
  kim.phrase = await begin(kim, { identity: url.split("#desk=")[1] }, "Support created a ticket for you.");
  await kim.sees("The pipe drips since Monday.");
  await kim.axe("a claim");
  await kim.picture("team-claim");
  await kim.button("Make it mine").click();
  await kim.sees("Support knows this ticket is yours.");
  // Until support has acted it says what was asked for.
  await kim.sees("Asked for: Called about a leak");
  expect((await kim.button("Make it mine").count()) === 0, "it is asked for once");
  await kim.page.getByRole("link", { name: "Write the first ticket" }).waitFor();
  await kim.button("Dismiss").waitFor();
  await admin.button("Transfer to the person who claims it").click();
  await admin.axe("giving a ticket to whoever claims it");
  await admin.picture("team-claimed");
  await admin.button("Transfer it").click();
  await admin.sees("Transferred to another customer.");
  await until("it is hers", async () => (await kim.page.getByText("Asked for:").count()) === 0);
  await kim.sees("Called about a leak");
  await openTicket(kim, id);
  await message(kim, "Somebody comes on Friday.").waitFor();
  await reply(kim, "Friday is fine.");
  await message(ada, "Friday is fine.").waitFor();
  await desk.key("kim", kim.phrase);
  const { ticket, messages } = await read(id, "kim");
  expect(ticket.previous_customers.length === 1 && messages.at(-1).text === "Friday is fine.", "the program reads it as its customer");
  // Whoever has the link later gets nothing by it.
  const late = await Person.sit(desk.origin, { name: "late", browser });
  people.push(late);
  await begin(late, { identity: url.split("#desk=")[1] });
  await late.sees("This link has already been used.");
  expect((await late.page.getByText("Friday is fine.").count()) === 0, "and reads nothing of it");
  await late.axe("a claim that was used");
  await late.button("Dismiss").click();
  await late.page.getByText("This link has already been used.").waitFor({ state: "detached" });
  told("a caller's ticket is theirs");
  // Where customers are listed, no key that was made for one call can write.
  await desk.ask("tx", "support", "update-params", "--listed-customers", "true", "--from", "admin");
  await go(ada, "/call");
  await ada.sees("At this desk only listed customers can write tickets");
  expect((await ada.button("Create sealed ticket").count()) === 0, "and none is offered that the ledger would refuse");
  await ada.axe("no ticket for a caller");
  await desk.ask("tx", "support", "update-params", "--listed-customers", "false", "--from", "admin");
}

/** Whose role somebody else took, by another program, is listed with what is left of them until it is done. */
async function leftBehind(admin) {
  await desk.key("leo");
  await desk.ask("keys", "register", "leo");
  await desk.ask("staff", "add", "leo", "leo", "--from", "admin");
  await part(admin, "What each role may do", "people");
  await row(admin, "leo").getByText("Active").waitFor();
  await desk.ask("tx", "roles", "revoke-role", "leo", "support_agent", "--from", "admin", "--yes");
  const left = row(admin, "leo").filter({ hasText: "No longer on the team: 1 of their keys still receives sealed messages" });
  await left.waitFor();
  await admin.picture("team-left");
  await left.getByRole("button", { name: "Change" }).click();
  await admin.button("Do the rest").click();
  await admin.axe("what somebody left");
  await dialog(admin).getByRole("button", { name: "Do the rest" }).last().click();
  await admin.sees("1 key revoked, none is left");
  await dialog(admin).getByRole("button", { name: "Close" }).click();
  await row(admin, "leo").waitFor({ state: "detached" });
  told("nothing is left of whoever left");
}

await play(people, async () => {
  const admin = await sit("admin", await desk.phrase("admin"));
  const second = await votes(admin);
  const [ada, ben] = await agents();
  await closed(ada);
  const anna = await sit("anna");
  await desk.key("anna", anna.phrase);
  const id = await helpers(admin, ada, ben, anna);
  await presence(ada, ben, anna, id);
  const merged = await merge(second, anna, id);
  if (!process.env.SEALDESK_ORIGIN) await erase(admin, anna, merged);
  await transfer(admin, anna);
  await devices(ada, id);
  await together(ada, ben);
  await rulesAtOnce(admin);
  await caller(admin, ada);
  await leftBehind(admin);
  await publishedAtOnce(admin, second);
});
await browser.close();
await desk.end();
console.log("done");
