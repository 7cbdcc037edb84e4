// One customer with five tabs. Three of them write at once, at random: nothing is lost, and nothing is there twice. What is typed survives a
// reload at every step; a browser that throws away what it keeps, or loses its line, never leaves somebody stuck. The program's `read` is the judge.
//   node tabs.mjs   40 acts; ACTS=200 has the long form, SEED=n plays one again
import { message, reply as say, send, write } from "./acts.mjs";
import { expect, leaves, Person, play, Tab, until } from "./browser.mjs";
import { Desk } from "./desk.mjs";
import { begin, reload, restore, type, unlock } from "./people.mjs";

const ACTS = Number(process.env.ACTS ?? 40);
const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);
const TICKETS = 6;
/** Longest that sending again may take, in milliseconds, on a busy machine. */
const SOON_MS = 30_000;

/** Numbers that look random and come again with their seed (mulberry32). */
function dice(seed) {
  let state = seed;
  return (most) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % most;
  };
}

const desk = await Desk.start();
await desk.allowMuch();
const anna = await Person.sit(desk.origin, { name: "anna", viewport: { width: 1200, height: 800 } });
let phrase;
/** What anna was told is sent, by ticket. */
const sent = new Map();
const keep = (ticket, text) => sent.set(ticket, [...(sent.get(ticket) ?? []), text]);

async function judge(when) {
  for (const [ticket, texts] of sent) {
    const { messages } = await desk.ask("read", ticket, "--from", "anna");
    const there = messages.map(({ text }) => text).sort();
    const all = [...texts].sort();
    expect(JSON.stringify(there) === JSON.stringify(all), `${when}: ${ticket} has each once: ${there.length} of ${all.length}; more: ${there.filter((text, n) => !all.includes(text) || there.indexOf(text) !== n)}; lost: ${all.filter((text) => !there.includes(text))}`);
  }
}

/** Opens a ticket as a press on its row does. */
async function open(tab, ticket) {
  await tab.page.locator(`a.ticket[href="/tickets/${ticket}"]`).click();
  await tab.page.locator(".head .numbers", { hasText: ticket }).waitFor();
}

async function reply(tab, text, { reloads = false } = {}) {
  if (!reloads) return say(tab, text);
  await type(tab, "Your reply", text);
  await reload(tab);
  await until("the draft is back", async () => (await tab.field("Your reply").inputValue()) === text);
  await send(tab, "Your reply", text);
}

async function newTicket(tab, subject) {
  const text = `first of ${subject}`;
  keep(await write(tab, { subject, text }), text);
}

async function randomActs(tabs) {
  const roll = dice(SEED);
  const tickets = [...sent.keys()];
  // All tabs of a browser have one draft of a ticket. Who reloads one expects their own text there, so nobody else writes in that ticket.
  const [shared, own] = [tickets.slice(tabs.length), tickets.slice(0, tabs.length)];
  const plans = tabs.map(() => []);
  for (let n = 0; n < ACTS; n++) {
    const [at, kind, place] = [roll(tabs.length), roll(10), roll(shared.length)];
    plans[at].push({ n, kind, ticket: kind === 8 ? own[at] : shared[place] });
  }
  await Promise.all(
    tabs.map(async (tab, at) => {
      for (const { n, kind, ticket } of plans[at]) {
        const text = `act ${n} of tab ${at} (${SEED})`;
        if (kind === 9) {
          await newTicket(tab, text);
          continue;
        }
        await open(tab, ticket);
        await reply(tab, text, { reloads: kind === 8 });
        keep(ticket, text);
      }
    }),
  );
}

/** Two tabs write in one ticket: what the other one sends takes nothing away that was typed here. */
async function writeAtOnce([one, other], ticket) {
  await Promise.all([open(one, ticket), open(other, ticket)]);
  for (let n = 0; n < 4; n++) {
    const [first, second] = [`first ${n} (${SEED})`, `second ${n} (${SEED})`];
    await Promise.all([say(one, first), type(other, "Your reply", second)]);
    keep(ticket, first);
    await message(other, first).waitFor();
    expect((await other.field("Your reply").inputValue()) === second, `what was typed in another tab stays: ${n}`);
    await send(other, "Your reply", second);
    keep(ticket, second);
  }
}

