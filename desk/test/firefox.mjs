// The page in Debian's Firefox, by WebDriver BiDi: somebody who was never here makes an identity, compares the words, and writes a ticket
// that the program of the administrator opens.
import { expect, leaves, PATIENCE, until } from "./browser.mjs";
import { Desk } from "./desk.mjs";
import { fox } from "./fox.mjs";

const PASSPHRASE = "a passphrase for tests";
const desk = await Desk.start();
const browser = await fox();
const page = await browser.newPage();
page.setDefaultTimeout(PATIENCE);
const problems = [];
page.on("pageerror", (error) => problems.push(`error: ${error}`));
page.on("console", (line) => ["error", "warn"].includes(line.type()) && problems.push(`console: ${line.text()}`));
page.on("dialog", (dialog) => problems.push(`dialog: ${dialog.message()}`));
page.on("request", (request) => {
  const url = new URL(request.url());
  if (["http:", "https:"].includes(url.protocol) && url.origin !== desk.origin) problems.push(`asks ${url}`);
});
page.on("response", (response) => response.status() >= 400 && problems.push(`failed: ${response.url()}: ${response.status()}`));

const button = (name) => page.locator(`::-p-aria([name="${name}"][role="button"])`).click();
const fill = (name, text) => page.locator(`::-p-aria([name="${name}"][role="textbox"])`).fill(text);
const sees = (text) => page.waitForSelector(`::-p-text(${text})`);
const words = async (label) => {
  await page.waitForSelector(`ol[aria-label="${label}"]`);
  const shown = await page.$$eval(`ol[aria-label="${label}"] li`, (items) => items.map((item) => item.innerText));
  return shown.join(" ").toLowerCase();
};

try {
  await page.goto(desk.origin);
  await button("Start");
  const phrase = await words("Recovery phrase");
  expect(phrase.split(" ").length === 12, `twelve words: ${phrase}`);
  await button("I wrote them down");
  await fill("Show that you have them", phrase);
  await page.locator('input[type="password"]').fill(PASSPHRASE);
  await button("Finish");
  expect((await words("Words of this desk")) === desk.words, "the words of the desk");
  await button("They match");
  await sees("No tickets yet");
  await page.locator('a[href="/new"]').click();
  await page.locator("button.select-button").click();
  await page.locator('::-p-aria([name="Technical"][role="option"])').click();
  await fill("Subject", "Printed by a fox");
  await fill("What happened?", "It **burns** in Firefox, too.");
  await button("Seal and send");
  await page.waitForSelector(".message .said strong");
  const folder = process.env.SEALDESK_PICTURES;
  if (folder) await page.screenshot({ path: `${folder}/firefox.png` });
  await until("the administrator reads it", async () => {
    const { messages } = await desk.ask("read", "1", "--from", "admin");
    return messages[0].subject === "Printed by a fox" && messages[0].text === "It **burns** in Firefox, too.";
  });
  // What was typed and who is here survive a reload, as in Chromium.
  await leaves(page, () => page.reload());
  await page.waitForSelector(".message .said strong");
  expect(problems.length === 0, problems.join("\n"));
} catch (error) {
  const folder = process.env.SEALDESK_PICTURES;
  if (folder) await page.screenshot({ path: `${folder}/firefox-failed.png` }).catch(() => undefined);
  console.error(page.url(), problems, error);
  process.exitCode = 1;
}
await browser.close();
await desk.end();
if (process.exitCode !== 1) console.log("done");
