// The page's service workers, one a run: `--mode notices` and `--mode offline`. Each is a script of its own, which imports nothing and keeps its
// name, since browsers know it by its address.
import { defineConfig } from "vite";

export default defineConfig(({ mode }) => ({
  publicDir: false,
  build: {
    target: "es2023",
    emptyOutDir: false,
    reportCompressedSize: false,
    rolldownOptions: { input: { [mode]: `src/${mode}/serviceworker.ts` }, output: { entryFileNames: "[name].js", format: "iife" } },
  },
}));
