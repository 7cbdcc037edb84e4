// Each page as people see it: on a phone, a tablet and a desk, by day and by night, with larger letters, at 400 %, with longer words, and
// read from the right. axe finds nothing, nothing has to be scrolled sideways, and with SEALDESK_PICTURES there is a picture of each.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { go, openTicket } from "./acts.mjs";
import { expect, manyPeople, Person, play, until } from "./browser.mjs";
import { Desk } from "./desk.mjs";
import { link, restore } from "./people.mjs";

const SIZES = [{ width: 360, height: 740 }, { width: 768, height: 1024 }, { width: 1440, height: 900 }];
const SCHEMES = ["light", "dark"];
/** 1280 by 1024 pixels at 400 %. */
const AT_400 = { width: 320, height: 256 };
const DESK = SIZES[2];
/** The pictures that docs have: written anew into the folder SEALDESK_DOCS_PICTURES, small enough to be loaded with a page. */
const SHOWN = new Set([
  "welcome-360-light", "new-ticket-360-light", "customer-tickets-360-light", "customer-conversation-360-light", "customer-conversation-1440-dark",
  "readers-360-dark", "settings-768-light", "queue-1440-light", "conversation-1440-light", "note-1440-dark", "keys-1440-light",
  "rtl-staff-conversation-1440",
]);

const desk = await Desk.start();
await desk.allowMuch();

/** In the page: what sticks out of it, and what cannot be reached. */
function sticksOut() {
  const wrong = [];
  const { scrollWidth } = document.documentElement;
  if (scrollWidth > innerWidth) wrong.push(`the page is ${scrollWidth} wide in ${innerWidth}`);
  // Behind the door nothing but what is in the frame is scrolled: a page that is higher than the window is one that the focus moves away.
  const { scrollHeight } = document.documentElement;
  if (document.querySelector(".frame") && scrollHeight > innerHeight) wrong.push(`the page is ${scrollHeight} high in ${innerHeight}`);
  // Whatever scrolls by itself is meant to: a line of code, a table.
  for (const element of document.querySelectorAll("main, header, form, section, article, .dialog, .card, .head, .composer, .list, .talk, .messages, nav")) {
    const { overflowX } = getComputedStyle(element);
    if (element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0 && overflowX !== "auto" && overflowX !== "scroll") {
      wrong.push(`${element.localName}.${element.className} is ${element.scrollWidth} wide in ${element.clientWidth}`);
    }
  }
  for (const control of document.querySelectorAll("button, a, input, textarea")) {
    const { left, right, width } = control.getBoundingClientRect();
    if (width > 0 && (left < -1 || right > innerWidth + 1) && !control.closest(".hidden-text, [aria-hidden=true], [data-react-aria-hidden]")) {
      wrong.push(`${control.textContent || control.getAttribute("aria-label") || control.localName} is beside the page`);
    }
  }
  return wrong;
}

/** What sticks out, once what is open has been placed anew: that takes some frames after a change of size. */
async function stickingOut(page) {
  for (let tries = 0; ; tries++) {
    const wrong = await page.evaluate(sticksOut);
    if (wrong.length === 0 || tries === 20) return wrong;
    await page.waitForTimeout(100);
  }
}

async function picture(person, name) {
  await person.picture(`look-${name}`);
  const folder = process.env.SEALDESK_DOCS_PICTURES;
  if (!folder || !SHOWN.has(name)) return;
  const tools = await person.tools();
  const { data } = await tools.send("Page.captureScreenshot", { format: "webp", quality: 80 });
  await tools.detach();
  await writeFile(join(folder, `${name}.webp`), Buffer.from(data, "base64"));
}

/** Shows one page in every way. axe looks at each size and colour, unless another test has it look at this page. */
async function look(person, name, { hasAxe = true, isWalked = false } = {}) {
  const { page } = person;
  const see = async (how) => {
    person.problems.push(...(await stickingOut(page)).map((what) => `${name}, ${how}: ${what}`));
    await picture(person, `${name}-${how}`);
  };
  for (const size of SIZES) {
    await page.setViewportSize(size);
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme });
      await see(`${size.width}-${colorScheme}`);
      if (hasAxe && size !== SIZES[1]) await person.axe(`${name}, ${size.width}, ${colorScheme}`);
      if (hasAxe && size === DESK) await person.hovers(`${name}, ${colorScheme}`);
    }
    if (isWalked) await person.walk(`${name}, ${size.width}`);
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize(AT_400);
  await see("400-percent");
  await page.setViewportSize(DESK);
  await page.evaluate(() => (document.documentElement.style.fontSize = "200%"));
  await see("large-letters");
  await page.evaluate(() => (document.documentElement.style.fontSize = ""));
}

