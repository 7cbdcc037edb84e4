// An agent's queue: views, rows that hold still, keys, unread marks, a selection and what is done with it, a view of one's own.
//   node queue.mjs ORIGIN WORDS PHRASE PROGRAM HOME   the desk as in first.mjs, the program, and its home
import { execFile } from "node:child_process";
import { promisify } from "node:util";

import { expect, Person, until } from "./browser.mjs";
import { agree, bringPhrase, choosePassphrase, PASSPHRASE } from "./people.mjs";

const [origin, words, phrase, exe = process.env.SEALDESK, home = process.env.SEALDESK_HOME] = process.argv.slice(2);
const CANARY = "canary-91d2-thyme";
const run = promisify(execFile);
const program = (...args) => run(exe, args, { env: { ...process.env, SEALDESK_HOME: home, SEALDESK_KEYRING_BACKEND: "test" } });

/** What one device has seen, another one knows: by a document of their own that only they can open. */
async function otherDevice() {
  await page.evaluate(() => {
    Object.defineProperty(document, "visibilityState", { configurable: true, get: () => "hidden" });
    document.dispatchEvent(new Event("visibilitychange"));
    delete document.visibilityState;
  });
  await until("marks are on the ledger", async () => (await program("documents", "list", "own", "--from", "admin")).stdout.includes("read-marks"));
  const other = await Person.sit(origin, { name: "other", viewport: { width: 390, height: 844 }, colorScheme: "dark" });
  await restore(other);
  await other.sees(`Printer on fire ${CANARY}`);
  await until("the other device knows what was read", async () => (await other.page.locator(".line.unread").count()) === 3);
  await other.axe("queue on a phone, dark");
  await other.picture("queue-phone");
  // Views are made on a phone, too.
  await other.choose(/View/, "Make a view");
  await other.field("Name").waitFor();
  await other.picture("queue-phone-view");
  await other.button("Cancel").click();
  await other.page.getByRole("dialog").waitFor({ state: "detached" });
  await other.page.getByRole("checkbox").first().click();
  await other.picture("queue-phone-selected");
  await other.axe("selection on a phone, dark");
  // A ticket that is open has the list's place: keys are about it, and not about what is selected behind it.
  await other.page.locator(".line .target").first().click();
  await other.page.locator(".head .actions").getByRole("button", { name: "Assign" }).waitFor();
  await other.page.keyboard.press("a");
  await other.page.locator(".dialog h2", { hasText: "Who takes it?" }).waitFor();
  await other.escape();
  expect((await other.leave([CANARY])).length === 0, "nothing is in clear on the other device");
  expect(other.problems.length === 0, other.problems.join("\n"));
}

async function restore(person) {
  await person.open();
  await bringPhrase(person, phrase);
  await choosePassphrase(person);
  await agree(person, words);
}

async function write(who, subject, priority = "normal") {
  await program("new", "--from", who, "--category", "technical", "--priority", priority, "--subject", `${subject} ${CANARY}`, `Text of ${subject}.`);
}

const shownView = (name) => page.getByRole("heading", { name: new RegExp(`^${name}`) }).waitFor();
const inAddress = (view) => until(`the address names ${view}`, () => new URL(page.url()).searchParams.get("view") === view);
/** Nothing is ever in front of somebody that no key leads out of. */
const focused = () => until("something has the focus", () => page.evaluate(() => document.activeElement !== document.body));

