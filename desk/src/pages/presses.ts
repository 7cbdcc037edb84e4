// What people are likely to open next, the likeliest first: by a press, where waiting would be felt.

const both = [
  () => import("../conversation/Conversation.tsx"),
  () => import("../kit/Markdown.tsx"),
  () => import("../conversation/Readers.tsx"),
  () => import("../people/About.tsx"),
  () => import("../files/MessageFiles.tsx"),
  () => import("../search/Results.tsx"),
  () => import("../kit/NotesAsk.tsx"),
];

export const ofCustomers = [() => import("../queue/NewTicket.tsx"), ...both, () => import("../conversation/CustomerAsk.tsx"), () => import("./Settings.tsx")];

export const ofStaff = [
  ...both,
  () => import("../kit/MenuList.tsx"),
  () => import("../conversation/staff/Dialogs.tsx"),
  () => import("../conversation/staff/CannedList.tsx"),
  () => import("../keyboard/Palette.tsx"),
  () => import("../keyboard/Sheet.tsx"),
  () => import("../queue/Bulk.tsx"),
  () => import("../queue/ViewEditor.tsx"),
  () => import("./Settings.tsx"),
];