/** One picture of a page in a language of pseudo.mjs, on a phone and a desk. */
async function glance(person, name) {
  for (const size of [SIZES[0], DESK]) {
    await person.page.setViewportSize(size);
    person.problems.push(...(await stickingOut(person.page)).map((what) => `${name}, ${size.width}: ${what}`));
    await picture(person, `${name}-${size.width}`);
  }
}

/** Looks at a dialog, and closes it. */
async function dialog(person, name, open) {
  await open();
  await person.page.locator(".dialog, .palette").first().waitFor();
  await look(person, name);
  // A list that opened by itself is closed before its dialog.
  await until("the dialog is gone", async () => {
    await person.page.keyboard.press("Escape");
    return person.page.locator(".dialog, .palette").waitFor({ state: "detached", timeout: 1_000 }).then(() => true, () => false);
  });
}

async function tickets() {
  for (const name of ["anna", "bob", "cem"]) await desk.key(name);
  const write = (from, subject, message, ...more) => desk.ask("new", "--from", from, "--category", "technical", "--subject", subject, "--message", message, ...more);
  await write("anna", "The printer in the hall burns", "It **burns** since this morning.\n\n- no smoke yet\n- it still prints\n\nThe model is on [the maker's page](https://example.org/models).", "--priority", "urgent");
  await write("bob", "Invoice 2026-114 is wrong", "It names the old address.\n\n> Hauptstraße 7\n\nPlease send it again.", "--priority", "high");
  await write("cem", "Cannot sign in after the update", "It says `E_SESSION_EXPIRED`, every time.");
  await write("anna", "How long do you keep my data?", "I could not find it in the terms.", "--priority", "low");
  await desk.ask("assign", "1", "admin", "--from", "admin");
  await desk.ask("tx", "support", "start-work", "1", "--from", "admin");
  await desk.ask("note", "1", "--message", "Called back, nobody there. The maker knows of it.", "--from", "admin");
  await desk.ask("reply", "1", "--message", "Please pull its plug. Which model is it?", "--wait", "--from", "admin");
  await desk.ask("assign", "4", "admin", "--from", "admin");
  await desk.ask("reply", "4", "--message", "For ten years, by law.", "--resolve", "--from", "admin");
}

/** What somebody sees who was never here. */
async function arrival(person) {
  await person.open(link(desk));
  await person.button("Start").waitFor();
  await look(person, "welcome");
  await person.button("I have a recovery phrase").click();
  await look(person, "restore");
  await person.button("Back").click();
  await person.button("Start").click();
  await person.button("I wrote them down").waitFor();
  await look(person, "phrase");
}

/** A conversation on paper: its lines stand below each other, and each time is a whole date. */
async function onPaper(person) {
  const { page } = person;
  await page.emulateMedia({ media: "print" });
  await person.picture("look-on-paper");
  const wrong = await page.evaluate(() => {
    const lines = [...document.querySelectorAll(".messages > *")].map((one) => one.getBoundingClientRect()).filter(({ height }) => height > 0);
    const over = lines.filter(({ top }, n) => n > 0 && top < lines[n - 1].bottom - 1).length;
    const times = [...document.querySelectorAll(".messages time")];
    const short = times.filter((time) => !/20\d\d/.test(getComputedStyle(time, "::after").content) || getComputedStyle(time).fontSize !== "0px").length;
    return { over, short, lines: lines.length, times: times.length };
  });
  expect(wrong.over === 0 && wrong.short === 0 && wrong.lines > 4 && wrong.times > 4, `on paper: ${JSON.stringify(wrong)}`);
  await page.emulateMedia({ media: "screen" });
}

