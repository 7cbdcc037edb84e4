// Files and search between a customer's browser, an administrator's browser, and the program at a terminal.
//   node files.mjs ORIGIN WORDS PHRASE [HOME]   the desk, its twelve words, the administrator's recovery phrase, and the folder in which the
//   program SEALDESK has their keys; without one the environment says where that is.
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { crc32, deflateSync } from "node:zlib";

import { expect, Person, until } from "./browser.mjs";
import { agree, bringPhrase, choosePassphrase, keepPhrase, PASSPHRASE, type } from "./people.mjs";

const [origin, words, phrase, home] = process.argv.slice(2);
const run = promisify(execFile);
const CANARY = "canary-file-51b8e0d4";
const SAID = "canary-said-9a02c7";

const folder = await mkdtemp(join(tmpdir(), "sealdesk-files-"));
const own = { PATH: process.env.PATH, HOME: home, SEALDESK_KEYRING_BACKEND: "test", SEALDESK_PATIENCE: "120" };
const terminal = (...args) => run(process.env.SEALDESK, [...args, "--output", "json"], { cwd: folder, env: home ? own : process.env });

/** A text of three pieces, of which every line is a secret. */
const REPORT = Buffer.from(Array.from({ length: 60_000 }, (_, n) => `${n} ${CANARY} what the machine said\n`).join(""));
const LOG = Buffer.from(`${CANARY}-from-the-terminal\n`.repeat(1_000));

/** A picture of one colour. */
function png(width, height, [red, green, blue]) {
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const line = Buffer.from([0, ...Array.from({ length: width }, () => [red, green, blue]).flat()]);
  const dots = deflateSync(Buffer.concat(Array.from({ length: height }, () => line)));
  return Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]), chunk("IHDR", head), chunk("IDAT", dots), chunk("IEND", Buffer.alloc(0))]);
}


const DRAWN = png(640, 400, [200, 60, 40]);
const SVG = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" onload="alert(1)"><script>alert(1)</script></svg>');

async function begin(person) {
  await person.open();
  await person.button("Start").click();
  await keepPhrase(person);
  await agree(person, words);
}

async function restore(person) {
  await person.open();
  await bringPhrase(person, phrase);
  await choosePassphrase(person);
  await agree(person, words);
}

/** Drops or pastes files on the form of a page, as a person does from elsewhere. */
async function give(person, how, files) {
  const list = files.map(({ name, mimeType, buffer }) => ({ name, type: mimeType, base64: buffer.toString("base64") }));
  await person.page.locator("form").last().evaluate(
    (form, { how, list }) => {
      const transfer = new DataTransfer();
      for (const { name, type, base64 } of list) {
        transfer.items.add(new File([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], name, { type }));
      }
      if (how === "paste") {
        form.dispatchEvent(new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true }));
        return;
      }
      for (const type of ["dragover", "drop"]) form.dispatchEvent(new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true }));
    },
    { how, list },
  );
}

/** Presses what saves a file, and gives the bytes that the browser was given. */
async function saved(person, name) {
  const download = person.page.waitForEvent("download");
  await person.button(`Save ${name}`).first().click();
  const given = await download;
  expect(given.suggestedFilename() === name, `saved as ${given.suggestedFilename()}`);
  return readFile(await given.path());
}

async function write(person) {
  await person.page.getByRole("link", { name: "New ticket" }).click();
  await person.choose(/What is it about/, "Technical");
  await person.field("Subject").fill("Der Drücker brennt");
  await person.field("What happened?").fill(`Seit heute früh, ${SAID}.`);
  await person.sees(/Up to 16 files, each up to 2/);
  await person.page.locator("input[type=file]").setInputFiles([
    { name: "report\u202Egpj.txt", mimeType: "text/plain", buffer: REPORT },
    { name: "screen.png", mimeType: "image/png", buffer: DRAWN },
    { name: "photo.png", mimeType: "image/png", buffer: SVG },
    { name: "not-this-one.txt", mimeType: "text/plain", buffer: Buffer.from("no") },
    { name: "film.mp4", mimeType: "video/mp4", buffer: Buffer.alloc(27 * 1024 * 1024) },
  ]);
  await person.sees("is not attached: it is larger than 25");
  await person.axe("files chosen and refused");
  await person.picture("files-chosen");
  await person.button("OK").click();
  await person.button("Remove not-this-one.txt").click();
  expect((await person.page.getByRole("list", { name: "Attached files" }).getByRole("listitem").count()) === 3, "three files are chosen");
  await person.button("Seal and send").click();
  await person.page.getByRole("heading", { name: "Der Drücker brennt" }).waitFor();
}