/** What was found stands in the place of the list: keys are about it, and about nothing that is not to be seen. It ends with Esc, and by going to a view. */
async function searches() {
  const field = page.getByRole("searchbox", { name: "Search tickets" });
  const found = page.locator("a.found");
  const looksFor = async (words, count) => {
    await key("/");
    await page.keyboard.insertText(words);
    await until(`${words}: ${count}`, async () => (await found.count()) === count && (await found.locator("mark").count()) > 0);
    await key("ArrowDown");
    await page.locator("a.found:focus").waitFor();
  };
  const ended = async () => {
    await until("the search is over", async () => (await field.inputValue()) === "" && (await found.count()) === 0);
    await rows().first().waitFor();
  };
  await key("j");
  await key("x");
  await agent.sees("1 selected");
  await looksFor("Text of", 4);
  // The selection is behind it, and so are all other rows.
  for (const one of ["j", "x", "Shift+J", "a", "e", "s"]) await key(one);
  expect((await page.getByRole("dialog").count()) === 0 && (await page.getByRole("region", { name: "Selection" }).count()) === 0, "nothing is done with what is not to be seen");
  await key("j");
  const third = await found.nth(2).locator("span.numbers").innerText();
  expect(await found.nth(2).evaluate((link) => link === document.activeElement), "J goes from result to result");
  await agent.picture("queue-found");
  await key("Enter");
  await page.locator(".head .numbers", { hasText: third }).waitFor();
  await key("k");
  const second = await found.nth(1).locator("span.numbers").innerText();
  await page.locator(".head .numbers", { hasText: second }).waitFor();
  // What is in front of somebody is what is asked about.
  await page.locator(".head .actions").getByRole("button", { name: "Assign" }).waitFor();
  await key("x");
  await key("a");
  await page.locator(".dialog h2", { hasText: "Who takes it?" }).waitFor();
  await agent.escape();
  // Esc ends it, and stays in the ticket; what was selected is selected.
  await page.locator(".messages").click();
  await key("Escape");
  await ended();
  await agent.sees("1 selected");
  await page.locator(".head .numbers", { hasText: second }).waitFor();
  await key("Escape");
  await key("Escape");
  await agent.sees("Choose a ticket to read it.");
  // So does a view, by key and by pointer.
  await looksFor("Invoice", 1);
  await key("g");
  await key("u");
  await ended();
  await looksFor("Invoice", 1);
  await view(/^Unassigned/).click();
  await ended();
  await shownView("Unassigned");
}

/** Shift with J and K selects what lies between. */
async function stretches() {
  await key("j");
  await key("Shift+J");
  await agent.sees("2 selected");
  await key("Shift+J");
  await agent.sees("3 selected");
  await key("Shift+K");
  await agent.sees("2 selected");
  await key("Escape");
  await until("nothing is selected", async () => (await page.getByText("selected").count()) === 0);
}

/** Each view has an address: after a reload, with the browser's Back, as a bookmark, and with a ticket open beside it. */
async function addresses() {
  await view(/^Unassigned/).click();
  await inAddress("unassigned");
  await view(/Waiting for the customer/).click();
  await inAddress("waiting");
  await agent.reload();
  await shownView("Waiting for the customer");
  await key("g");
  await key("p");
  await shownView("Open by priority");
  await inAddress("priority");
  await rows().nth(1).locator(".target").click();
  await page.locator(".head .numbers").first().waitFor();
  await inAddress("priority");
  expect((await rows().first().locator(".target").getAttribute("href")).endsWith("?view=priority"), "also in a tab of its own");
  await page.goBack();
  await agent.sees("Choose a ticket to read it.");
  await shownView("Open by priority");
  await page.goBack();
  await shownView("Waiting for the customer");
  await page.goForward();
  await shownView("Open by priority");
  // A link to the tickets leads to the view that was shown last.
  await page.getByRole("link", { name: "Settings" }).click();
  await page.getByRole("heading", { name: "Settings" }).waitFor();
  await page.getByRole("link", { name: "Support" }).click();
  await shownView("Open by priority");
  await inAddress("priority");
  await agent.open("/?view=closed");
  await shownView("Closed");
  await agent.open("/?view=nothing-of-the-kind");
  // No other view takes its place, and the address stays.
  await agent.sees("This link leads to a view that is not here");
  await inAddress("nothing-of-the-kind");
  await view(/^Unassigned/).click();
  await shownView("Unassigned");
}

