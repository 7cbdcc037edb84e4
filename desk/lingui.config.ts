import { defineConfig } from "@lingui/conf";

// What only the team sees, and what nobody sees before they press something, has catalogs of its own: src/pages/parts.ts brings them with the
// parts, so that nobody fetches them to begin.
const TEAM = [
  "src/conversation/staff/!(facts).*",
  "src/people/MissingKey.tsx",
  "src/presence/Presence.tsx",
  "src/queue/+(Bulk|BulkFields|BulkResult|bulkActs|CustomerField|List|Queue|SelectionBar|StaffRow|Top|ViewEditor|ViewForm|Views|useDesk).*",
];
const LATER = [
  "src/conversation/receipt/**",
  "src/conversation/+(Behind|CustomerAsk|Failed|Met|Missing|Readers|Settings|ToldLines|WarningWords).*",
  "src/files/+(kinds|MessageFiles|Picture).*",
  "src/pages/Settings.tsx",
  "src/keyboard/+(Palette|synonyms).*",
  "src/kit/+(RefusalWords|WorkerErrorText|refusal|workerErrors).*",
  "src/people/+(About|NoteText|OwnName).*",
  "src/presence/ShowsSwitch.tsx",
  "src/queue/DensityChoice.tsx",
  "src/search/+(Filters|NotSearched|Results|spoken).*",
  "src/session/+(ChoosePassphrase|ClaimTicket|DeskName|InvitationField|Keep|KeyWarning|LeaveAsk|NewPassphrase|OpenFile|Restore|useSaveKit).*",
  "src/settings/**",
  "src/wallet/**",
];

// Said by a page whose parts may be gone.
const NEWER = ["src/offline/Newer.tsx"];

export default defineConfig({
  sourceLocale: "en",
  locales: ["en", "de"],
  catalogs: [
    { path: "<rootDir>/src/locales/{locale}", include: ["src"], exclude: ["src/admin/**", ...TEAM, ...LATER, ...NEWER] },
    { path: "<rootDir>/src/pages/locales/team.{locale}", include: TEAM },
    { path: "<rootDir>/src/pages/locales/later.{locale}", include: LATER },
    { path: "<rootDir>/src/pages/locales/newer.{locale}", include: NEWER },
    { path: "<rootDir>/src/admin/locales/{locale}", include: ["src/admin"] },
  ],
});