/** Reloads between any two steps of a new ticket: what was typed is there, and one ticket comes of it. */
async function reloadsAtEveryStep(tab) {
  const fields = ["Subject", "What happened?"];
  await tab.page.getByRole("link", { name: "New ticket" }).click();
  await reload(tab);
  await type(tab, "Subject", "step");
  await tab.choose(/What is it about/, "Billing");
  await type(tab, "Subject", "step, again");
  await reload(tab);
  await tab.page.getByRole("button", { name: /What is it about/ }).filter({ hasText: "Billing" }).waitFor();
  for (const [n, field] of fields.entries()) {
    await type(tab, field, `step ${n}`);
    await reload(tab);
    for (let before = 0; before <= n; before++) {
      await until(`${fields[before]} is kept`, async () => (await tab.field(fields[before]).inputValue()) === `step ${before}`);
    }
  }
  const before = (await desk.ask("inbox", "--from", "anna")).own.length;
  await tab.button("Seal and send").click();
  await tab.button("Sealing…").waitFor();
  // In the middle of it. It arrived, and the page goes there, or was done with it just before and has an empty form; or it can still arrive, and
  // the page keeps the text until it knows; or nothing was sent yet, and the form has all of it.
  await reload(tab, () => tab.page.reload());
  const [there, underway] = [tab.page.getByRole("heading", { name: "step 0" }), tab.page.getByText("Sending was interrupted")];
  const subject = async () => ((await tab.field("Subject").isVisible()) ? tab.field("Subject").inputValue() : null);
  const isListed = () => tab.page.getByRole("row").or(tab.page.getByRole("link")).filter({ hasText: "step 0" }).first().isVisible();
  const isDone = async () => (await subject()) === "" && (await isListed());
  await until("the page knows of it", async () => (await there.isVisible()) || (await underway.isVisible()) || (await subject()) === "step 0" || (await isDone()));
  const written = (await desk.ask("inbox", "--from", "anna")).own.length - before;
  if (written === 0) {
    expect((await tab.field("What happened?").inputValue()) === "step 1", "what did not arrive is not thrown away");
  } else {
    if (!(await isDone())) await there.waitFor();
    expect(written === 1, "one ticket, however often it was reloaded");
  }
}

const BROADCAST = /BroadcastTx$/;

/** Presses what sends, and takes the transaction off its way; then the tab crashes. Gives another tab, and what brings the transaction to the node after all. */
async function interrupted(tab, press) {
  const context = tab.page.context();
  const taken = new Promise((resolve) => void context.route(BROADCAST, (route) => resolve(route.request())));
  await press();
  const request = await taken;
  const [url, body, headers] = [request.url(), request.postDataBuffer(), await request.allHeaders()];
  await tab.crash();
  await context.unroute(BROADCAST);
  const next = new Tab(await anna.tab());
  await unlock(next);
  const sent = Object.fromEntries(["content-type", "x-grpc-web"].flatMap((name) => (headers[name] ? [[name, headers[name]]] : [])));
  const late = () => fetch(url, { method: "POST", body, headers: sent }).then((answer) => answer.arrayBuffer());
  return [next, late];
}

/** Whatever was interrupted is sent again at once, and is there once: whether it arrives never, later or before. Gives the tab that is left. */
async function sentAgain(tab, ticket) {
  let late;
  for (const [n, arrives] of ["never", "later", "before"].entries()) {
    const text = `interrupted ${n} (${SEED})`;
    await open(tab, ticket);
    await type(tab, "Your reply", text);
    [tab, late] = await interrupted(tab, () => tab.field("Your reply").press("Control+Enter"));
    if (arrives === "before") await late();
    await open(tab, ticket);
    const begun = Date.now();
    const there = message(tab, text);
    // What arrived is found by the page itself.
    if (arrives !== "before") {
      await tab.sees("Sending was interrupted");
      await tab.picture("tabs-interrupted");
      await tab.button("Send").click();
    }
    await there.waitFor();
    expect(Date.now() - begun < SOON_MS, `it is sent again at once: ${Date.now() - begun} ms`);
    await until("the notice is gone", async () => (await tab.page.getByText("Sending was interrupted").count()) === 0);
    if (arrives === "later") await late();
    keep(ticket, text);
    await judge(`interrupted, and arrived ${arrives}`);
  }
  const before = (await desk.ask("inbox", "--from", "anna")).own.length;
  await tab.page.getByRole("link", { name: "New ticket" }).click();
  await tab.choose(/What is it about/, "Billing");
  await type(tab, "Subject", "interrupted");
  await type(tab, "What happened?", "It is sent twice, and there once.");
  [tab, late] = await interrupted(tab, () => tab.button("Seal and send").click());
  await tab.page.getByRole("link", { name: "New ticket" }).click();
  await tab.sees("Sending was interrupted");
  await tab.picture("tabs-interrupted-new");
  await tab.button("Seal and send").click();
  await tab.page.getByRole("heading", { name: "interrupted" }).waitFor();
  await late();
  const now = (await desk.ask("inbox", "--from", "anna")).own.length;
  expect(now === before + 1, `one ticket, and not ${now - before}`);
  return tab;
}