/** What is marked as unread stays so, whatever one does in it oneself. */
async function unreadStays() {
  const id = await page.locator(".head .numbers").first().innerText();
  const isUnread = page.locator(".line.unread").filter({ has: page.locator(`.target[href*="${id}"]`) });
  await key("u");
  await isUnread.waitFor();
  await program("note", String(Number(id.slice(4))), "--message", `By myself ${CANARY}`, "--from", "admin");
  await page.locator(".message", { hasText: "By myself" }).waitFor();
  await page.waitForTimeout(500);
  expect((await isUnread.count()) === 1, "one's own act takes no mark away");
  await key("u");
  await isUnread.waitFor({ state: "detached" });
}

/** Whatever goes gives the focus back: to what had it, or to the list where that is gone, and where nothing had it. */
async function focusStays() {
  await rows().nth(1).locator(".target").click();
  await page.locator(".head .actions").getByRole("button", { name: "Put aside" }).waitFor();
  await page.locator(".messages").click();
  await key("Control+k");
  await page.getByRole("dialog").getByRole("searchbox").waitFor();
  await key("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await focused();
  await page.locator(".messages").click();
  await key("s");
  await page.getByRole("dialog").getByRole("button", { name: /Tomorrow morning/ }).focus();
  await key("Enter");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await focused();
  await key("z");
  await until("nothing waits", async () => (await page.getByRole("list", { name: "Not sent yet" }).count()) === 0);
  await unreadStays();
  await key("r");
  await page.keyboard.insertText("Taken back");
  await agent.button("Send").click();
  await page.getByRole("list", { name: "Not sent yet" }).waitFor();
  await until("the field has the focus that its button had", () => agent.field("Your reply").evaluate((field) => field === document.activeElement));
  await key("z");
  await until("the composer has it again", () => agent.field("Your reply").evaluate((field) => field === document.activeElement && !field.readOnly));
  await agent.field("Your reply").fill("");
  await key("Escape");
  await focused();
  await key("Escape");
  await agent.sees("Choose a ticket to read it.");
}

/** How many tickets a desk of years has. */
const MANY = 27_000;

/**
 * The same page with that many tickets. The real program makes some twenty a second, so that these come from a stand-in for what the worker
 * answers about the queue, page by page as the real one does; everything else is the real worker. No text is opened by it.
 */
function standIn(many) {
  const Real = globalThis.Worker;
  const PAGE = 100;
  const named = (number) => `TKT-${String(number).padStart(8, "0")}`;
  const ticket = (number, status) => ({
    ticket_id: named(number), customer_address: `virtengine1customer${number % 997}`, provider_address: "", status, priority: ["low", "normal", "high", "urgent"][number % 4],
    category: "technical", assigned_to: "", collaborators: [], previous_customers: [], response_count: 1, created_at: "2026-01-01T00:00:00Z",
    updated_at: new Date(Date.UTC(2026, 0, 1) + number * 60_000).toISOString().replace(".000Z", "Z"), resolved_at: null, closed_at: null, resolution_ref: "", snoozed_until: null,
  });
  // Of 27,000 some 2,000 are unfinished.
  const unfinished = Math.floor(many / 13);
  const lists = { all: [1, unfinished, "open"], resolved: [unfinished + 1, unfinished + 100, "resolved"], closed: [unfinished + 101, many, "closed"] };
  const page = (list, [cursor = 0]) => {
    const [first, last, status] = lists[list];
    const from = first + cursor * PAGE;
    const tickets = Array.from({ length: Math.max(0, Math.min(PAGE, last - from + 1)) }, (_, n) => ticket(from + n, status));
    return { tickets, about: {}, next: from + PAGE <= last ? [cursor + 1] : [], ticket_count: many };
  };
  const answers = {
    queueRole: () => ({ role: "administrator", active: true, takes: false }),
    queuePage: ([list, cursor]) => page(list, cursor),
    queueTickets: ([ids]) => ({ tickets: ids.map((id) => ticket(Number(id.slice(4)), "open")), about: {}, next: [], ticket_count: many }),
    summary: ([id]) => ({ subject: `About ${id}`, latest: "It does not work.", latestAuthor: null, latestIsNote: false, tags: [], lastSaid: null }),
  };
  globalThis.Worker = class extends Real {
    postMessage(question) {
      const answer = answers[question.method];
      if (!answer) return super.postMessage(question);
      setTimeout(() => this.onmessage({ data: { id: question.id, value: answer(question.args) } }));
    }
  };
  globalThis.longest = 0;
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) globalThis.longest = Math.max(globalThis.longest, duration);
  }).observe({ type: "longtask" });
}

