import { lingui } from "@lingui/vite-plugin";
import babel from "@rolldown/plugin-babel";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// Everything is a file of its own name and content: nothing inline, so that one static policy fits all of it.
export default defineConfig({
  plugins: [babel({ plugins: ["@lingui/babel-plugin-lingui-macro"] }), react(), lingui({ failOnMissing: true })],
  worker: { format: "es" },
  // A machine with other work takes many times as long.
  test: { include: ["src/**/*.test.{ts,tsx}"], environment: "node", testTimeout: 60_000 },
  build: {
    target: "es2023",
    // The folder itself is in the repository, so that the program can be built without the page.
    emptyOutDir: false,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      // A service worker is known to browsers by its address, so it keeps its name.
      input: { index: "index.html", notices: "src/notices/serviceworker.ts" },
      output: {
        entryFileNames: ({ name }) => (name === "notices" ? "notices.js" : "assets/[name]-[hash].js"),
        chunkFileNames: "assets/[name]-[hash].js",
      },
    },
  },
});
