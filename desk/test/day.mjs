// A day at a desk: eight customers, three agents and two administrators, each at a browser of their own. Two tabs crash, the node is killed,
// one customer loses their device, one agent leaves. In the evening the ledger, every desk and the program agree on every ticket, and each
// customer's receipt verifies without a node.
//   node day.mjs   12 tickets; TICKETS=40 has the whole day
import { join } from "node:path";
import { act, assign, message, note, openTicket, reply, status, write } from "./acts.mjs";
import { expect, manyPeople, Person, play, until } from "./browser.mjs";
import { Desk } from "./desk.mjs";
import { begin, reload, restore, type, unlock } from "./people.mjs";

const TICKETS = Number(process.env.TICKETS ?? 12);
const CUSTOMERS = 8;
/** Ben has no pointer. */
const AGENTS = ["ada", "ben", "cleo"];
const CATEGORIES = ["Technical", "Billing", "Account"];
const PRIORITIES = ["low", "normal", "high", "urgent"];
/** What goes wrong where a node was killed, or a tab crashed. */
const BROKEN = /net::|failed|console|Failed to fetch/;

const told = (what) => console.log(`${new Date().toISOString().slice(11, 19)} ${what}`);
const desk = await Desk.start();
await desk.allowMuch();
const browser = await manyPeople();
const people = [];

async function sit(name, phrase, { isNew, ...options } = {}) {
  const person = await Person.sit(desk.origin, { name, browser, ...options });
  people.push(person);
  person.phrase = phrase ?? (await begin(person, desk));
  if (phrase) await restore(person, desk, phrase, { isNew });
  return person;
}

/** Each does their work one act after the other, all of them at once. */
const atOnce = (persons, work) => Promise.all(persons.map(work));

/** The tab of somebody crashes; in the next one they unlock. */
async function crashes(person, path) {
  await person.crash();
  await person.sitAgain(path);
  await unlock(person);
}

async function staff() {
  const seats = { admin: await sit("admin", await desk.phrase("admin")) };
  for (const name of ["second", ...AGENTS]) {
    const { address, recovery_phrase: phrase } = await desk.key(name);
    await desk.ask("keys", "register", name);
    await desk.ask("staff", "add", name, address, "--role", name === "second" ? "administrator" : "support_agent", "--from", "admin");
    seats[name] = Object.assign(await sit(name, phrase, { isKeyboardOnly: name === "ben" }), { address });
  }
  return seats;
}

async function customers() {
  const made = [];
  for (let n = 0; n < CUSTOMERS; n++) {
    const name = `customer${n}`;
    // The first makes an identity in the browser, and will need its twelve words.
    const phrase = n === 0 ? undefined : (await desk.key(name)).recovery_phrase;
    // Every other one has a phone, and one has no pointer.
    const seat = n % 2 ? { viewport: { width: 390, height: 844 } } : { isKeyboardOnly: n === 2 };
    const person = await sit(name, phrase, { isNew: true, ...seat });
    if (n === 0) await desk.key(name, person.phrase);
    made.push(Object.assign(person, { tickets: [] }));
  }
  return made;
}

/** A ticket as this script knows it: what was said in it, and how it stands. */
const tickets = new Map();
const said = (id, text, isNote = false) => tickets.get(id).said.push({ text, isNote });

async function morning(customers) {
  await atOnce(customers, async (customer, c) => {
    for (let n = c; n < TICKETS; n += CUSTOMERS) {
      const subject = `Ticket ${n} of ${customer.name}`;
      const text = `It began this morning: ${n}.`;
      const id = await write(customer, { subject, text, category: CATEGORIES[n % 3], priority: PRIORITIES[n % 4] });
      tickets.set(id, { id, n, subject, customer, said: [{ text, isNote: false }], status: "open" });
      customer.tickets.push(id);
    }
  });
}

async function given({ admin, second, ...agents }) {
  const names = Object.values(agents);
  const all = [...tickets.values()].sort((one, other) => one.n - other.n);
  await atOnce([admin, second], async (who, half) => {
    for (const ticket of all.filter(({ n }) => n % 2 === half)) {
      const agent = names[ticket.n % names.length];
      await openTicket(who, ticket.id);
      const ends = agent.address.slice(agent.address.lastIndexOf("1") + 1);
      await assign(who, new RegExp(`${agent.name}|${ends.slice(0, 6)}.*${ends.slice(-4)}`));
      await status(who, "assigned");
      Object.assign(ticket, { agent, status: "assigned" });
    }
  });
}

