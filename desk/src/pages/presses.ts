// What people are likely to open next, the likeliest first: by a press, where waiting would be felt.
import { ofLater, ofTeam } from "./parts.ts";

const both = [
  () => import("../conversation/Conversation.tsx"),
  () => import("../kit/Markdown.tsx"),
  () => ofLater(() => import("../conversation/Readers.tsx")),
  () => ofLater(() => import("../kit/RefusalWords.tsx")),
  () => ofLater(() => import("../people/About.tsx")),
  () => ofLater(() => import("../files/MessageFiles.tsx")),
  () => ofLater(() => import("../search/Results.tsx")),
  () => ofLater(() => import("../conversation/ToldLines.tsx")),
  () => ofLater(() => import("../conversation/Failed.tsx")),
];

/** How long a page is open before it is kept: looking through all of it takes the disk from whoever loads the page and sends at once. */
const SETTLED_MS = 5_000;

/** So that the page is there without a network, too: last, and not where somebody saves bytes. */
async function page(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, SETTLED_MS));
  const { keep } = await import("../offline/keep.ts");
  await keep();
}

export const ofCustomers = [() => import("../queue/NewTicket.tsx"), ...both, () => ofLater(() => import("../conversation/CustomerAsk.tsx")), () => ofLater(() => import("./Settings.tsx")), page];

export const ofStaff = [
  ...both,
  () => import("../kit/MenuList.tsx"),
  () => ofTeam(() => import("../conversation/staff/Dialogs.tsx")),
  () => ofTeam(() => import("../conversation/staff/CannedList.tsx")),
  () => import("../keyboard/Palette.tsx"),
  () => import("../keyboard/Sheet.tsx"),
  () => ofTeam(() => import("../queue/Bulk.tsx")),
  () => ofTeam(() => import("../queue/ViewEditor.tsx")),
  () => ofLater(() => import("./Settings.tsx")),
  page,
];
