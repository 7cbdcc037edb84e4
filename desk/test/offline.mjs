// The page without its node: what a customer and an administrator of the desk see of it after a reload, what they can do, how it goes on by itself
// when the node is there again, and what is left of it in the browser.
//   node offline.mjs
import { createServer } from "node:http";

import { message, send } from "./acts.mjs";
import { expect, Person, play, Tab, until } from "./browser.mjs";
import { Desk } from "./desk.mjs";
import { begin, meet, PASSPHRASE, type, unlock } from "./people.mjs";

const CANARY = "canary-91b4e7d2-medlar";
const LINE = "No connection. This is what this browser kept";
/** What a browser says of a node that is not there, and of what it was about to load. */
const GONE = /failed|console|net::/i;
/** For how long somebody who keeps nothing is watched. */
const REST_MS = 6_000;
const NOTHING = '{"caches":[],"workers":[]}';

/** What this browser keeps of the page: whether each file is what the manifest names, and which are there. */
const copy = (tab) =>
  tab.page.evaluate(async () => {
    if (!(await caches.has("sealdesk-page"))) return { isWhole: false, names: [] };
    const cache = await caches.open("sealdesk-page");
    const { files, default_csp: policy } = await (await fetch("/manifest.json")).json();
    const names = (await cache.keys()).map(({ url }) => new URL(url).pathname);
    let isWhole = names.includes("/");
    for (const name of names) {
      const kept = await cache.match(name);
      // The page removes what is not named any more.
      if (!kept) return { isWhole: false, names };
      const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await kept.arrayBuffer()));
      const hash = btoa(String.fromCharCode(...digest)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
      isWhole &&= files[name === "/" ? "/index.html" : name] === hash && kept.headers.get("content-security-policy") === policy;
    }
    const isAll = Object.keys(files).every((name) => !/^\/(assets\/|icon|app)/.test(name) || names.includes(name));
    return { isWhole: isWhole && isAll, names };
  });
const isKept = (tab) => until("the page is kept", async () => (await copy(tab)).isWhole);
/** What this browser has beside what it keeps sealed. */
const left = (tab) => tab.page.evaluate(async () => ({ caches: await caches.keys(), workers: (await navigator.serviceWorker.getRegistrations()).map(({ scope }) => scope) }));
const line = (tab) => tab.page.locator(".kept-line", { hasText: LINE });

/** A proxy whose node is not there. */
async function gateway(origin) {
  const { hostname, port } = new URL(origin);
  const server = createServer((_, response) => response.writeHead(502, { "content-type": "text/html", connection: "close" }).end("<h1>Bad gateway</h1>"));
  await new Promise((resolve, reject) => server.once("error", reject).listen(Number(port), hostname, resolve));
  return () => new Promise((resolve) => (server.close(resolve), server.closeAllConnections()));
}

const desk = await Desk.start();
await desk.allowMuch();
const carol = await Person.sit(desk.origin, { name: "carol", viewport: { width: 390, height: 844 } });
const admin = await Person.sit(desk.origin, { name: "admin", colorScheme: "dark" });
const stranger = await Person.sit(desk.origin, { name: "stranger" });
const saver = await Person.sit(desk.origin, { name: "saver" });
const people = [carol, admin, stranger, saver];
let phrase;
let ticket;

/** Loads the page again without its node, and unlocks. */
async function comesBack(tab, name, load = () => tab.page.reload()) {
  await load();
  await tab.button("Unlock").waitFor();
  await tab.sees("Unlock to see what this browser kept");
  await tab.picture(`${name}-locked`);
  await unlock(tab);
  await line(tab).waitFor();
}

/** A customer reads, writes and does not send. */
async function customerWithout(text) {
  await comesBack(carol, "offline-customer");
  await message(carol, "Which model is it?").waitFor();
  await carol.axe("a conversation without a network");
  await carol.picture("offline-customer-conversation");
  await type(carol, "Your reply", text);
  // What needs the desk says so beforehand, and nothing of it is lost.
  await carol.page.locator(".away-line", { hasText: "What you type is kept here" }).waitFor();
  expect((await carol.button("Send").getAttribute("aria-disabled")) === "true", "nobody is let into what would fail");
  await carol.field("Your reply").press("Control+Enter");
  await carol.page.locator(".toast", { hasText: "The desk cannot be reached" }).waitFor();
  expect((await carol.page.getByRole("alert").count()) === 0, "nothing was tried");
  await carol.picture("offline-customer-not-sent");
  await comesBack(carol, "offline-customer", () => carol.page.goto(`${desk.origin}/`));
  await carol.page.getByText(`Printer ${CANARY}`).first().waitFor();
  await carol.page.getByText(`Mouse ${CANARY}`).first().waitFor();
  await carol.axe("the tickets without a network");
  await carol.picture("offline-customer-tickets");
  await carol.page.locator(`a.ticket[href="/tickets/${ticket}"]`).click();
  await until("what was typed is there", async () => (await carol.field("Your reply").inputValue()) === text);
}

