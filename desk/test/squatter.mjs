// A worker that another program left in browsers while it had the desk's address: it answers in the desk's place until the desk itself is
// there again, and then ends by itself. Where it has the name of the desk's own, that one takes its place, and nothing of what it left is kept.
//   node squatter.mjs
import { createServer } from "node:http";

import { expect, manyPeople, Person, play, until } from "./browser.mjs";
import { Desk } from "./desk.mjs";

// No browser asks for a picture of these pages.
const ICON = '<link rel="icon" href="data:,">';
const TRAP = `<!doctype html>${ICON}<title>Trap</title><h1>Type your twelve words here</h1>`;
const WORKER = `
addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("fetch", (event) => {
  if (event.request.mode === "navigate") event.respondWith(new Response(${JSON.stringify(TRAP)}, { headers: { "content-type": "text/html" } }));
});
`;
const leaves = (name) => `<!doctype html>${ICON}<script>navigator.serviceWorker.register("${name}").then(() => navigator.serviceWorker.ready).then(() => { document.title = "left"; });</script>`;

/** Another program at an address that is free. */
async function squat(origin, name) {
  const { hostname, port } = new URL(origin);
  const server = createServer((request, response) => {
    const isWorker = request.url === name;
    response.writeHead(200, { "content-type": isWorker ? "text/javascript" : "text/html", connection: "close" });
    response.end(isWorker ? WORKER : leaves(name));
  });
  await new Promise((resolve, reject) => server.once("error", reject).listen(Number(port), hostname, resolve));
  return () => new Promise((resolve) => server.close(resolve));
}

async function played(name, after) {
  const desk = await Desk.start();
  await desk.kill();
  const leave = await squat(desk.origin, name);
  const browser = await manyPeople();
  const person = await Person.sit(desk.origin, { name: "visitor", browser });
  await play([person], async () => {
    const { page } = person;
    const trap = page.getByRole("heading", { name: "Type your twelve words here" });
    const workers = () => page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length);
    await page.goto(desk.origin);
    await until("the worker is there", async () => (await page.title()) === "left");
    await page.goto(desk.origin);
    await trap.waitFor();
    expect((await workers()) === 1, "the worker answers in the place of whoever has the address");
    await leave();
    await page.goto(`${desk.origin}/tickets/1`);
    await trap.waitFor();
    await desk.run();
    // Only a visit has the browser look for a newer worker; what the visit shows is still the old one's.
    await page.goto(desk.origin).catch(() => undefined);
    await person.button("I have a recovery phrase").waitFor();
    expect((await trap.count()) === 0, "the trap is gone");
    await after({ desk, person, trap, workers });
  });
  await browser.close();
  await desk.end();
}

await played("/worker.js", ({ workers }) => until("no worker is left", async () => (await workers()) === 0));

await played("/offline.js", async ({ desk, person, trap, workers }) => {
  const { page } = person;
  expect((await workers()) === 1, "the desk's own worker has its place");
  await page.reload();
  await person.button("I have a recovery phrase").waitFor();
  expect((await page.evaluate(() => caches.keys())).length === 0, "whoever has no keys here keeps nothing");
  // It answers nobody from what it does not have.
  await desk.kill();
  await person.expecting(/net::|console/, () => page.reload().catch(() => undefined));
  expect((await trap.count()) === 0, "the trap is gone without the desk, too");
});
console.log("done");
