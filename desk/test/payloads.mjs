// A hostile customer and a hostile colleague write what browsers have fallen for, and letters that deceive, into every field that others
// see (payloads.json). The administrator opens all of it: nothing runs, nothing moves, and no chip is hidden.
//   node payloads.mjs   one ticket a kind; PAYLOADS_ALL=1 has every payload in every field, KINDS=svg,bidi only these kinds
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, Person, play } from "./browser.mjs";
import { Desk } from "./desk.mjs";
import { restore } from "./people.mjs";

const { injections, letters } = JSON.parse(await readFile(new URL("payloads.json", import.meta.url), "utf8"));
const SUBJECT_LETTERS_MAX = 200;
const PUBLIC_BYTES_MAX = 128;
const all = Object.values(injections).flat();
expect(new Set(all).size >= 300, `300 injections: ${all.length}`);
expect(new Set(Object.values(letters).flat()).size >= 50, "50 of letters");

/** As many of these as fit, one after the other, in pieces that hold no more than `max` bytes. */
function pieces(list, max) {
  const made = [];
  for (const one of list.map((text) => text.replace(/[\n\t]/g, " "))) {
    const longer = `${made.at(-1) ?? ""} ${one}`.trim();
    if (made.length > 0 && Buffer.byteLength(longer) <= max) made[made.length - 1] = longer;
    else made.push([...one].reduce((kept, letter) => (Buffer.byteLength(kept + letter) <= max ? kept + letter : kept), ""));
  }
  return made;
}

/** Words that do nothing, with which all others are compared. */
const PLAIN = { kind: "plain", subject: "The printer burns", body: "It burns.", words: "not solved yet" };

/** What is written into the fields of each ticket. */
function scripts() {
  const made = [PLAIN];
  for (const [kind, list] of Object.entries({ ...injections, ...letters })) {
    if (process.env.KINDS && !process.env.KINDS.split(",").includes(kind)) continue;
    const subjects = pieces(list, SUBJECT_LETTERS_MAX);
    const words = pieces(list, PUBLIC_BYTES_MAX);
    const count = process.env.PAYLOADS_ALL ? Math.max(subjects.length, words.length) : 1;
    for (let n = 0; n < count; n++) {
      made.push({ kind, subject: subjects[n % subjects.length], body: list.join("\n\n"), words: words[n % words.length] });
    }
  }
  return made;
}

/** Does something with words that everybody can read. What cannot be seen the ledger refuses in them: then with words that do nothing. */
async function publicly(words, act) {
  try {
    return await act(words);
  } catch (error) {
    if (!/control or invisible characters/.test(error.stdout)) throw error;
    return act(PLAIN.words);
  }
}

async function write(desk, { subject, body, words }) {
  const file = join(desk.home, "body");
  const subjects = join(desk.home, "subject");
  await writeFile(file, body);
  // A folder's name is the one thing that no file's name can be.
  const attached = join(desk.home, `${words.replaceAll("/", "\u2215").slice(0, 100)}.txt`);
  await writeFile(attached, "It burns.");
  await writeFile(subjects, subject);
  const { ticket_id: id } = await desk.ask("new", "--from", "mallory", "--category", "technical", "--subject-file", subjects, "--message-file", file, "--attach", attached);
  const act = (who, verb, ...args) => desk.ask(...verb.split(" "), id, ...args, "--from", who);
  await act("admin", "assign", "admin");
  await act("admin", "reply", "--message-file", file);
  await act("admin", "note", "--message-file", file);
  await publicly(words, (words) => desk.ask("tx", "support", "set-priority", id, "high", `--reason=${words}`, "--from", "admin"));
  await publicly(words, (words) => act("admin", "resolve", "--message-file", file, `--resolution=${words}`));
  await desk.ask("tx", "support", "rate-ticket", id, "1", "--comment-file", file, "--from", "mallory");
  await publicly(words, (words) => act("mallory", "close", `--reason=${words}`));
  await publicly(words, (words) => act("mallory", "reopen", `--reason=${words}`));
  return id;
}