async function look(person) {
  await person.page.locator("canvas").first().waitFor();
  const [width, height] = await person.page.locator("canvas").first().evaluate(({ width, height }) => [width, height]);
  expect(width === 640 && height === 400, `the picture is drawn: ${width} × ${height}`);
  // What calls itself a picture and is a drawing with a script is neither drawn nor run.
  await person.sees("web page or drawing, which can run scripts");
  expect((await person.page.locator("canvas").count()) === 1, "nothing else is drawn");
  // Files come after their message, and the picture after that: whoever was at the end of the conversation still is.
  const below = () => person.page.locator(".messages").evaluate(({ scrollHeight, scrollTop, clientHeight }) => scrollHeight - scrollTop - clientHeight);
  await until("the end of the conversation is in sight", async () => (await below()) < 64);
  expect((await person.page.locator("img, object, iframe, embed").count()) === 0, "no element opens a file of others");
  await person.axe("files of a message");
  await person.picture(`${person.name}-files`);
}

/** Looks for something, and gives the results' texts. */
async function search(person, text, said) {
  await person.field("Search tickets").fill(text);
  await person.page.getByRole("status").filter({ hasText: said }).first().waitFor();
  return person.page.locator(".ticket.found").allInnerTexts();
}

/** What the page says where pieces do not come as they were sealed, or take their time. */
async function broken(person) {
  const { page } = person;
  const report = person.button("Save report_gpj.txt");
  await page.route("**/blobs/*", async (route) => {
    const answer = await route.fetch();
    const body = await answer.body();
    body[body.length >> 1] ^= 1;
    await route.fulfill({ response: answer, body });
  });
  await report.click();
  await person.sees("The desk sent something other than this file");
  await page.unrouteAll({ behavior: "wait" });
  await page.route("**/blobs/*", (route) => route.fulfill({ status: 404, json: { detail: "this node does not have that piece of a file" } }));
  await report.click();
  await person.sees("The desk does not have piece 1 of 3 of this file.");
  await person.picture(`${person.name}-missing`);
  // Some browsers write down each answer of this kind by themselves.
  const told = person.problems.splice(0);
  expect(told.every((problem) => problem.includes("404")), `only the missing piece is a problem: ${told}`);
  await page.unrouteAll({ behavior: "wait" });
  const held = [];
  await page.route("**/blobs/*", (route) => held.push(route));
  await report.click();
  await person.button("Stop").click();
  await report.waitFor();
  await page.unrouteAll({ behavior: "ignoreErrors" });
}

/** Somebody stops files on their way, keeps them, and sends them all the same. */
async function stopped(person) {
  const { page } = person;
  await page.route("**/blobs/*", () => undefined);
  await person.button("Send").click();
  await person.sees("Sealing and uploading the files");
  await person.axe("files on their way");
  await person.picture(`${person.name}-on-their-way`);
  await person.button("Stop").click();
  await page.unrouteAll({ behavior: "ignoreErrors" });
  await person.button("Remove manual.pdf").waitFor();
  await person.button("Send").click();
}

async function searching(person) {
  const found = await search(person, "drucker FRUH", "1 ticket has these words");
  expect(found.length === 1 && found[0].includes("Der Drücker brennt"), `found: ${found}`);
  const marks = await person.page.locator(".ticket.found mark").allInnerTexts();
  expect(marks.join() === "Drücker,früh", `marked: ${marks}`);
  await person.sees("Not searched:");
  await person.axe("search");
  await person.picture(`${person.name}-search`);
  expect((await search(person, "drucker nowhere", "Nothing has all of these words")).length === 0, "nothing is found where a word is missing");
  await person.axe("search without results");
  await person.picture(`${person.name}-search-nothing`);
}