/** One agent's work on one ticket. A third is only answered, a third waits for the customer, a third is resolved. */
async function worked(agent, ticket) {
  const { id, n } = ticket;
  await openTicket(agent, id);
  await act(agent, "Start work");
  await status(agent, "in progress");
  const answer = `An answer to ${n}.`;
  await reply(agent, answer);
  said(id, answer);
  if (n % 4 === 0) {
    await note(agent, `A note on ${n}.`);
    said(id, `A note on ${n}.`, true);
  }
  ticket.status = "in_progress";
  if (n % 3 === 1) {
    await act(agent, "Wait for the customer");
    await status(agent, "waiting for the customer");
    ticket.status = "pending_customer";
  }
  if (n % 3 === 2) {
    await act(agent, "Resolve", "Resolve this ticket");
    // Which goes on to the next one in the list.
    await openTicket(agent, ticket.id);
    await status(agent, "resolved");
    ticket.status = "resolved";
  }
}

async function work(agents) {
  await atOnce(agents, async (agent, a) => {
    const own = [...tickets.values()].filter((ticket) => ticket.agent === agent);
    for (const [n, ticket] of own.entries()) {
      if (a === 0 && n === 1) {
        // A tab ends while somebody types. What was typed is there again.
        await openTicket(agent, ticket.id);
        await type(agent, "Your reply", "Half of an ans");
        await crashes(agent, `/tickets/${ticket.id}`);
        await until("the draft is back", async () => (await agent.field("Your reply").inputValue()) === "Half of an ans");
      }
      await worked(agent, ticket);
    }
  });
}

/** Customers answer what waits for them, rate what is resolved, close or open it again. The node is killed while they do. */
async function afternoon(customers) {
  let acts = 0;
  let isKilled = false;
  await atOnce(customers, async (customer, c) => {
    if (c === 1) await crashes(customer, "/");
    for (const ticket of customer.tickets.map((id) => tickets.get(id))) {
      const { id, n } = ticket;
      await openTicket(customer, id);
      if (!isKilled && ++acts > customers.length / 2) {
        isKilled = true;
        await desk.kill();
        await desk.run();
        told("the node was killed and is there again");
      }
      if (ticket.status === "pending_customer") {
        await answered(customer, ticket, `The customer's answer to ${n}.`);
        ticket.status = "in_progress";
      } else if (ticket.status === "resolved") {
        await patiently(customer, async () => {
          await act(customer, "Rate", "Send", async () => customer.choose(/Score/, "5, very good"));
        });
        if (n % 2) await ended(customer, ticket);
      }
    }
  });
}

/** The line that says that the desk cannot be reached: nothing is sent until it goes. */
const unreachable = (person) => person.page.locator(".away-line");

/** Sends until it is there: whoever is told that it may not have arrived looks, and sends it again. */
async function answered(person, ticket, text) {
  const field = person.field("Your reply");
  await field.fill(text);
  await until("it was sent", async () => {
    const there = message(person, text).first();
    if ((await there.count()) > 0) return true;
    if ((await unreachable(person).count()) > 0) return false;
    if ((await field.inputValue()) === text) await field.press("Control+Enter");
    await there.or(person.page.getByRole("alert").first()).or(unreachable(person).first()).first().waitFor();
    return (await there.count()) > 0;
  });
  said(ticket.id, text);
}

async function ended(person, ticket) {
  await patiently(person, () => act(person, "Close", "Close this ticket"));
  await status(person, "closed");
  ticket.status = "closed";
}

/** Again where a node was away in the middle, and never twice at once: what was begun ends first. */
async function patiently(person, work) {
  const alert = person.page.getByRole("alert").filter({ visible: true });
  for (;;) {
    await until("the desk answers", async () => (await unreachable(person).count()) === 0);
    let isOver = false;
    const done = work().then(() => true).finally(() => (isOver = true));
    // Looked for, and not waited for: of two locators of one page that wait at once, Playwright may leave one waiting for good where
    // something has to be pressed away before them.
    const seen = (what) => until("an alert", async () => isOver || (await what())).then(() => !isOver, () => false);
    const away = seen(async () => (await alert.count()) + (await unreachable(person).count()) > 0);
    // What was under way when the line came may still come to its end once the desk answers; what failed says so, and is put aside.
    const failed = async () => {
      await until("the desk answers", async () => (await unreachable(person).count()) === 0);
      await until("nothing is under way", async () => (await person.page.locator("[data-pending]").count()) === 0);
      if (!(await seen(async () => (await alert.count()) > 0))) return done;
      await person.page.keyboard.press("Escape");
      await done.catch(() => undefined);
      return false;
    };
    if (await Promise.race([done, away.then((isAway) => (isAway ? failed() : done))])) return;
  }
}

/** A customer's device is gone. On the next one the twelve words bring everything back. */
async function lost(customer, customers) {
  await customer.leave();
  const next = Object.assign(await sit(`${customer.name}-again`, customer.phrase), { tickets: customer.tickets });
  for (const ticket of tickets.values()) if (ticket.customer === customer) ticket.customer = next;
  customers[customers.indexOf(customer)] = next;
}

/** What a page hears that says where somebody is, and does not know yet that they are no longer on the team. */
const LEFT = /\/presence\/[^/]*: 403$/;

