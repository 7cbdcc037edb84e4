// The npm package's twenty lines, as they stand in its example, in a page whose policy allows WebAssembly and nothing else that is unsafe.
import { readFile } from "node:fs/promises";
import { build } from "esbuild";
import { Site, hear, inBrowser, page, policy, say, visit } from "./browser.mjs";

const folder = new URL("../../crates/wasm/npm/", import.meta.url);
const files = { "/": page("/example.js"), "/sealdesk/": folder };
const site = await Site.open(files);
say({ origin: site.origin });
const { node } = await hear();
site.policy = policy({ connect: [node], wasm: true });

// A page has no command line, and finds the package where its server has it. Nothing else of the example changes.
const example = await build({
  stdin: { contents: await readFile(new URL("example.mjs", folder), "utf8"), loader: "js" },
  bundle: true,
  format: "esm",
  write: false,
  define: { "process.argv": JSON.stringify(["", "", node]) },
  plugins: [
    {
      name: "package",
      setup: (set) => set.onResolve({ filter: /^sealdesk$/ }, () => ({ path: "/sealdesk/index.js", external: true })),
    },
  ],
});
files["/example.js"] = `${example.outputFiles[0].text}\nconsole.log("the end");`;

await inBrowser(async (browser) => {
  const visited = await visit(browser, site);
  for (let tries = 0; tries < 1_200 && !visited.printed.includes("the end") && visited.problems.length === 0; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  say({ printed: visited.printed, problems: visited.problems });
});
site.close();
process.exit(0);
