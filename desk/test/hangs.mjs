// A network that hangs: connections are taken and nothing is answered. The page is there from its copy, what was proven last is shown, what needs the
// desk says so beforehand and goes on by itself, and what was being sent is never said to have been lost.
//   node hangs.mjs
import { go, message, openTicket, reply, send } from "./acts.mjs";
import { expect, Person, play, until } from "./browser.mjs";
import { Desk } from "./desk.mjs";
import { Gate } from "./gate.mjs";
import { meet, reload, type, unlock } from "./people.mjs";

/** What a browser says of what it gives up, and of connections that broke. */
const BROKEN = /failed|console|net::/i;
const LINE = "The desk cannot be reached. What you type is kept here";
/** What whoever presses reads, of whatever they would do. */
const LATER = "The desk cannot be reached. You can do this once it is back.";
/** Longest until a page that is loaded anew can be unlocked, and until something that was kept is shown, in milliseconds. */
const SLOW = Number(process.env.SEALDESK_SLOW ?? 3);
const COMES_MS = 15_000 * SLOW;
/** As long as the page takes a desk for one that answers, in milliseconds. */
const QUIET_MS = 31_000;
const SHOWN_MS = 12_000 * SLOW;

const desk = await Desk.start();
await desk.allowMuch();
const [gate, adminsGate] = [await Gate.before(desk.origin), await Gate.before(desk.origin)];
const carol = await Person.sit(gate.origin, { name: "carol", viewport: { width: 360, height: 780 } });
const admin = await Person.sit(adminsGate.origin, { name: "admin", colorScheme: "dark" });
const people = [carol, admin];
const line = (tab) => tab.page.locator(".away-line", { hasText: LINE });
const isKept = (tab) => until("the page is kept", () => tab.page.evaluate(async () => (await caches.has("sealdesk-page")) && (await (await caches.open("sealdesk-page")).match("/")) !== undefined));
const marked = (tab, name) => until(`${name} says that it cannot`, async () => (await tab.button(name).getAttribute("aria-disabled")) === "true");

async function within(what, ms, work) {
  const began = performance.now();
  await work();
  const took = Math.round(performance.now() - began);
  console.log(`${what}: ${took} ms`);
  expect(took < ms, `${what}: ${took} ms, and at most ${ms}`);
}

/** Somebody has the page open when the network hangs: one act fails, and from then on all of them say so beforehand. */
async function openPage(ticket, other) {
  await type(carol, "Your reply", "Written while nothing came through.");
  gate.hang();
  await carol.field("Your reply").press("Control+Enter");
  await within("the page says that the desk cannot be reached", 30_000 * SLOW, () => line(carol).waitFor());
  await carol.page.getByRole("alert").first().waitFor();
  expect((await carol.field("Your reply").inputValue()) === "Written while nothing came through.", "what was typed is still there");
  expect((await carol.page.getByText(/nothing was sent/i).count()) === 0, "nothing is said of what arrived");
  for (const name of ["Send", "Close", "More"]) await marked(carol, name);
  const reason = await carol.button("Send").getAttribute("aria-describedby");
  expect((await carol.page.locator(`#${reason}`).innerText()).startsWith(LINE), "and why");
  await carol.button("Dismiss").click();
  await carol.axe("a desk that cannot be reached");
  await carol.pictures("hangs-composer");
  // Whoever presses all the same, by pointer or by key, reads the same and loses nothing.
  await carol.button("Close").dispatchEvent("click");
  await carol.page.locator(".toast", { hasText: LATER }).waitFor();
  expect((await carol.page.getByRole("dialog").count()) === 0, "nobody is asked why they close what cannot be closed");
  await carol.field("Your reply").press("Control+Enter");
  expect((await carol.page.getByRole("alert").count()) === 0, "nothing was tried");
  await within("a ticket that was kept is shown", SHOWN_MS, async () => {
    await openTicket(carol, other);
    await message(carol, "It squeaks.").waitFor();
  });
  await carol.page.locator(".kept-line").waitFor();
  await openTicket(carol, ticket);
}

