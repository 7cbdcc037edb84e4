import { lingui } from "@lingui/vite-plugin";
import locales from "@react-aria/optimize-locales-plugin";
import babel from "@rolldown/plugin-babel";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// Everything is a file of its own name and content: nothing inline, so that one static policy fits all of it.
export default defineConfig({
  resolve: {
    alias: [
      { find: /^(linkify-it|uc\.micro|punycode\.js|entities)$/, replacement: new URL("src/kit/markdownParts.ts", import.meta.url).pathname },
      // React has it by itself since its eighteenth version.
      { find: /^use-sync-external-store\/shim$/, replacement: "react" },
    ],
  },
  plugins: [babel({ plugins: ["@lingui/babel-plugin-lingui-macro"] }), react(), lingui({ failOnMissing: true }), locales.vite({ locales: ["en-US", "de-DE"] })],
  worker: { format: "es" },
  // A machine with other work takes many times as long.
  test: { include: ["src/**/*.test.{ts,tsx}"], environment: "node", testTimeout: 60_000, server: { deps: { inline: ["markdown-it"] } } },
  build: {
    target: "es2023",
    // The folder itself is in the repository, so that the program can be built without the page.
    emptyOutDir: false,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      output: {
        entryFileNames: "assets/[name]-[hash].js",
        chunkFileNames: "assets/[name]-[hash].js",
        // Forty files that are loaded together pack a tenth worse than one: what is painted first, what whoever is unlocked needs, a ticket,
        // and what staff need are a file each, with all that they import and none before them has.
        codeSplitting: {
          groups: [
            { name: "page", tags: ["$initial"] },
            { name: "Desk", test: /src\/pages\/Desk\.tsx$/ },
            { name: "FilesButton", test: /src\/kit\/FilesButton\.tsx$/ },
            { name: "Conversation", test: /src\/conversation\/Conversation\.tsx$/ },
            { name: "staff", test: /src\/pages\/staff\.ts$/ },
          ],
        },
      },
    },
  },
});