async function scale() {
  await page.addInitScript(standIn, MANY);
  const begun = Date.now();
  await agent.reload();
  await page.getByRole("progressbar", { name: /of 27,000 tickets/ }).waitFor();
  await until("all is there", async () => (await page.locator(".filling").count()) === 0);
  const filled = Date.now() - begun;
  await view(/Closed/).click();
  expect((await count("Closed")) > 24_000, "closed ones are counted");
  await agent.sees(`About TKT-000${MANY}`);
  const list = page.locator(".rows");
  await page.evaluate(() => (globalThis.longest = 0));
  const rounds = 40;
  const scrolled = await list.evaluate(async (rows, rounds) => {
    const frame = () => new Promise(requestAnimationFrame);
    const begun = performance.now();
    for (let n = 0; n < rounds; n++) {
      rows.scrollTop = ((n + 1) / rounds) * (rows.scrollHeight - rows.clientHeight);
      await frame();
    }
    return performance.now() - begun;
  }, rounds);
  await agent.sees("About TKT-00002178");
  expect((await rows().count()) < 60, "only rows on the screen are drawn");
  await agent.picture("queue-27000");
  // From the end of the list by keys, and everything is selected with one press.
  await key("End");
  await rows().last().getByRole("checkbox").click();
  await page.getByRole("button", { name: /^Select all / }).click();
  await agent.sees(/^24[,.]?\d+ selected/);
  await agent.axe("27,000 tickets");
  await key("Escape");
  const longest = await page.evaluate(() => globalThis.longest);
  console.log(`${MANY} tickets: filled in ${filled} ms, ${rounds} screens in ${Math.round(scrolled)} ms, longest task ${Math.round(longest)} ms`);
}

const agent = await Person.sit(origin, { name: "agent" });
const { page } = agent;
const rows = () => page.getByRole("row").filter({ has: page.getByRole("checkbox") });
const view = (name) => page.getByRole("navigation", { name: "Views" }).getByRole("button", { name });
const count = async (name) => Number((await view(name).locator(".numbers").innerText()).replace(/\D/g, ""));
const key = (name) => page.keyboard.press(name);

