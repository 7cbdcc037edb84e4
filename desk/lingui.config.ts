import { defineConfig } from "@lingui/conf";

// What only the team sees has catalogs of its own, so that customers do not fetch them: src/pages/team.ts brings them with its parts.
const TEAM = [
  "src/conversation/staff/!(facts).*",
  "src/people/MissingKey.tsx",
  "src/queue/+(Bulk|BulkFields|BulkResult|List|Queue|SelectionBar|StaffRow|Top|ViewEditor|ViewForm|Views|useDesk).*",
];

export default defineConfig({
  sourceLocale: "en",
  locales: ["en", "de"],
  catalogs: [
    { path: "<rootDir>/src/locales/{locale}", include: ["src"], exclude: ["src/admin/**", ...TEAM] },
    { path: "<rootDir>/src/pages/locales/team.{locale}", include: TEAM },
    { path: "<rootDir>/src/admin/locales/{locale}", include: ["src/admin"] },
  ],
});
