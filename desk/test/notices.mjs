// Notices on a device: a customer is offered them, an agent turns them on, and a push service of the test's opens what the node sends.
// Subscribing needs the push service of a browser's maker, so that alone is played; the message goes through the browser's own worker.
//   node notices.mjs
import { createDecipheriv, createECDH, hkdfSync, randomBytes } from "node:crypto";
import { readdir } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";

import { write } from "./acts.mjs";
import { expect, Person, play, until } from "./browser.mjs";
import { Desk } from "./desk.mjs";
import { begin, reload, restore } from "./people.mjs";

const TITLE = "Sealdesk: something new";
const CANARY = "canary-5d0c77e1-quince";
/** Every message has so many bytes, whatever it is about. */
const MESSAGE_BYTES = 1_126;
const PERMISSIONS = ["clipboard-read", "clipboard-write", "notifications"];

/** A push service on loopback: what it got, by device. */
async function pushService() {
  const got = new Map();
  const server = createServer((request, response) => {
    const parts = [];
    request.on("data", (part) => parts.push(part));
    request.on("end", () => {
      got.set(request.url, [...(got.get(request.url) ?? []), { headers: request.headers, body: Buffer.concat(parts) }]);
      response.writeHead(201).end();
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  server.unref();
  return { got: (device) => got.get(device.path) ?? [], url: `http://127.0.0.1:${server.address().port}` };
}

/** What a browser would have made by subscribing. */
function deviceOf(name, service) {
  const own = createECDH("prime256v1");
  own.generateKeys();
  const path = `/${name}-${randomBytes(8).toString("hex")}`;
  return { own, path, auth: randomBytes(16), endpoint: service.url + path };
}

/** The browser's push service says yes, and names this device. */
async function subscribes(person, device) {
  const made = { endpoint: device.endpoint, keys: { p256dh: device.own.getPublicKey("base64url"), auth: device.auth.toString("base64url") } };
  await person.page.addInitScript((made) => {
    const ON = "test-subscription";
    const subscription = {
      endpoint: made.endpoint,
      toJSON: () => made,
      unsubscribe: async () => (sessionStorage.removeItem(ON), true),
    };
    PushManager.prototype.subscribe = async ({ userVisibleOnly, applicationServerKey }) => {
      if (!userVisibleOnly || applicationServerKey.length !== 65) throw new Error("no browser subscribes so");
      sessionStorage.setItem(ON, "on");
      return subscription;
    };
    PushManager.prototype.getSubscription = async () => (sessionStorage.getItem(ON) === null ? null : subscription);
  }, made);
}

const derived = (secret, salt, info, bytes) => Buffer.from(hkdfSync("sha256", secret, salt, info, bytes));

/** Opens a message as a browser does (RFC 8291). */
function opened({ body }, { own, auth }) {
  const salt = body.subarray(0, 16);
  const theirs = body.subarray(21, 21 + body[20]);
  const info = Buffer.concat([Buffer.from("WebPush: info\0"), own.getPublicKey(), theirs]);
  const agreed = derived(own.computeSecret(theirs), auth, info, 32);
  const key = derived(agreed, salt, "Content-Encoding: aes128gcm\0", 16);
  const nonce = derived(agreed, salt, "Content-Encoding: nonce\0", 12);
  const sealed = body.subarray(21 + theirs.length);
  const cipher = createDecipheriv("aes-128-gcm", key, nonce).setAuthTag(sealed.subarray(-16));
  const record = Buffer.concat([cipher.update(sealed.subarray(0, -16)), cipher.final()]);
  return record.subarray(0, record.lastIndexOf(2)).toString();
}

/** The browser's push service brings a message to the page's own worker; what that has the browser show, which without a screen shows nothing. */
async function brought(person, data) {
  const context = person.page.context();
  const found = () => context.serviceWorkers().find((one) => one.url().endsWith("/notices.js"));
  await until("the worker runs", () => found() !== undefined);
  const worker = found();
  await worker.evaluate(() => {
    self.shown = null;
    self.registration.showNotification = async (title, options) => {
      self.shown = { title, ...options };
    };
  });
  const tools = await person.tools();
  const registered = new Promise((resolve) => {
    tools.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
      const ours = registrations.find(({ scopeURL, isDeleted }) => !isDeleted && scopeURL.endsWith("/notices/"));
      if (ours) resolve(ours.registrationId);
    });
  });
  await tools.send("ServiceWorker.enable");
  await tools.send("ServiceWorker.deliverPushMessage", { origin: person.origin, registrationId: await registered, data });
  let shown = null;
  await until("a notice is shown", async () => (shown = await worker.evaluate(() => self.shown)) !== null);
  await tools.detach();
  return shown;
}

const service = await pushService();
const desk = await Desk.start('[push]\nallowed = ["127.0.0.0/8"]\n');
const carol = await Person.sit(desk.origin, { name: "carol", viewport: { width: 390, height: 844 }, permissions: PERMISSIONS });
const agent = await Person.sit(desk.origin, { name: "agent", colorScheme: "dark", permissions: PERMISSIONS });
const devices = { carol: deviceOf("carol", service), agent: deviceOf("agent", service) };
const kept = async () => (await readdir(join(desk.home, ".sealdesk/push")).catch(() => [])).filter((name) => name.endsWith(".json"));

/** A message says the same to everybody, and nothing else; neither do the headers. */
function isPlain({ headers, body }, device, addresses) {
  expect(body.length === MESSAGE_BYTES, `the size of a message: ${body.length}`);
  const text = opened({ body }, device);
  const told = JSON.parse(text);
  const expected = { web_push: 8030, notification: { title: TITLE, lang: "en", dir: "ltr", tag: "sealdesk", navigate: `${desk.origin}/` } };
  expect(same(told, expected), `what a message says: ${text}`);
  expect(headers.ttl === "43200" && headers["content-encoding"] === "aes128gcm" && headers.topic.length === 32, JSON.stringify(headers));
  for (const secret of ["TKT", CANARY, ...addresses]) expect(!JSON.stringify(headers).includes(secret), `${secret} in ${JSON.stringify(headers)}`);
  return text;
}

const same = (one, other) =>
  typeof one === "object" && typeof other === "object"
    ? Object.keys({ ...one, ...other }).every((key) => same(one[key], other[key]))
    : one === other;

await play([carol, agent], async () => {
  await subscribes(carol, devices.carol);
  await begin(carol, desk);
  const ticket = await write(carol, { subject: `Printer ${CANARY}`, text: `It burns. ${CANARY}` });
  await carol.page.getByText("Get a notification when there is a reply?").waitFor();
  await carol.axe("notices are offered");
  await carol.picture("notices-offer");
  await carol.button("Notify me").click();
  await carol.sees("Notifications are on for this device.");
  expect((await kept()).length === 1, "the node keeps what it said that it keeps");

  await desk.ask("take", ticket, "--from", "admin");
  await desk.ask("reply", ticket, `Which model? ${CANARY}`, "--from", "admin");
  await until("carol's device is told", () => service.got(devices.carol).length > 0);
  const [first] = service.got(devices.carol);
  const addresses = (await kept()).map((name) => name.replace(".json", ""));
  const text = isPlain(first, devices.carol, addresses);
  // Whatever a message says, the page's worker shows its own words, and a notice in the place of the one before.
  for (const data of [text, JSON.stringify({ web_push: 8030, notification: { title: CANARY, body: CANARY, lang: "en" } }), CANARY, ""]) {
    const shown = await brought(carol, data);
    expect(same(shown, { title: TITLE, tag: "sealdesk", lang: "en" }), `what is shown: ${JSON.stringify(shown)}`);
  }

  await subscribes(agent, devices.agent);
  await restore(agent, desk, await desk.phrase("admin"));
  await agent.page.getByRole("link", { name: "Settings" }).click();
  const notices = (person) => person.page.getByRole("switch", { name: "Notifications on this device" });
  await notices(agent).waitFor();
  await agent.axe("settings with notices");
  await agent.page.locator(".switch", { hasText: "Notifications on this device" }).click();
  await agent.sees("Notifications are on for this device.");
  await agent.page.locator(".switch", { hasText: "Notifications on this device" }).scrollIntoViewIfNeeded();
  await agent.picture("notices-settings");
  // Still on after a reload, which looks whether all of it holds.
  await reload(agent);
  await notices(agent).waitFor();
  expect(await notices(agent).isChecked(), "it is still on");

  await carol.field("Your reply").fill("The old one.");
  await carol.button("Send").click();
  await until("the agent's device is told", () => service.got(devices.agent).length > 0);
  isPlain(service.got(devices.agent)[0], devices.agent, addresses);

  // Off is off, here and at the node; who was asked once is not asked again.
  await carol.page.getByRole("link", { name: "Settings" }).click();
  await notices(carol).waitFor();
  await carol.page.locator(".switch", { hasText: "Notifications on this device" }).click();
  await carol.sees("Notifications are off for this device.");
  expect(!(await notices(carol).isChecked()), "it is off");
  await carol.picture("notices-off");
  expect((await kept()).length === 1, "the node has forgotten the device");
  await carol.open(`/tickets/${ticket}`);
  await carol.page.getByRole("heading", { name: new RegExp(CANARY) }).waitFor();
  expect((await carol.page.getByText("Get a notification when").count()) === 0, "nobody is asked twice");
});
await carol.leave();
await agent.leave();
await desk.end();
console.log("done");
