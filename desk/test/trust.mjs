// The page that the program serves itself, before a node that serves another one: it works, and nothing of the node's runs.
//   node trust.mjs URL PROGRAM HOME   what `sealdesk desk` printed, the program, and the home of the desk
import { execFileSync } from "node:child_process";

import { expect, Person } from "./browser.mjs";
import { keepPhrase } from "./people.mjs";

const [url, program, home] = process.argv.slice(2);
const { origin, hash } = new URL(url);
/** How long after it was loaded a page has looked whether there is a newer one, in milliseconds. */
const LOOKS_MS = 8_000;

const customer = await Person.sit(origin, { name: "customer" });
try {
  // The link names the ledger: there are no words to compare.
  await customer.open(`/${hash}`);
  await customer.button("Start").click();
  await keepPhrase(customer);
  await customer.sees("No tickets yet");
  expect((await customer.page.title()) !== "ran", "no script of the node has run");

  await customer.page.getByRole("link", { name: "New ticket" }).click();
  await customer.choose(/What is it about/, "Technical");
  await customer.field("Subject").fill("The printer");
  await customer.field("What happened?").fill("It burns.");
  await customer.button("Seal and send").click();
  await customer.page.getByRole("heading", { name: "The printer" }).waitFor();

  // What happens on the ledger comes by itself.
  execFileSync(program, ["reply", "1", "Which model is it?", "--from", "admin"], {
    env: { ...process.env, SEALDESK_HOME: home, SEALDESK_KEYRING_BACKEND: "test" },
  });
  await customer.sees("Which model is it?");

  // Whatever page the node serves is none of this one's: the program's own is what is looked at.
  await customer.page.waitForTimeout(LOOKS_MS);
  expect((await customer.page.locator(".newer").count()) === 1, "the page has looked");
  expect((await customer.button("Load it").count()) === 0, "no page of the node's is said to be a newer one");

  // What the node says of its answers does not matter.
  const answer = await customer.expecting(/evil\.html/, async () => {
    const told = customer.page.waitForEvent("console", (line) => line.location().url.endsWith("/evil.html"));
    const headers = await customer.page.evaluate(async () => {
      const { headers } = await fetch("/evil.html");
      return [headers.get("content-type"), headers.get("content-security-policy")];
    });
    // The browser tells of it a moment later.
    await told;
    return headers;
  });
  expect(answer[0] === "application/octet-stream" && answer[1].includes("sandbox"), `an answer is data: ${answer}`);
  await customer.picture("desk-of-the-program");
} catch (error) {
  await customer.picture("trust-failed");
  throw error;
} finally {
  await customer.leave();
}
if (customer.problems.length > 0) throw new Error(customer.problems.join("\n"));
console.log("done");
