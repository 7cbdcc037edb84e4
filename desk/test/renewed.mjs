// A tab that stays open while its node is given a newer page: it says so in a line, loads nothing by itself, and loses nothing that was typed. A part
// that the node has no more is no error page.
//   node renewed.mjs
import { go, message, openTicket, write } from "./acts.mjs";
import { expect, Person, play, until } from "./browser.mjs";
import { Desk } from "./desk.mjs";
import { begin, meet, reload, type } from "./people.mjs";

const NEWER = "There is a newer version of this page.";
const LOST = "A part of this page could not be loaded.";
const UNKEPT = "Unsaved text and unsent changes will be lost.";
/** What a browser says of a node that is not there, and of files that are gone. */
const GONE = /failed|console|net::/i;
/** How long after it was loaded a page looks for the first time, and the shortest time between two looks, in milliseconds. */
const FIRST_MS = 8_000;
const LEAST_MS = 20_000;

const desk = await Desk.start();
await desk.allowMuch();
const carol = await Person.sit(desk.origin, { name: "carol", viewport: { width: 360, height: 780 } });
const admin = await Person.sit(desk.origin, { name: "admin", colorScheme: "dark" });
/** Who saves bytes loads no part before it is needed. */
const saver = await Person.sit(desk.origin, { name: "saver", viewport: { width: 360, height: 780 } });
const people = [carol, admin, saver];
// A file that the node has no more comes from a browser's copy, if there is one.
for (const { page } of people) await page.addInitScript(() => delete Navigator.prototype.serviceWorker);

const line = (tab) => tab.page.locator(".newer");
const says = (tab, text) => line(tab).getByRole("status").filter({ hasText: text });
const stopped = (tab) => tab.page.getByText("This page has stopped").count();
/** Stays as long as the page that is open now. */
const mark = (tab) => tab.page.evaluate(() => (globalThis.isOld = true));
const isOld = (tab) => tab.page.evaluate(() => globalThis.isOld === true);
/** Somebody comes back to the tab. */
const comesBack = (tab) => tab.page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));

/** From here on this browser's node serves a newer page, and until that is loaded these files of the old one are gone. Gives what ends that. */
async function renew(tab, gone = /\/assets\//) {
  const context = tab.page.context();
  let isLoaded = false;
  await context.route("**/manifest.json", async (route) => {
    const manifest = await (await route.fetch()).json();
    for (const name of Object.keys(manifest.files)) if (/^.assets.(page|rolldown)-/.test(name)) delete manifest.files[name];
    manifest.files["/index.html"] = "newer";
    await route.fulfill({ json: manifest });
  });
  await context.route(gone, (route) => (isLoaded ? route.fallback() : route.fulfill({ status: 404, body: "not found" })));
  await context.route("**/*", (route) => {
    isLoaded ||= route.request().isNavigationRequest();
    return route.fallback();
  });
  return () => context.unrouteAll();
}

/** The node is started anew with another page, and whoever is writing goes on. */
async function whileWriting() {
  await type(carol, "Your reply", "The old one,");
  await carol.page.waitForTimeout(FIRST_MS);
  expect((await line(carol).innerText()).trim() === "", "a page that the node serves says nothing");
  await mark(carol);
  await carol.page.waitForTimeout(LEAST_MS);
  const end = await renew(carol);
  await carol.expecting(GONE, () =>
    admin.expecting(GONE, () =>
      saver.expecting(GONE, async () => {
        await desk.kill();
        await desk.run();
        await carol.field("Your reply").focus();
        await says(carol, NEWER).waitFor();
      }),
    ),
  );
  expect(await carol.field("Your reply").evaluate((field) => field === document.activeElement), "whoever types goes on typing");
  expect(await isOld(carol), "nothing is loaded by itself");
  expect((await carol.page.getByRole("dialog").count()) === 0, "nobody is stopped");
  const { width } = await line(carol).boundingBox();
  expect(width <= 360 && (await carol.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)), "it fits on a phone");
  const send = await carol.button("Send").boundingBox();
  expect(send.y + send.height <= 780, `what is needed to write is still to be seen: ${JSON.stringify(send)}`);
  await carol.axe("a page that was renewed");
  await carol.pictures("renewed-ticket");
  // Not a letter is lost, though nothing had time to be kept.
  await carol.field("Your reply").fill("The old one, in the corner.");
  await carol.button("Load it").click();
  await until("the page is another one", async () => !(await isOld(carol).catch(() => true)));
  await end();
  await reload(carol, async () => undefined);
  await until("what was typed is there", async () => (await carol.field("Your reply").inputValue()) === "The old one, in the corner.");
  await carol.page.waitForTimeout(FIRST_MS);
  expect((await line(carol).innerText()).trim() === "", "and nothing more is said");
}

