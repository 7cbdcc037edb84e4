import { defineConfig } from "@lingui/conf";

// What only the team sees has catalogs of its own, so that customers do not fetch them.
export default defineConfig({
  sourceLocale: "en",
  locales: ["en", "de"],
  catalogs: [
    { path: "<rootDir>/src/locales/{locale}", include: ["src"], exclude: ["src/admin/**"] },
    { path: "<rootDir>/src/admin/locales/{locale}", include: ["src/admin"] },
  ],
});
