// What people do with tickets in the page, each act until the page shows that it is done.
import { until } from "./browser.mjs";

/** Goes to another place as a link in the page does: nothing is loaded anew. */
export const go = (tab, path) =>
  tab.page.evaluate((path) => {
    history.pushState(null, "", path);
    dispatchEvent(new PopStateEvent("popstate"));
  }, path);

export async function openTicket(tab, id) {
  await go(tab, `/tickets/${id}`);
  await tab.page.locator(".head .numbers", { hasText: id }).waitFor();
}

/** The message that says this. */
export const message = (tab, text) => tab.page.locator(".message").filter({ has: tab.page.locator(".said", { hasText: text }) });

/** Writes a ticket, and gives its number. */
export async function write(tab, { category = "Technical", subject, text, priority }) {
  await go(tab, "/new");
  await tab.choose(/What is it about/, category);
  await tab.put("Subject", subject);
  await tab.put("What happened?", text);
  if (priority) await tab.choose(/Priority/, priority);
  await tab.press(tab.button("Seal and send"));
  await tab.page.getByRole("heading", { name: subject }).waitFor();
  return tab.page.locator(".head .numbers").first().innerText();
}

/** Sends what stands in the composer, until the conversation has it. */
export async function send(tab, label, text) {
  const field = tab.field(label);
  const refused = tab.page.getByText(/changed in another tab|Another tab is already sending this/).first();
  for (;;) {
    await field.press("Control+Enter");
    await message(tab, text).or(refused).first().waitFor();
    if (!(await refused.isVisible())) break;
    // As a person does who is told so: they look at it, and send it again.
    await tab.press(tab.button("Dismiss"));
    await tab.put(label, text);
  }
  await until("the composer has it no more", async () => (await field.inputValue()) !== text);
}

export async function reply(tab, text) {
  await tab.put("Your reply", text);
  await send(tab, "Your reply", text);
}

export async function note(tab, text) {
  await tab.press(tab.button("Note"));
  await tab.put("Your note", text);
  await send(tab, "Your note", text);
  await tab.press(tab.button("Reply"));
}

/** Presses an act of the head, and the same in the dialog that asks for more. */
export async function act(tab, name, confirm, choose) {
  await tab.press(tab.button(name));
  if (!confirm) return;
  // The list of a field within it is a dialog of its own.
  const dialog = tab.page.locator(".dialog");
  if (choose) await choose(dialog);
  await tab.press(dialog.getByRole("button", { name: confirm, exact: true }));
  await dialog.waitFor({ state: "detached" });
}

/** Choosing who gets it is all that there is to do. */
export async function assign(tab, who) {
  await tab.press(tab.button("Assign"));
  await tab.pick(who);
  await tab.page.locator(".dialog").waitFor({ state: "detached" });
}

/** The state that the head shows, in its words. */
export const status = (tab, words) => tab.page.locator(".head .tag", { hasText: words }).first().waitFor();