try {
  for (const name of ["anna", "bert", "cleo", "dora"]) await program("keys", "add", name);
  await write("anna", "Printer on fire", "urgent");
  await write("bert", "Invoice wrong");
  await write("cleo", "No mail", "high");
  await restore(agent);

  // What nobody has stands first, the most urgent at the top, and all of it is unread.
  await page.getByRole("heading", { name: /^Unassigned/ }).waitFor();
  await agent.sees(`Printer on fire ${CANARY}`);
  await until("three rows", async () => (await rows().count()) === 3);
  await until("the most urgent is first", async () => (await rows().first().innerText()).includes("Printer on fire"));
  await until("the counts are live", async () => (await count("Unassigned")) === 3 && (await count("Mine")) === 0);
  await until("all is unread", async () => (await page.locator(".line.unread").count()) === 3);
  await agent.axe("queue");
  await agent.picture("queue");

  // Keys walk, open, and leave; what was open is read, and can be marked again.
  await key("j");
  await key("j");
  await page.locator(".line.cursor", { hasText: "No mail" }).waitFor();
  await key("Enter");
  await page.getByRole("heading", { name: `No mail ${CANARY}` }).waitFor();
  await until("one is read", async () => (await page.locator(".line.unread").count()) === 2);
  await key("u");
  await until("and unread again", async () => (await page.locator(".line.unread").count()) === 3);
  await key("u");
  await agent.picture("queue-open");
  await key("Escape");
  await agent.sees("Choose a ticket to read it.");

  // Nothing moves under the pointer: what is new says so above, and comes when it is asked for.
  await rows().nth(1).hover();
  const place = await rows().first().boundingBox();
  await write("dora", "Roof leaks", "urgent");
  await agent.sees("1 new ticket");
  expect((await rows().count()) === 3, "no row came");
  expect((await rows().first().boundingBox()).y === place.y, "no row moved");
  await until("but it is counted", async () => (await count("Unassigned")) === 4);
  await agent.picture("queue-new");
  await key(".");
  await until("four rows", async () => (await rows().count()) === 4);

  await otherDevice();
  await searches();
  await stretches();
  await key("End");

  // A selection, by key, box and range; one act with all of it.
  await key("j");
  await key("x");
  await rows().nth(1).locator(".target").click({ modifiers: ["Shift"] });
  await agent.sees("3 selected");
  await agent.axe("selection");
  await agent.picture("queue-selected");
  await key("a");
  await agent.pick("Me");
  await page.getByRole("listbox").waitFor({ state: "detached" });
  await agent.axe("assign many");
  await page.getByRole("dialog").getByRole("button", { name: "Assign 3 tickets" }).click();
  await agent.sees("3 tickets are done, proven by the ledger.");
  await agent.picture("queue-done");
  await key("Enter");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await focused();
  await until("three are mine", async () => (await count("Mine")) === 3);
  await addresses();

  // What is refused is told for each ticket, with the reason, and stays selected.
  await key("g");
  await key("m");
  await page.getByRole("heading", { name: /^Mine/ }).waitFor();
  await until("my three", async () => (await rows().count()) === 3);
  await page.getByRole("checkbox").first().click();
  // With something selected the list holds still, whatever happens to what is in it.
  await program("resolve", "2", "--from", "admin");
  await agent.sees("no longer here");
  await page.getByRole("button", { name: /^Select all / }).click();
  await page.getByRole("region", { name: "Selection" }).getByRole("button", { name: "Start" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Start work on 3 tickets" }).click();
  await page.getByRole("dialog").getByText(/not changed/).waitFor();
  await agent.axe("result");
  await agent.picture("queue-refused");
  await page.getByRole("dialog").getByRole("button", { name: "Close" }).click();
  await agent.sees("1 selected");
  await key("Escape");
  await until("nothing is selected", async () => (await page.getByText("selected").count()) === 0);

  // Tags go to what has them not yet, and a view finds what is sealed.
  await page.getByRole("checkbox").first().click();
  await page.getByRole("region", { name: "Selection" }).getByRole("button", { name: "Tag" }).click();
  await page.getByRole("dialog").getByLabel("Tags, separated by commas").fill("refund, vip");
  await page.getByRole("dialog").getByRole("button", { name: "Tag 1 ticket" }).click();
  await agent.sees("1 ticket is done, proven by the ledger.");
  await page.getByRole("dialog").getByRole("button", { name: "Close" }).click();
  await page.locator(".line .tag", { hasText: "refund" }).waitFor();

  await focusStays();

  // What is resolved goes on to the next ticket, and can still be taken back from there.
  await rows().first().locator(".target").click();
  const first = await page.locator(".head .numbers").first().innerText();
  const second = (await rows().nth(1).locator(".target").getAttribute("href")).split(/[/?]/).at(-2);
  await page.locator(".head .actions").getByRole("button", { name: "Resolve" }).waitFor();
  await key("e");
  await page.getByRole("dialog").getByRole("button", { name: "Resolve this ticket" }).click();
  await page.locator(".head .numbers", { hasText: second }).waitFor();
  await agent.sees(`Resolving ${first}`);
  await agent.picture("queue-went-on");
  await until("the row of that one has the focus", () => page.evaluate((id) => document.activeElement?.getAttribute("href")?.includes(id) ?? false, second));
  await key("z");
  await until("nothing waits", async () => (await page.getByText(`Resolving ${first}`).count()) === 0);

  // J and then an act at once is about the ticket that J led to, which is opened first; the dialog says which.
  await rows().first().locator(".target").click();
  await page.locator(".head .numbers", { hasText: first }).waitFor();
  await page.locator(".head .actions").getByRole("button", { name: "Put aside" }).waitFor();
  await key("j");
  await key("s");
  await page.getByRole("dialog").getByText(second).waitFor();
  await page.locator(".head .numbers", { hasText: second }).waitFor();
  await key("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });

  // A ticket's number in the palette is that ticket, and keys are about it from then on.
  await key("Control+k");
  await page.getByRole("dialog").getByRole("searchbox").fill(first.replace("TKT-0", "tkt-"));
  await page.getByRole("dialog").getByRole("menuitem", { name: `Open ${first}` }).waitFor();
  await key("Enter");
  await page.locator(".head .numbers", { hasText: first }).waitFor();
  await page.locator(`.line.cursor .target[href*="${first}"]`).waitFor();
  await key("Escape");

  // In a view of one state no row says it.
  await view(/Resolved/).click();
  await until("one is resolved", async () => (await rows().count()) === 1);
  expect((await rows().first().locator(".tag", { hasText: "resolved" }).count()) === 0, "the view's name says it");
  await view(/^Mine/).click();

  // A view of one's own stays after a reload, and one of the team's is on the ledger.
  for (const [name, forWhom] of [["Fires", /For me/], ["Leaks", /For the team/]]) {
    await agent.button("Make a view").click();
    if (name === "Leaks") await agent.button("A new view").click();
    await agent.field("Name").fill(name);
    await page.getByRole("button", { name: /For whom/ }).click();
    await page.getByRole("option", { name: forWhom }).click();
    await page.getByRole("group", { name: "Priority" }).getByLabel("urgent").check();
    // For some seconds after a dialog is gone, React Aria's announcer still names a choice of it: looked at before there is such a one.
    if (name === "Fires") await agent.axe("a new view");
    await agent.picture(`queue-view-${name}`);
    await agent.button("Save the view").click();
    await page.getByRole("heading", { name: new RegExp(`^${name}`) }).waitFor();
  }
  await agent.reload();
  await view(/Fires/).waitFor();
  await view(/Leaks/).waitFor();
  // It is shown, and by its address, too.
  await shownView("Leaks");
  await view(/Fires/).click();
  await until("views of one's own have an address", () => /^own-[0-9a-f-]{36}$/.test(new URL(page.url()).searchParams.get("view") ?? ""));
  await agent.reload();
  await shownView("Fires");
  await agent.button("Make a view").click();
  await agent.picture("queue-views");
  await agent.axe("views");
  await agent.button("Remove Fires").click();
  await until("it is gone", async () => (await page.getByRole("button", { name: "Remove Fires" }).count()) === 0);
  await key("Escape");

  // Each view says what it is for where it is empty, and keys are off where one turns them off.
  await key("g");
  await key("s");
  await agent.sees("Nothing is put aside.");
  await agent.picture("queue-empty");
  await key("Control+k");
  await page.getByRole("dialog").getByRole("searchbox").fill("settings");
  await key("Enter");
  await page.getByRole("heading", { name: "Settings" }).waitFor();
  await page.getByText("Single-key shortcuts").click();
  await agent.choose(/Lists/, "Compact: more tickets at once");
  await agent.axe("settings");
  await agent.picture("queue-settings");
  await page.getByRole("heading", { name: "Settings" }).click();
  await key("?");
  expect((await page.getByRole("dialog").count()) === 0, "a single key does nothing now");
  await page.getByRole("link", { name: "Support" }).click();
  await view(/Open by priority/).click();
  await until("three are open", async () => (await rows().count()) === 3);
  expect(Math.round((await rows().first().boundingBox()).height) === 44, "compact rows");
  await agent.axe("compact");
  await agent.picture("queue-compact");

  await scale();

  const kept = await agent.leave([CANARY, phrase, PASSPHRASE, "Fires"]);
  expect(kept.length === 0, `nothing is in clear on a disk: ${kept}`);
  expect(agent.problems.length === 0, agent.problems.join("\n"));
  console.log("done");
} catch (error) {
  await agent.picture("queue-failed").catch(() => undefined);
  console.error(page.url(), agent.problems, error);
  process.exit(1);
}