/** The same of the staff's acts, and of keys. Nobody has tried anything there: the page asks once somebody begins to write. */
async function staffsPage() {
  await admin.page.waitForTimeout(QUIET_MS);
  adminsGate.hang();
  await admin.field("Your reply").fill("Is it still so?");
  await line(admin).waitFor();
  for (const name of ["Send", "Assign", "Resolve"]) await marked(admin, name);
  await admin.page.locator("#subject").click();
  await admin.page.keyboard.press("a");
  await admin.page.locator(".toast", { hasText: LATER }).waitFor();
  expect((await admin.page.getByRole("dialog").count()) === 0, "a key opens no more than a button");
  await admin.axe("the staff's acts without a desk");
  await admin.pictures("hangs-staff");
}

/** What administrators change outside of dialogs, and what they typed there. */
async function administration() {
  await go(admin, "/admin/people");
  await admin.button("Add somebody").waitFor();
  await go(admin, "/admin/rules");
  await admin.page.locator("label.switch").first().click();
  await admin.button("Set these rules").waitFor();
  adminsGate.hang();
  // The page hears of it as of any network that is gone.
  await admin.page.evaluate(() => dispatchEvent(new Event("offline")));
  await admin.page.locator(".away-line", { hasText: LATER }).waitFor();
  await marked(admin, "Set these rules");
  await admin.page.evaluate(() => document.querySelector("main form").requestSubmit());
  await admin.page.locator(".toast", { hasText: LATER }).waitFor();
  expect((await admin.page.getByRole("alert").count()) === 0, "no rule was tried to be set");
  await admin.axe("the administration without a desk");
  await admin.pictures("hangs-admin");
  await go(admin, "/admin/people");
  await marked(admin, "Add somebody");
  await admin.button("Add somebody").dispatchEvent("click");
  expect((await admin.page.getByRole("dialog").count()) === 0, "nobody fills in what cannot be sent");
  adminsGate.open();
  await admin.page.locator(".away-line").waitFor({ state: "detached" });
  await until("somebody can be added", async () => (await admin.button("Add somebody").getAttribute("aria-disabled")) === null);
}

/** What staff write down for a caller is there once, with its link: pressed twice, without an answer, and loaded anew in the middle of it. */
async function called(ticket) {
  const open = async () => (await desk.ask("inbox", "--from", "admin")).open.length;
  const before = await open();
  const links = admin.page.locator("li.notice strong");
  const press = () => admin.page.evaluate(() => document.querySelector("main form").requestSubmit());
  const fill = async (subject) => {
    await admin.put("Caller’s name", "Kim Lee");
    await admin.choose(/What is it about/, "Technical");
    await admin.put("Subject", subject);
    await admin.put("What happened?", "The pipe drips.");
  };
  const isThere = async (number, how) => {
    await until(`${how}: its link is there`, async () => (await links.count()) === number);
    await until(`${how}: the form has it no more`, async () => (await admin.field("Subject").inputValue()) === "");
    const written = (await open()) - before;
    expect(written === number, `${how}: ${number} written down, and not ${written}`);
  };
  await go(admin, "/call");
  await fill("Pressed twice");
  await Promise.all([press(), press()]);
  await isThere(1, "pressed twice");
  await fill("No answer");
  adminsGate.hang("BroadcastTx");
  await press();
  await until("it is on its way", async () => adminsGate.isHung);
  await admin.page.getByRole("alert").getByText("Your last message may still have arrived").waitFor();
  await admin.page.locator(".notice.warn", { hasText: "Sending was interrupted." }).waitFor();
  await admin.axe("a call that may have been written down");
  await admin.pictures("hangs-call");
  adminsGate.open();
  await isThere(2, "without an answer");
  expect((await admin.page.getByRole("alert").count()) === 0, "nothing is left to be said of it");
  await fill("Loaded anew");
  adminsGate.hang("BroadcastTx");
  await press();
  await until("it is on its way", async () => adminsGate.isHung);
  adminsGate.open();
  await reload(admin, () => admin.page.reload());
  await links.nth(1).waitFor();
  // It may have been found already.
  await until("it is asked for, or there", async () => (await links.count()) === 3 || (await admin.field("Subject").inputValue()) === "Loaded anew");
  if ((await links.count()) < 3) await press();
  await isThere(3, "loaded anew");
  await known((await desk.ask("read", ticket, "--from", "admin")).ticket.customer_address, press, async () => (await open()) - before - 3);
}

