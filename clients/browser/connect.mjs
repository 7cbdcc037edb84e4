// connect-web in a browser, against the node that the test names: from the origin that the node's operator allows, and from another one.
import { build } from "esbuild";
import { Site, hear, inBrowser, page, policy, say, visit } from "./browser.mjs";

const { outputFiles } = await build({ entryPoints: ["connect-page.mjs"], bundle: true, format: "esm", write: false });
const files = { "/": page("/page.js"), "/page.js": outputFiles[0].text };
const [allowed, other] = [await Site.open(files), await Site.open(files)];
say({ origin: allowed.origin });
const { node, descriptors } = await hear();
files["/descriptors.bin"] = Buffer.from(descriptors, "base64");
// The policy allows it to both: it is the node that refuses one of them.
for (const site of [allowed, other]) site.policy = policy({ connect: [node] });

await inBrowser(async (browser) => {
  const [own, foreign] = [await visit(browser, allowed), await visit(browser, other)];
  const seen = { chainId: await own.page.evaluate((node) => desk.status(node), node) };
  seen.noTicket = await own.page.evaluate((node) => desk.noTicket(node), node);
  await own.page.evaluate((node) => desk.follow(node), node);
  for (let count = 1; count <= 3; count += 1) {
    say({ act: count });
    await hear();
  }
  seen.ended = await own.page.evaluate(() => desk.ended());
  seen.events = await own.page.evaluate(() => desk.events());
  seen.refused = await foreign.page.evaluate((node) => desk.failed(desk.status(node)), node);
  await foreign.page.evaluate((node) => desk.follow(node), node);
  seen.stream = await foreign.page.evaluate(() => desk.ended());
  seen.nothing = await foreign.page.evaluate(() => desk.events());
  seen.problems = [...own.problems, ...foreign.problems];
  say(seen);
});
for (const site of [allowed, other]) site.close();
process.exit(0);