/** The line is gone while somebody sends, and comes back. */
async function offline(tab, ticket) {
  await open(tab, ticket);
  const text = `sent without a line (${SEED})`;
  const again = () => tab.field("Your reply").press("Control+Enter");
  const away = tab.page.locator(".away-line");
  await anna.expecting(/failed|console|net::/i, async () => {
    await anna.offline(true);
    await tab.field("Your reply").fill(text);
    await again();
    // It failed, or the page knew before that it would.
    await tab.page.getByRole("alert").or(away).first().waitFor();
    await anna.picture("tabs-offline");
    await anna.offline(false);
    await away.waitFor({ state: "detached" });
    // The page says that it does not know, or that it was not sent; whoever looks and sends again is right.
    const there = tab.page.locator(".message .said", { hasText: text });
    if ((await there.count()) === 0) await again();
    // What was pressed first may have been under way still, which takes no second, and have failed after that.
    await until("it is there", async () => {
      if ((await there.count()) > 0) return true;
      if ((await tab.page.getByRole("alert").count()) > 0) await again();
      return false;
    });
    // And so with a node that ends in the middle. What is still being tidied up of the first one takes no second.
    await leaves(tab.page, async () => undefined);
    await desk.kill();
    await tab.field("Your reply").fill(`${text}, again`);
    await again();
    await tab.page.getByRole("alert").or(away).first().waitFor();
    await desk.run();
    await until("the stream is there again", async () => (await tab.page.getByText(/Not connected|No connection/).count()) === 0);
    await away.waitFor({ state: "detached" });
    await again();
    await tab.page.locator(".message .said", { hasText: `${text}, again` }).waitFor();
  });
  keep(ticket, text);
  keep(ticket, `${text}, again`);
}

/** The browser throws everything away: while the page is open, and while it is not. */
async function evicted(ticket) {
  const text = `after it was thrown away (${SEED})`;
  await open(anna, ticket);
  await anna.evict();
  // What is written now is sent, or the page says why not.
  const unkept = `while nothing is kept (${SEED})`;
  await anna.field("Your reply").fill(unkept);
  await anna.field("Your reply").press("Control+Enter");
  const there = message(anna, unkept);
  await there.or(anna.page.getByRole("alert")).first().waitFor();
  if (await there.isVisible()) keep(ticket, unkept);
  // An unlocked tab gives back what the browser threw away, so that a reload locks nobody out.
  await reload(anna);
  await anna.picture("tabs-evicted");
  await open(anna, ticket);
  await reply(anna, text);
  keep(ticket, text);
  await anna.quit();
  await anna.restart();
  await anna.open();
  await anna.button("Unlock").waitFor();
  await anna.evict();
  await anna.kill();
  await anna.restart();
  await anna.open();
  await anna.button("Start").waitFor();
  await restore(anna, desk, phrase);
  await open(anna, ticket);
  await reply(anna, `${text}, twice`);
  keep(ticket, `${text}, twice`);
}

console.log(`seed ${SEED}`);
await play([anna], async () => {
  phrase = await begin(anna, desk);
  await desk.key("anna", phrase);
  for (let n = 0; n < TICKETS; n++) {
    const { ticket_id: id } = await desk.ask("new", "--from", "anna", "--category", "technical", "--subject", `Ticket ${n}`, "--message", `first of ${n}`);
    keep(id, `first of ${n}`);
  }
  const tabs = [anna];
  for (let n = 1; n < 5; n++) {
    const tab = new Tab(await anna.tab());
    await unlock(tab);
    tabs.push(tab);
  }
  await randomActs(tabs.slice(0, 3));
  await judge("after random acts");
  await writeAtOnce(tabs, [...sent.keys()].at(-1));
  // The other two did nothing, and see what the last act said.
  const [ticket, texts] = [...sent].at(0);
  for (const tab of tabs.slice(3)) {
    await open(tab, ticket);
    await tab.page.locator(".message .said", { hasText: texts.at(-1) }).first().waitFor();
  }
  await tabs[1].crash();
  await tabs[2].page.close();
  await reloadsAtEveryStep(tabs[3]);
  tabs[4] = await sentAgain(tabs[4], ticket);
  await offline(tabs[4], ticket);
  await judge("after a line that was gone");
  await tabs[3].page.close();
  await tabs[4].page.close();
  await evicted(ticket);
  await judge("at the end");
});
await anna.leave();
await desk.end();
console.log("done");