/** In the page: everything that a payload could have become or displaced. */
function found() {
  const wrong = [];
  const address = (element) => element.getAttribute("href") ?? element.getAttribute("xlink:href") ?? element.getAttribute("src");
  for (const element of document.querySelectorAll("*")) {
    const name = element.localName;
    for (const { name: attribute } of element.attributes) if (attribute.startsWith("on")) wrong.push(`${name} has ${attribute}`);
    const leads = address(element);
    if (leads !== null && !/^(https?:|mailto:|\/(?!\/)|#)/.test(leads)) wrong.push(`${name} leads to ${leads}`);
    if (["iframe", "object", "embed", "base", "frame", "math", "marquee", "portal", "video", "audio", "img"].includes(name)) wrong.push(`a ${name}`);
  }
  const own = { script: 2, style: 0, form: 1, title: 1 };
  for (const [name, most] of Object.entries(own)) {
    const count = document.querySelectorAll(name).length - document.querySelectorAll(`svg ${name}`).length;
    if (count > most) wrong.push(`${count} of ${name}`);
  }
  if ("ran" in globalThis) wrong.push("it ran");
  const box = (element) => {
    const { x, y, width, height } = element.getBoundingClientRect();
    return [x, y, width, height].map(Math.round).join(" ");
  };
  const every = (selector) => [...document.querySelectorAll(selector)];
  const chips = every(".head .tag").map((chip) => {
    const { left, right, top, bottom } = chip.getBoundingClientRect();
    const isInside = left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight;
    const points = [[left + 8, top + 4], [right - 8, bottom - 4], [(left + right) / 2, (top + bottom) / 2]];
    if (!isInside || !points.every(([x, y]) => chip.contains(document.elementFromPoint(x, y)))) wrong.push(`the chip ${chip.textContent} is hidden`);
    return `${chip.textContent} ${box(chip).split(" ").slice(2)}`;
  });
  if (document.documentElement.scrollWidth > innerWidth) wrong.push(`the page is ${document.documentElement.scrollWidth} wide`);
  for (const pane of every(".messages, .list .scroll, .head")) {
    if (pane.scrollWidth > pane.clientWidth) wrong.push(`${pane.className} is ${pane.scrollWidth} wide in ${pane.clientWidth}`);
  }
  for (const kind of every(".message .by strong, .message .by .kind")) {
    const { left, right } = kind.getBoundingClientRect();
    if (left < 0 || right > innerWidth || right - left < 4) wrong.push(`${kind.textContent} is out of sight`);
  }
  if (every("h1").some((title) => title.getBoundingClientRect().width < 8 || title.textContent.trim() === "")) wrong.push("the subject is not to be seen");
  return {
    wrong,
    kept: {
      bar: every(".bar, .composer").map(box),
      head: every(".head").map((head) => box(head).split(" ").slice(0, 3).join(" ")),
      chips,
      notes: every(".message.note .kind").length,
      by: every(".message .by strong").map((who) => who.textContent),
      events: every(".event").length,
      at: [location.pathname.replace(/\d+/, "N"), document.title],
    },
  };
}

/** What the chips look like, by what they say and where between two pixels they begin: elsewhere the same letters are drawn otherwise. */
async function chipsOf(page) {
  const made = new Map();
  for (const chip of await page.locator(".head .tag").all()) {
    const { x, y } = await chip.boundingBox();
    made.set(`${await chip.innerText()} (${(x % 1).toFixed(2)}, ${(y % 1).toFixed(2)})`, await chip.screenshot({ animations: "disabled" }));
  }
  return made;
}

/** In the page: how many of a hundred dots of two pictures differ by more than the smoothing of an edge does. */
async function differing([one, other]) {
  const dots = async (text) => {
    const bitmap = await createImageBitmap(new Blob([Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))], { type: "image/png" }));
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
    canvas.drawImage(bitmap, 0, 0);
    return canvas.getImageData(0, 0, bitmap.width, bitmap.height).data;
  };
  const [mine, theirs] = [await dots(one), await dots(other)];
  if (mine.length !== theirs.length) return 100;
  return (mine.filter((value, n) => Math.abs(value - theirs[n]) > 64).length * 100) / mine.length;
}

/** Chips that look otherwise than they did: something covers them, or reaches into them. */
async function unlike(page, before) {
  const wrong = [];
  for (const [name, picture] of await chipsOf(page)) {
    const known = before.get(name);
    if (known === undefined || known.equals(picture)) continue;
    const share = await page.evaluate(differing, [known.toString("base64"), picture.toString("base64")]);
    if (share > 1) wrong.push(`the chip ${name} looks otherwise in ${share.toFixed(1)} of 100 dots`);
  }
  return wrong;
}

const desk = await Desk.start();
await desk.allowMuch();
await desk.key("mallory");
const tickets = [];
for (const script of scripts()) tickets.push({ ...script, id: await write(desk, script) });