/** An agent leaves: another one has what they had, and they open nothing new. */
async function leaves({ admin, ada, cleo }) {
  await desk.ask("staff", "remove", "cleo", "--reassign-to", "ada", "--yes", "--from", "admin");
  for (const ticket of tickets.values()) {
    if (ticket.agent !== cleo) continue;
    const { ticket: now } = await desk.ask("read", ticket.id, "--from", "admin");
    // What is over stays where it is; whoever takes over reads what they were given.
    ticket.agent = now.assigned_to === ada.address ? ada : null;
    ticket.status = now.status;
  }
  const [ticket] = [...tickets.values()].filter(({ status }) => status === "assigned" || status === "in_progress");
  const text = "Said after somebody left.";
  await openTicket(admin, ticket.id);
  await note(admin, text);
  said(ticket.id, text, true);
  await reload(cleo);
  await cleo.button("Lock").waitFor();
}

const WORDS = { open: "new", assigned: "assigned", in_progress: "in progress", pending_customer: "waiting for the customer", resolved: "resolved", closed: "closed" };
const CUSTOMER_WORDS = { ...WORDS, open: "sent", assigned: "with support", in_progress: "with support", pending_customer: "waiting for you" };

/** What one person's page shows of a ticket, against what was said in it. */
async function agrees(person, ticket, words, mayReadNotes) {
  await openTicket(person, ticket.id);
  await status(person, words[ticket.status]);
  for (const { text, isNote } of ticket.said) {
    if (isNote && !mayReadNotes) {
      expect((await person.page.getByText(text).count()) === 0, `${person.name} does not read ${text}`);
      continue;
    }
    await message(person, text).waitFor();
    expect((await message(person, text).count()) === 1, `${person.name} sees once: ${text}`);
  }
  // A page that was open shows what it had until it has asked again.
  await until(`${person.name} sees ${ticket.said.length} messages in ${ticket.id}`, async () => (await person.page.locator(".message").count()) === ticket.said.length);
}

async function evening(seats) {
  for (const ticket of tickets.values()) {
    const record = await desk.ask("query", "support", "ticket", ticket.id);
    expect(record.status === ticket.status, `${ticket.id} is ${record.status} on the ledger and ${ticket.status} here`);
    for (const reader of ["admin", "second", ticket.customer.name.replace("-again", "")]) {
      const { messages, ticket: read } = await desk.ask("read", ticket.id, "--from", reader);
      const isStaff = !reader.startsWith("customer");
      const texts = messages.map(({ text }) => text).filter((text) => text !== null);
      const mine = ticket.said.filter(({ isNote }) => isStaff || !isNote).map(({ text }) => text);
      expect(read.status === ticket.status && JSON.stringify(texts) === JSON.stringify(mine), `${reader} reads in ${ticket.id}: ${texts} and not ${mine}`);
    }
  }
  const all = [...tickets.values()];
  await atOnce([...new Set(all.map(({ customer }) => customer))], async (customer) => {
    for (const id of customer.tickets) await agrees(customer, tickets.get(id), CUSTOMER_WORDS, false);
  });
  await atOnce([seats.admin, seats.second, seats.ada, seats.ben], async (who) => {
    const theirs = all.filter(({ agent }) => who === seats.admin || who === seats.second || agent === who);
    for (const ticket of theirs) await agrees(who, ticket, WORDS, true);
  });
}

/** Each customer saves a receipt in the page. It verifies when no node runs. */
async function receipts(customers) {
  const files = await atOnce(customers.filter(({ tickets }) => tickets.length > 0), async (customer) => {
    await openTicket(customer, customer.tickets[0]);
    await customer.act("Receipt");
    const saved = customer.page.waitForEvent("download");
    await customer.button("Save the receipt").click();
    const file = join(desk.home, `${customer.name}.receipt`);
    await (await saved).saveAs(file);
    await customer.page.keyboard.press("Escape");
    return file;
  });
  return files;
}

await play(people, async () => {
  const seats = await staff();
  const present = await customers();
  told("everybody is there");
  await morning(present);
  told("all tickets are written");
  await given(seats);
  told("all are assigned");
  await work([seats.ada, seats.ben, seats.cleo]);
  told("the agents have worked");
  await expectingAll(BROKEN, () => afternoon(present));
  told("the customers have answered");
  await lost(present[0], present);
  await seats.cleo.expecting(LEFT, () => leaves(seats));
  told("a device is lost and an agent has left");
  await evening(seats);
  told("all agree");
  const files = await receipts(present);
  await browser.close();
  await desk.kill();
  for (const file of files) {
    // It fails where the receipt does not prove what it says.
    const { proves } = await desk.ask("verify", file, "--genesis", join(desk.home, ".sealdesk", "genesis.json"));
    expect(proves.length > 0, `${file} proves something`);
  }
});
await desk.end();
console.log("done");

/** Does something while which problems of that kind are nobody's fault. */
function expectingAll(pattern, work) {
  return people.reduce((inner, person) => () => person.expecting(pattern, inner), work)();
}
