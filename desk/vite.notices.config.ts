// The service worker that shows notices: a script of its own, which imports nothing and keeps its name, since browsers know it by its address.
import { defineConfig } from "vite";

export default defineConfig({
  publicDir: false,
  build: {
    target: "es2023",
    emptyOutDir: false,
    reportCompressedSize: false,
    rolldownOptions: { input: { notices: "src/notices/serviceworker.ts" }, output: { entryFileNames: "[name].js", format: "iife" } },
  },
});
