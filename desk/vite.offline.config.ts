// The service worker that gives the page without a network: as that of notices, a script of its own, which imports nothing and keeps its name.
import { defineConfig } from "vite";

export default defineConfig({
  publicDir: false,
  build: {
    target: "es2023",
    emptyOutDir: false,
    reportCompressedSize: false,
    rolldownOptions: { input: { offline: "src/offline/serviceworker.ts" }, output: { entryFileNames: "[name].js", format: "iife" } },
  },
});
