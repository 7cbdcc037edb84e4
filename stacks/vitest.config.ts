import { getClarinetVitestsArgv, vitestSetupFilePath } from "@stacks/clarinet-sdk/vitest";
import { defineConfig } from "vitest/config";

// `npx vitest run -- --coverage --costs` writes the SDK's own reports; what is enforced does not depend on them.
export default defineConfig({
  test: {
    // The reference document's name for the tests is outside vitest's own pattern.
    include: ["tests/**/*_test.ts", "facade/**/*_test.ts"],
    environment: "clarinet",
    pool: "forks",
    maxWorkers: 1,
    silent: true,
    // One simnet serves all files: starting one takes seconds, a fresh session milliseconds.
    isolate: false,
    setupFiles: [vitestSetupFilePath],
    // Against hanging, not a measure: walks take a minute of a processor's time, and machines are shared.
    testTimeout: 1_200_000,
    hookTimeout: 300_000,
    environmentOptions: { clarinet: { ...getClarinetVitestsArgv() } },
  },
});