async function administratorWithout() {
  await comesBack(admin, "offline-admin");
  await message(admin, "Which model is it?").waitFor();
  await admin.page.getByRole("gridcell", { name: new RegExp(`Printer ${CANARY}`) }).first().waitFor();
  await admin.axe("the queue without a network");
  await admin.picture("offline-admin-queue");
}

await play(people, async () => {
  ({ phrase, ticket } = await meet(carol, admin, desk, (text) => `${text} ${CANARY}`));
  for (const tab of [carol, admin]) await isKept(tab);
  await desk.ask("publish-page", "--from", "admin", "--yes");
  await desk.ask("verify-page", desk.origin);

  // What was proven is kept a moment after it was shown.
  await carol.page.waitForTimeout(3_000);
  const text = "The old one, in the corner.";
  const second = await carol.expecting(GONE, () =>
    admin.expecting(GONE, async () => {
      await desk.kill();
      await customerWithout(text);
      await administratorWithout();
      const close = await gateway(desk.origin);
      await comesBack(carol, "offline-gateway");
      await message(carol, "Which model is it?").waitFor();
      const second = new Tab(await carol.tab("/"));
      await comesBack(second, "offline-second", async () => undefined);
      await close();

      // Nobody does anything, and the pages go on.
      await desk.run();
      for (const tab of [carol, second, admin]) {
        await line(tab).waitFor({ state: "detached" });
        await tab.page.locator(".away-line").waitFor({ state: "detached" });
      }
      return second;
    }),
  );
  await send(carol, "Your reply", text);
  await message(admin, text).waitFor();
  await second.page.locator(`a.ticket[href="/tickets/${ticket}"]`).click();
  await message(second, text).waitFor();
  const { messages } = await desk.ask("read", ticket, "--from", "carol");
  expect(messages.filter((one) => one.text === text).length === 1, `it is there once: ${messages.map((one) => one.text)}`);
  await second.page.close();

  // What this browser keeps runs nowhere while the node is there, and is what the node serves after the next visit.
  await carol.page.evaluate(async () => {
    const cache = await caches.open("sealdesk-page");
    const put = (name, type, body) => cache.put(name, new Response(body, { headers: { "content-type": type } }));
    await put("/", "text/html", "<!doctype html><title>Old</title><h1>An old page</h1>");
    const [script] = (await cache.keys()).map(({ url }) => new URL(url).pathname).filter((name) => name.endsWith(".js"));
    await put(script, "text/javascript", "document.title = 'Old';");
    await put("/assets/former-1.js", "text/javascript", "document.title = 'Former';");
  });
  expect(!(await copy(carol)).isWhole, "the copy is another page's");
  // Nor is anybody asked for their passphrase who unlocked while the node was away.
  await carol.reload();
  await carol.button("Lock").waitFor();
  expect((await carol.page.getByText("An old page").count()) === 0, "what is kept does not run where the node answers");
  await isKept(carol);
  expect(!(await copy(carol)).names.includes("/assets/former-1.js"), "what the manifest does not name is gone");
  await desk.ask("verify-page", desk.origin);

  await saver.page.addInitScript(() => Object.defineProperty(navigator, "connection", { value: { saveData: true } }));
  await begin(saver, desk);
  await stranger.open();
  await stranger.button("Start").waitFor();
  await stranger.page.waitForTimeout(REST_MS);
  for (const person of [stranger, saver]) {
    const there = JSON.stringify(await left(person));
    expect(there === NOTHING, `who has no keys here, or saves bytes, keeps nothing of the page: ${person.name}: ${there}`);
  }

  await carol.page.getByRole("link", { name: "Settings" }).click();
  await carol.button("Sign out").click();
  await carol.button("Sign out and remove").click();
  await carol.button("Start").waitFor();
  await until("nothing is left", async () => JSON.stringify(await left(carol)) === NOTHING);
});
const secrets = [CANARY, PASSPHRASE, phrase, "Which model is it?"];
const found = [...(await carol.leave(secrets)), ...(await admin.leave(secrets))];
await stranger.leave();
await saver.leave();
expect(found.length === 0, `nothing is in clear on a disk: ${found}`);
await desk.end();
console.log("done");
