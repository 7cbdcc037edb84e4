// What people are likely to open next, the likeliest first: by a press, where waiting would be felt.
import { ofLater, ofTeam } from "./parts.ts";

const both = [
  () => import("../conversation/Conversation.tsx"),
  () => import("../kit/Markdown.tsx"),
  () => ofLater(() => import("../conversation/Readers.tsx")),
  () => ofLater(() => import("../people/About.tsx")),
  () => ofLater(() => import("../files/MessageFiles.tsx")),
  () => ofLater(() => import("../search/Results.tsx")),
  () => import("../kit/NotesAsk.tsx"),
];

/** So that the page is there without a network, too: last, and not where somebody saves bytes. */
const page = () => import("../offline/keep.ts").then(({ keep }) => keep());

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
