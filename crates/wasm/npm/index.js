// Everything is in the generated module beside this file; here is only where its bytes come from.
import init from "./dist/sealdesk_wasm.js";

export { Attachments, Desk, FileToSeal, Identity, Invitation, Vault, onSign, onWait } from "./dist/sealdesk_wasm.js";

let loading;

// Loads the module once. Browsers fetch it (a page's policy has to allow 'wasm-unsafe-eval' and nothing else of the kind); Node reads it.
export function load() {
  loading ??= bytes().then((module_or_path) => init({ module_or_path })).then(() => undefined);
  return loading;
}

async function bytes() {
  const url = new URL("./dist/sealdesk_wasm_bg.wasm", import.meta.url);
  if (url.protocol !== "file:") return url;
  const { readFile } = await import("node:fs/promises");
  return readFile(url);
}