/** A customer's own pages. */
async function customer(person) {
  await restore(person, desk, await desk.phrase("anna"));
  await person.sees("The printer in the hall burns");
  await look(person, "customer-tickets");
  // What is the team's is told to be, and what is nowhere, too.
  for (const path of ["/call", "/replies", "/admin"]) {
    await go(person, path);
    await person.sees("This part is for the support team.");
    expect((await person.page.locator("textarea, main .button").count()) === 0, `a customer writes nothing at ${path}`);
  }
  for (const path of ["/tickets/TKT-00000099", "/tickets/nonsense"]) {
    await go(person, path);
    await person.sees("There is no such ticket");
    await person.page.getByRole("link", { name: "Back to the tickets" }).waitFor();
    expect((await person.button("Try again").count()) === 0, "nothing is to be tried again");
  }
  await look(person, "no-such-ticket");
  await go(person, "/new");
  await person.field("Subject").waitFor();
  await person.button("Seal and send").click();
  await look(person, "new-ticket");
  await openTicket(person, "TKT-00000001");
  await person.page.locator(".said strong").first().waitFor();
  await look(person, "customer-conversation");
  await onPaper(person);
  await dialog(person, "readers", () => person.button("Who can read this").click());
  await go(person, "/settings");
  await person.sees("Settings");
  await look(person, "settings", { isWalked: true });
}

/** An administrator's day. */
async function administrator(person) {
  await restore(person, desk, await desk.phrase("admin"));
  await person.sees("Invoice 2026-114 is wrong");
  await look(person, "queue");
  await openTicket(person, "TKT-00000001");
  await person.page.locator(".said strong").first().waitFor();
  await look(person, "conversation");
  await dialog(person, "assign", () => person.button("Assign").click());
  await person.button("Note").click();
  await look(person, "note");
  await person.page.locator(".head h1").click();
  await dialog(person, "keys", () => person.page.keyboard.press("?"));
  await dialog(person, "palette", () => person.page.keyboard.press("Control+k"));
  await further(person);
}

/** What staff have beside tickets. */
async function further(person) {
  await go(person, "/replies");
  await person.button("New reply").click();
  await person.field("Name").fill("Greeting");
  await person.field("Text").fill("Hello {customer},\n\nthank you for writing about {ticket}. We look at it today, and write as soon as we know more.");
  await person.page.getByRole("dialog").getByRole("button", { name: "Save", exact: true }).click();
  await person.page.getByRole("dialog").waitFor({ state: "detached" });
  for (const [name, path, shown] of [
    ["admin-people", "/admin/people", "td"],
    ["admin-administrators", "/admin/administrators", "td"],
    ["admin-keys", "/admin/keys", "td, .sheet"],
    ["admin-rules", "/admin/rules", ".rule"],
    ["admin-documents", "/admin/documents", "td"],
    ["admin-health", "/admin/health", ".facts"],
    ["admin-charts", "/admin/charts", ".drawn canvas"],
    ["replies", "/replies", "h2"],
    ["call", "/call", "textarea"],
    ["staff-settings", "/settings", "h2"],
  ]) {
    await go(person, path);
    await person.page.locator(shown).first().waitFor();
    await look(person, name, { hasAxe: name === "call", isWalked: ["admin-rules", "staff-settings"].includes(name) });
  }
  await go(person, "/");
  await person.page.getByRole("searchbox").first().fill("printer");
  await person.page.locator("mark, .found").first().waitFor();
  await look(person, "search", { hasAxe: false });
}

/** The pages of both in a language of pseudo.mjs. */
async function spoken(person, isStaff, language) {
  await person.page.setViewportSize(DESK);
  await person.speak(language);
  for (const [name, path, shown] of [
    ["list", "/", ".ticket, .line"],
    ["conversation", "/tickets/TKT-00000001", ".said strong"],
    ["settings", "/settings", "h2"],
    ...(isStaff ? [] : [["new", "/new", "textarea"]]),
  ]) {
    await go(person, path);
    await person.page.locator(shown).first().waitFor();
    await glance(person, `${language}-${isStaff ? "staff" : "customer"}-${name}`);
  }
}

const browser = await manyPeople();
const [newcomer, anna, admin] = await Promise.all(["newcomer", "anna", "admin"].map((name) => Person.sit(desk.origin, { name, browser, reducedMotion: "reduce" })));
await play([newcomer, anna, admin], async () => {
  await tickets();
  await arrival(newcomer);
  await customer(anna);
  await administrator(admin);
  await spoken(anna, false, "rtl");
  await spoken(admin, true, "rtl");
});
await browser.close();
await desk.end();
console.log("done");