/** What can still be taken back is sent before the page goes. */
async function whatIsHeld() {
  const end = await renew(admin);
  await comesBack(admin);
  await says(admin, NEWER).waitFor();
  await mark(admin);
  await admin.put("Your reply", "Is it plugged in?");
  await admin.field("Your reply").press("Control+Enter");
  expect((await message(carol, "Is it plugged in?").count()) === 0, "it can still be taken back");
  await admin.button("Load it").click();
  await until("the page is another one", async () => !(await isOld(admin).catch(() => true)));
  await end();
  await reload(admin, async () => undefined);
  await message(admin, "Is it plugged in?").waitFor();
  await message(carol, "Is it plugged in?").waitFor();
  await admin.page.waitForTimeout(FIRST_MS);
}

/** What no draft keeps is asked about before it goes. */
async function inAForm() {
  await go(admin, "/settings");
  const field = admin.field("Current passphrase");
  await field.waitFor();
  await renew(admin);
  await comesBack(admin);
  await says(admin, NEWER).waitFor();
  await mark(admin);
  await field.fill("typed and kept nowhere");
  await admin.button("Load it").click();
  await says(admin, UNKEPT).waitFor();
  expect(await isOld(admin), "it is not lost without a word");
  await admin.axe("a newer page, and a form that is not kept");
  await admin.pictures("renewed-form");
  await field.fill("");
  await go(admin, "/");
}

/** Parts that the node has no more. */
async function lost() {
  await saver.page.addInitScript(() => Object.defineProperty(navigator, "connection", { value: { saveData: true } }));
  await saver.page.goto("about:blank");
  await begin(saver, desk);
  const id = await write(saver, { subject: "Lamp", text: "It flickers." });
  await saver.page.waitForTimeout(FIRST_MS);
  await mark(saver);
  await saver.expecting(GONE, async () => {
    // A line that breaks is no newer page, and what could not be had is asked for again with the next visit.
    const context = saver.page.context();
    await context.route(/\/assets\/Settings-/, (route) => route.abort());
    await saver.page.getByRole("link", { name: "Settings" }).click();
    await says(saver, LOST).waitFor();
    expect((await stopped(saver)) === 0, "no error page");
    await saver.pictures("renewed-lost");
    await context.unrouteAll();
    await openTicket(saver, id);
    await saver.page.getByRole("link", { name: "Settings" }).click();
    await saver.page.getByRole("heading", { name: "Settings" }).waitFor();
    await openTicket(saver, id);
    await message(saver, "It flickers.").waitFor();
    await type(saver, "Your reply", "Still.");
    await renew(saver, /\/assets\/CustomerAsk-/);
    await saver.button("Close").click();
    await says(saver, NEWER).waitFor();
    expect((await stopped(saver)) === 0 && (await saver.field("Your reply").inputValue()) === "Still.", "the page goes on without a part that is gone");
    expect(await isOld(saver), "and is not loaded by itself");
    await saver.pictures("renewed-gone");
    await saver.page.context().unrouteAll();
  });
  await saver.button("Load it").click();
  await until("the page is another one", async () => !(await isOld(saver).catch(() => true)));
  await reload(saver, async () => undefined);
  await until("what was typed is there", async () => (await saver.field("Your reply").inputValue()) === "Still.");
  await saver.button("Close").click();
  await saver.page.getByRole("dialog").waitFor();
}

/** A page that nobody has unlocked says it as well. */
async function locked() {
  await carol.button("Lock").click();
  await carol.button("Unlock").waitFor();
  await carol.page.waitForTimeout(FIRST_MS);
  await renew(carol);
  await carol.page.waitForTimeout(LEAST_MS);
  await comesBack(carol);
  await says(carol, NEWER).waitFor();
  await carol.axe("a locked page that was renewed");
  await carol.pictures("renewed-locked");
}

await play(people, async () => {
  await meet(carol, admin, desk);
  await whileWriting();
  await whatIsHeld();
  await inAForm();
  await locked();
  await lost();
});
for (const person of people) await person.leave();
await desk.end();
console.log("done");
