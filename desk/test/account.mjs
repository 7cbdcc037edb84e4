// Who somebody is to a browser: an invitation, a recovery kit, passkeys, tabs that share one stream and one key, what is lost and comes back.
//   node account.mjs ORIGIN WORDS PHRASE [LINE [STOLEN]]   the line of an invitation to this origin; without it SEALDESK, the program, makes
//   one; and the phrase of an account in whose name somebody else registered a key
import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";

import { expect, Person } from "./browser.mjs";
import { choosePassphrase, finish, keepPhrase, PASSPHRASE } from "./people.mjs";

// Passkeys are a name's, and never an address's.
const origin = process.argv[2].replace("127.0.0.1", "localhost");
const line = process.argv[5] ?? execFileSync(process.env.SEALDESK, ["invite", "--for", "carol", "--url", origin], { encoding: "utf8" }).split("\n")[0];
const stolen = process.argv[6];
const CANARY = "canary-4e1d77-saffron";
const OTHER = `#desk=${"0".repeat(64)}`;
const STREAM = "/api/v1/events";

/** What the browser says of a network or file that this test took away on purpose. */
const forgiven = (person) => (person.problems = person.problems.filter((problem) => !/net::ERR|Failed to (load|fetch)|dynamically imported/.test(problem)));
const unlockedIn = (page) => page.getByRole("heading", { name: "Welcome back" }).or(page.getByRole("link", { name: "Settings" })).first();

/** Comes by the link, keeps the kit as a file, and shows that file. */
async function joins(person) {
  await person.open(new URL(line).pathname + new URL(line).hash);
  await person.sees("invited you");
  await person.axe("invited");
  await person.picture("account-invited");
  await person.button("Start").click();
  const [download] = await Promise.all([person.page.waitForEvent("download"), person.button("Save as a file").click()]);
  const kit = await download.path();
  expect(/^recovery-kit-.*\.txt$/.test(download.suggestedFilename()), download.suggestedFilename());
  await person.page.locator('input[type="file"]').setInputFiles(kit);
  await finish(person);
  await person.sees("No tickets yet");
  expect(!person.page.url().includes("code="), "the code stands in the address no more");
  return kit;
}

async function writes(person, subject) {
  await person.page.getByRole("link", { name: "New ticket" }).click();
  await person.choose(/What is it about/, "Technical");
  await person.field("Subject").fill(subject);
  await person.field("What happened?").fill(`It burns: ${CANARY}`);
  await person.button("Seal and send").click();
}

const settings = (page) => page.getByRole("link", { name: "Settings" }).click();

async function device(page, hasPrf) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("WebAuthn.enable");
  const options = { protocol: "ctap2", ctap2Version: "ctap2_1", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true, hasPrf };
  const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", { options });
  return { remove: () => cdp.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId }), cdp, authenticatorId };
}

async function addsPasskey(person) {
  await person.button("Add a passkey").click();
  const dialog = person.page.getByRole("dialog");
  await dialog.getByLabel("Passphrase", { exact: true }).fill(PASSPHRASE);
  await dialog.getByRole("button", { name: "Make a passkey" }).click();
}

async function passkeys(person) {
  await settings(person.page);
  await person.sees("Add a passkey");
  await person.axe("settings");
  await person.picture("account-settings");
  const without = await device(person.page, false);
  await addsPasskey(person);
  await person.sees("This passkey cannot lock keys");
  await person.axe("a passkey that cannot");
  await person.page.keyboard.press("Escape");
  await without.remove();
  const phone = await device(person.page, true);
  await addsPasskey(person);
  await person.page.getByRole("button", { name: /^Remove passkey/ }).waitFor();
  await person.picture("account-passkey");
  await person.button("Use a passkey").click();
  await person.page.getByRole("list", { name: "Recovery phrase" }).waitFor();
  await person.button("Hide it").click();
  await person.button("Lock").click();
  await person.sees("Unlock with a passkey");
  await person.axe("locked with a passkey");
  await person.picture("account-locked");
  await person.button("Unlock with a passkey").click();
  await person.page.getByRole("link", { name: "Settings" }).waitFor();
  // A passkey that is deleted takes nothing along.
  await person.button("Lock").click();
  await person.sees("Unlock with a passkey");
  await phone.cdp.send("WebAuthn.clearCredentials", { authenticatorId: phone.authenticatorId });
  await person.button("Unlock with a passkey").click();
  await person.sees("No passkey was used");
  await person.field("Passphrase").fill(PASSPHRASE);
  await person.button("Unlock").click();
  await settings(person.page);
  await person.page.getByRole("button", { name: /^Remove passkey/ }).click();
  await person.page.getByRole("button", { name: /^Remove passkey/ }).waitFor({ state: "detached" });
  await phone.remove();
}

/** Five tabs have one stream, keep one key among them, and lock together. */
async function tabs(person, subject) {
  const streams = [];
  person.page.context().on("request", (request) => request.url().endsWith(STREAM) && streams.push(request.frame().page()));
  await person.reload();
  await person.page.getByRole("link", { name: "Settings" }).waitFor();
  const others = [];
  for (let n = 0; n < 4; n++) {
    const tab = await person.tab();
    await tab.getByLabel("Passphrase", { exact: true }).fill(PASSPHRASE);
    await tab.getByRole("button", { name: "Unlock", exact: true }).click();
    await tab.getByText(subject).first().waitFor();
    others.push(tab);
  }
  expect(streams.length === 1, `five tabs have one stream: ${streams.length}`);
  for (const tab of [person.page, others[1], others[3]]) {
    await tab.reload();
    await unlockedIn(tab).waitFor();
    await tab.getByRole("link", { name: "Settings" }).waitFor();
  }
  // The first of them reloaded, and another one listens; when that one is gone, the next does.
  const leader = streams.at(-1);
  const left = [person.page, ...others].filter((tab) => tab !== leader);
  const before = streams.length;
  const next = person.page.context().waitForEvent("request", (request) => request.url().endsWith(STREAM));
  await leader.close();
  await next;
  expect(streams.length === before + 1, "one tab takes over");
  person.page = left[0];
  for (const tab of left.slice(2)) await tab.close();
  await left[1].getByRole("button", { name: "Lock", exact: true }).click();
  await person.sees("Welcome back");
  await left[1].close();
  await person.field("Passphrase").fill(PASSPHRASE);
  await person.button("Unlock").click();
  await person.page.getByText(subject).first().click();
}