const admin = await Person.sit(desk.origin, { name: "admin" });
await play([admin], async () => {
  await restore(admin, desk, await desk.phrase("admin"));
  const { page } = admin;
  for (const viewport of [{ width: 1440, height: 900 }, { width: 360, height: 740 }]) {
    await page.setViewportSize(viewport);
    let plain;
    for (const { id, kind } of tickets) {
      await page.evaluate((path) => {
        history.pushState(null, "", path);
        dispatchEvent(new PopStateEvent("popstate"));
      }, `/tickets/${id}`);
      await page.locator(".head .numbers", { hasText: id }).waitFor();
      await page.locator(".message").nth(4).locator(".said > *").first().waitFor();
      const { wrong, kept } = await page.evaluate(found);
      plain ??= { kept, drawn: await chipsOf(page) };
      wrong.push(...(await unlike(page, plain.drawn)));
      for (const [what, value] of Object.entries(kept)) {
        if (JSON.stringify(value) !== JSON.stringify(plain.kept[what])) wrong.push(`${what}: ${JSON.stringify(value).slice(0, 300)} and not ${JSON.stringify(plain.kept[what]).slice(0, 300)}`);
      }
      admin.problems.push(...wrong.map((what) => `${kind} in ${id} at ${viewport.width}: ${what}`));
      if (wrong.length > 0 || ["graphemes", "bidi", "zero_width", "plain"].includes(kind)) await admin.picture(`payloads-${kind}-${viewport.width}`);
    }
  }
  await list(admin);
});

/** Rows of the list are as high as their neighbours, and show their chips, whatever the subject is. */
async function list(person) {
  const { page } = person;
  await page.setViewportSize({ width: 1440, height: 2_400 });
  await page.locator(".list .line .subject").first().waitFor();
  const rows = await page.locator(".list .line").evaluateAll((rows) =>
    rows.map((row) => {
      const chips = [...row.querySelectorAll(".tag")].every((chip) => {
        const { left, right, top, bottom } = chip.getBoundingClientRect();
        // The link that a whole row is lies over it.
        const seen = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
        return right - left > 20 && seen !== null && (chip.contains(seen) || seen.contains(chip));
      });
      return { height: row.getBoundingClientRect().height, chips, subject: row.querySelector(".subject").textContent };
    }),
  );
  await person.picture("payloads-list");
  expect(rows.length === tickets.length, `the list shows them: ${rows.length}`);
  for (const { height, chips, subject } of rows) {
    if (height !== rows[0].height || !chips || subject.trim() === "") person.problems.push(`the row of ${JSON.stringify(subject)}: ${height} high, chips: ${chips}`);
  }
}

// The judge of all that is not blind.
const liar = await Person.sit(desk.origin, { name: "liar" });
await liar.open();
await liar.button("Start").waitFor();
const judged = async (what, pattern, work) => {
  liar.problems.length = 0;
  await work();
  for (let n = 0; n < 200 && !liar.problems.some((problem) => pattern.test(problem)); n++) await liar.page.waitForTimeout(20);
  expect(liar.problems.some((problem) => pattern.test(problem)), `${what} is noticed: ${liar.problems}`);
};
await judged("a dialog", /^dialog: /, () => liar.page.evaluate(() => alert(1)));
await judged("a request abroad", /^(asks|policy: connect-src)/, () => liar.page.evaluate(() => void fetch("//evil.example/").catch(() => 0)));
await judged("what the policy forbids", /^policy: /, () => liar.page.evaluate(() => void document.body.append(document.createElement("style"))));
await judged("a request that fails", /^failed: .*404/, () => liar.page.evaluate(() => void fetch("/api/v1/nothing")));
await judged("an error of the page", /^error: .*page/, () => liar.page.evaluate(() => void Promise.reject(new Error("of a page"))));
await judged("an error of the worker", /^error: .*worker/, () => liar.page.workers()[0].evaluate(() => void Promise.reject(new Error("of a worker"))));
await judged("an element that runs", /img has onnothing/, async () => {
  await liar.page.evaluate(() => {
    const image = document.createElement("img");
    // One that the policy would have refused is no test of this judge.
    image.setAttribute("onnothing", "ran=1");
    document.body.append(image);
  });
  liar.problems.push(...(await liar.page.evaluate(found)).wrong);
});

await admin.leave();
await liar.leave();
await desk.end();
console.log("done");