/** Filters narrow a search, by typing and by pressing; what names nothing is said. */
async function filtering(person) {
  const group = person.page.getByRole("group", { name: "Narrow the search" });
  const results = async (said) => (await search(person, await person.field("Search tickets").inputValue(), said)).length;
  const field = person.field("Search tickets");
  await field.fill("dr");
  await group.getByRole("button", { name: "status:" }).click();
  expect((await field.inputValue()) === "dr status:" && (await field.evaluate((node) => node === document.activeElement)), "a button writes, and who types goes on typing");
  await field.press("r");
  await field.press("e");
  await group.getByRole("button", { name: "resolved" }).waitFor();
  await person.axe("a search that is being narrowed");
  await person.picture(`${person.name}-search-filters`);
  await group.getByRole("button", { name: "resolved" }).click();
  expect((await field.inputValue()) === "dr status:resolved ", "what was begun is written whole");
  expect((await results("No tickets found")) === 0, "no ticket is resolved");
  await field.fill("-status:resolved has:files");
  expect((await results("1 ticket found")) === 1, "a ticket is found without a word of it");
  await field.fill("drücker before:2001");
  expect((await results("No tickets found")) === 0, "none was changed before");
  await field.fill("drücker status:opne");
  await person.sees("“status:opne” is ignored: nothing here has that name.");
  expect((await results("1 ticket has these words")) === 1, "and the rest is searched");
  await person.axe("a filter that names nothing");
  await person.picture(`${person.name}-search-wrong`);
}

const customer = await Person.sit(origin, { name: "customer", viewport: { width: 390, height: 844 } });
const agent = await Person.sit(origin, { name: "agent" });
const people = [customer, agent];
try {
  await begin(customer);
  await write(customer);
  await look(customer);
  const name = "report_gpj.txt";
  expect((await saved(customer, name)).equals(REPORT), "the customer saves what they attached");
  await broken(customer);

  await restore(agent);
  await agent.page.getByText("Der Drücker brennt").first().click();
  await look(agent);
  expect((await saved(agent, name)).equals(REPORT), "the agent saves the same bytes");
  await agent.button("Assign").click();
  await agent.pick("Me");
  await agent.sees("took it");

  // By dropping and by pasting, and without a word.
  await give(agent, "drop", [{ name: "manual.pdf", mimeType: "application/pdf", buffer: Buffer.from(`%PDF-1.4 ${CANARY}`) }]);
  await give(agent, "paste", [{ name: "image.png", mimeType: "image/png", buffer: png(20, 20, [1, 2, 3]) }]);
  await agent.page.getByRole("list", { name: "Attached files" }).getByText("image.png").waitFor();
  await agent.picture("agent-attached");
  // Whoever loads the page again hears that a draft has lost its files.
  await type(agent, "Your reply", "See the manual.");
  await agent.reload();
  await agent.sees("its files are not");
  await until("the text of the draft is there", async () => (await agent.field("Your reply").inputValue()) === "See the manual.");
  await agent.picture("agent-lost");
  await give(agent, "drop", [{ name: "manual.pdf", mimeType: "application/pdf", buffer: Buffer.from(`%PDF-1.4 ${CANARY}`) }]);
  await agent.page.getByRole("list", { name: "Attached files" }).getByText("manual.pdf").waitFor();
  await agent.axe("a reply with files");
  await stopped(agent);
  await customer.sees("See the manual.");
  await customer.sees("PDF document");

  // The program opens what the page has sealed.
  await terminal("save", "1", "1", "-o", "report.txt", "--from", "admin");
  expect((await readFile(join(folder, "report.txt"))).equals(REPORT), "the program saves what the page has sealed");
  await terminal("save", "1", "4", "-o", "manual.pdf", "--from", "admin");
  // And the page what the program has.
  await writeFile(join(folder, "machine.log"), LOG);
  await terminal("tx", "support", "respond", "1", "--message", "From the terminal.", "--attach", "machine.log", "--from", "admin");
  await customer.sees("From the terminal.");
  expect((await saved(customer, "machine.log")).equals(LOG), "the customer saves what the program has sealed");

  await searching(agent);
  await filtering(agent);
  await agent.field("Search tickets").fill("terminal");
  await agent.page.locator(".ticket.found").filter({ hasText: "From the terminal." }).click();
  await agent.page.getByRole("heading", { name: "Der Drücker brennt" }).waitFor();
  await agent.button("Clear").click();
  // The view that was chosen first is kept, and what was taken stands in another one by now.
  await agent.page.getByRole("navigation", { name: "Views" }).getByRole("button", { name: /^Mine/ }).click();
  await agent.page.getByRole("gridcell").or(agent.page.getByRole("row")).first().waitFor();
  await customer.page.getByRole("link", { name: "Back to the list" }).click();
  await searching(customer);
  await filtering(customer);

  for (const person of people) {
    await person.button("Lock").click();
    await person.sees("Welcome back");
    expect(!(await person.page.content()).includes(SAID), "nothing that was opened stays in a locked page");
  }
  const kept = [];
  for (const person of people) kept.push(...(await person.leave([CANARY, SAID, "Drücker", "fruh", PASSPHRASE])));
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
  process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
process.exit();