const forget = (page) =>
  page.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const request = indexedDB.deleteDatabase("sealdesk");
        request.onsuccess = resolve;
        request.onerror = reject;
      }),
  );

/** A link to another desk, a browser that needs room, and a network that goes and comes. */
async function losses(person) {
  await person.page.evaluate((hash) => (location.hash = hash), OTHER);
  await person.sees("This link leads to a different desk");
  await person.axe("another desk");
  await person.button("Try again").click();
  await person.page.getByRole("link", { name: "Settings" }).waitFor();

  await forget(person.page);
  await person.field("Your reply").fill("Still here.");
  await person.button("Send").click();
  await person.page.locator(".message", { hasText: "Still here." }).waitFor();
  await person.reload();
  await person.page.locator(".message", { hasText: "Still here." }).waitFor();

  await person.page.context().setOffline(true);
  await person.sees("Not connected");
  await person.page.context().setOffline(false);
  await person.page.getByText("Not connected").waitFor({ state: "detached" });

  // Neither the desk has it, nor what this browser keeps of the page; nor is the line there yet that says so of a page that has been open for a while.
  const assets = "**/assets/{Settings,Newer}-*.js";
  await person.page.context().route(assets, (route) => route.abort());
  await person.page.evaluate(() => caches.delete("sealdesk-page"));
  await person.reload();
  await settings(person.page);
  await person.sees("This page has stopped");
  await person.axe("stopped");
  await person.picture("account-stopped");
  await person.page.context().unroute(assets);
  forgiven(person);
  await person.button("Reload").click();
  await person.page.getByRole("heading", { name: "This browser" }).waitFor();

  await person.button("Lock").click();
  await person.sees("Welcome back");
  await forget(person.page);
  await person.field("Passphrase").fill(PASSPHRASE);
  await person.button("Unlock").click();
  await person.sees("Only they and you can read it");
}

/** Brings everything back by the file, and signs out. */
async function returns(person, kit, subject) {
  await person.button("I have a recovery phrase").click();
  await person.page.locator('input[type="file"]').setInputFiles(kit);
  await person.button("Continue").click();
  await choosePassphrase(person);
  // The file names the desk, whose words this person need not compare again.
  await person.page.getByText(subject).first().waitFor();
  await settings(person.page);
  await person.choose(/Colours/, "Dark");
  await person.picture("account-settings-dark");
  await person.button("Sign out").click();
  const answered = person.page.waitForResponse((response) => response.url().endsWith("/desk/sign-out"));
  await person.button("Sign out and remove").click();
  const cleared = (await (await answered).allHeaders())["clear-site-data"];
  await person.sees("Only they and you can read it");
  const kept = await person.page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
  expect(kept === "[{},{}]", `nothing is kept: ${kept}`);
  return cleared;
}

/** Somebody else has the phrase, too, and a key of theirs stands in its name: nothing else is shown before that is dealt with. */
async function warned(person) {
  await person.open();
  await person.button("I have a recovery phrase").click();
  await person.field("12 or 24 words").fill(stolen);
  await person.button("Continue").click();
  await choosePassphrase(person);
  await person.button("They match").click();
  await person.sees("Your account has a key that you did not make here");
  await person.axe("a key of somebody else's");
  await person.picture("account-stolen");
  await person.button("Revoke it").click();
  await person.sees("No tickets yet");
}

const carol = await Person.sit(origin, { name: "carol" });
const dave = await Person.sit(origin, { name: "dave", viewport: { width: 390, height: 844 } });
const erin = await Person.sit(origin, { name: "erin", locale: "en-GB", colorScheme: "dark" });
const people = [carol, dave, erin];
try {
  const subject = `Printer ${CANARY}`;
  const kit = await joins(carol);
  await writes(carol, subject);
  await carol.page.getByRole("heading", { name: subject }).waitFor();
  await passkeys(carol);
  await tabs(carol, subject);
  await losses(carol);
  const cleared = await returns(carol, kit, subject);
  expect(process.env.SEALDESK_PROXIED || cleared === '"storage"', `the node has the browser clear what it keeps: ${cleared}`);

  // Nobody invited dave: his browser works for the desk instead.
  await dave.open();
  await dave.button("Start").click();
  const phrase = await keepPhrase(dave);
  await dave.button("They match").click();
  await writes(dave, "Mouse");
  await dave.sees("each new browser to solve a puzzle once");
  await dave.picture("account-work");
  await dave.page.getByRole("heading", { name: "Mouse" }).waitFor();

  if (stolen !== undefined) await warned(erin);

  const secrets = [PASSPHRASE, CANARY, phrase, phraseIn(await readFile(kit, "utf8"))];
  const kept = [...(await carol.leave(secrets)), ...(await dave.leave(secrets)), ...(await erin.leave(stolen === undefined ? [] : [stolen]))];
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

/** The phrase in a kit. */
function phraseIn(text) {
  return text.split("\n").find((line) => /^([a-z]+ ){11}[a-z]+$/.test(line));
}