/** The same of a call by somebody who has an address here: the ledger takes its number once, and whoever presses again is told so. */
async function known(address, press, written) {
  await desk.ask("tx", "support", "update-params", "--import-open", "true", "--from", "admin");
  await reload(admin, () => admin.page.reload());
  await admin.choose(/The caller/, "has an address here");
  await admin.put("Address of the customer", address);
  await admin.choose(/What is it about/, "Technical");
  await admin.put("Subject", "Known");
  await admin.put("What happened?", "The tap drips.");
  adminsGate.hang("BroadcastTx");
  await press();
  await until("it is on its way", async () => adminsGate.isHung);
  await admin.page.getByRole("alert").getByText("Your last message may still have arrived").waitFor();
  adminsGate.open();
  await until("it arrived", async () => (await written()) === 1);
  await until("the desk is there", async () => (await admin.button("Create sealed ticket").getAttribute("aria-disabled")) === null);
  await press();
  await admin.page.getByRole("alert").getByText("This call is in the ledger already, as").waitFor();
  await admin.axe("a call that is written down already");
  await admin.pictures("hangs-known");
  expect((await written()) === 1, "it is there once");
  await admin.button("Empty the form").click();
  await until("the form is empty", async () => (await admin.field("Subject").inputValue()) === "");
}

/** The page is loaded anew, and comes from its copy. */
async function loadedAnew(ticket) {
  await within("a page that was loaded anew can be unlocked", COMES_MS, async () => {
    await carol.page.reload({ waitUntil: "commit" });
    await carol.button("Unlock").waitFor();
  });
  await carol.sees("Unlock to see what this browser kept");
  await within("what was kept is shown", SHOWN_MS, async () => {
    await unlock(carol);
    await message(carol, "Which model is it?").waitFor();
  });
  await carol.page.locator(".kept-line").waitFor();
  await line(carol).waitFor();
  await until("what was typed is there", async () => (await carol.field("Your reply").inputValue()) === "Written while nothing came through.");
  await carol.picture("hangs-reloaded");
}

/** What was sent arrived, and its answer did not come back: nobody says that nothing was sent, and it is there once. */
async function answerLost(ticket) {
  const text = "Sent into a network that hangs.";
  await carol.put("Your reply", text);
  gate.hang("BroadcastTx");
  await carol.field("Your reply").press("Control+Enter");
  await until("it is on its way", async () => gate.isHung);
  await carol.page.getByRole("alert").getByText("Your last message may still have arrived").waitFor();
  expect((await carol.page.getByText(/nothing was sent|was not sent/i).count()) === 0, "nobody says that it was not sent");
  await carol.picture("hangs-may-have-arrived");
  gate.open();
  await message(carol, text).waitFor();
  await until("the composer has it no more", async () => (await carol.field("Your reply").inputValue()) === "");
  const { messages } = await desk.ask("read", ticket, "--from", "admin");
  expect(messages.filter((one) => one.text === text).length === 1, `it is there once: ${messages.map((one) => one.text)}`);
}

await play(people, async () => {
  const { other, ticket } = await meet(carol, admin, desk);
  await isKept(carol);
  await carol.page.waitForTimeout(3_000);
  await carol.expecting(BROKEN, () =>
    admin.expecting(BROKEN, async () => {
      await openPage(ticket, other);
      await staffsPage();
      await loadedAnew(ticket);
      gate.open();
      adminsGate.open();
      // Nobody does anything, and the pages go on.
      for (const tab of [carol, admin]) {
        await line(tab).waitFor({ state: "detached" });
        await tab.page.locator(".kept-line").waitFor({ state: "detached" });
      }
      await until("it can be sent", async () => (await carol.button("Send").getAttribute("aria-disabled")) === null);
      await send(carol, "Your reply", "Written while nothing came through.");
      await answerLost(ticket);
      await administration();
      await called(ticket);
    }),
  );
  await reply(carol, "And on.");
});
for (const person of people) await person.leave();
await gate.end();
await adminsGate.end();
await desk.end();
console.log("done");
