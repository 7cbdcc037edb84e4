// Everything is in the generated module beside this file; here is only where its bytes come from, and that whoever gives it something of
// another kind is told what: the generated code looks at no argument, and would say "null pointer passed to rust".
import init, * as generated from "./dist/sealdesk_wasm.js";

// The arguments that are texts, by their names; "?" behind one that may be left out, "-" for one that is no text. A test holds this against
// the generated types.
const TEXTS = {
  Desk: {
    absorb: "kept",
    actWith: "- ticket",
    act: "- ticket",
    assignRole: "- address role",
    assignWith: "- ticket agent",
    assign: "- ticket agent",
    awaitCustomer: "- ticket",
    checkFiles: "- ticket?",
    close: "- ticket reason",
    documentExample: "name",
    documentFault: "name body",
    document: "- shelf name",
    documents: "- shelf",
    editDocument: "- shelf name",
    files: "- ticket",
    held: "address",
    keys: "- address",
    letIn: "- address role",
    look: "- ticket",
    members: "role",
    nameFault: "name",
    nameInDeskBook: "- address name?",
    note: "- ticket message",
    open: "url kept? identity?",
    present: "- ticket answer",
    publishDocument: "- name - body",
    rate: "- ticket - comment?",
    readDocument: "- shelf name",
    read: "- ticket",
    reassign: "- from to",
    receipt: "ticket",
    removeDocument: "- shelf name",
    reopen: "- ticket reason",
    reply: "- ticket message",
    resolve: "- ticket reference",
    revokeKey: "- owner key",
    revokeOwnKey: "- fingerprint",
    revokeRole: "- address role",
    serviceLevels: "ticket",
    setAccountState: "- address state reason",
    setPriority: "- ticket priority reason",
    signErasure: "- ticket",
    signPresence: "- ticket",
    signPush: "- - body",
    staffDocumentsWithout: "address",
    standing: "address",
    startWork: "- ticket",
    take: "- ticket",
    transfer: "- ticket customer reason",
    useInvitation: "code",
  },
  FileToSeal: {
    constructor: "name media_type",
  },
  Identity: {
    addressOf: "- prefix",
    address: "prefix",
    constructor: "phrase",
  },
  Invitation: {
    parse: "line",
  },
  Vault: {
    addPasskey: "credential",
    changePassphrase: "passphrase",
    make: "phrase passphrase",
    open: "name record",
    passkeys: "document",
    removePasskey: "credential",
    resume: "document",
    seal: "name record",
    unlockWithPasskey: "document credential",
    unlock: "document passphrase",
  },
};

const { AttachedFile, Attachments, Desk, FileOpener, Invitation, SealedPiece, TicketFiles, Vault } = generated;
const FileToSeal = judgedWhenMade("FileToSeal", generated.FileToSeal);
const Identity = judgedWhenMade("Identity", generated.Identity);

export { Attachments, Desk, FileToSeal, Identity, Invitation, Vault };
export { onSign, onWait } from "./dist/sealdesk_wasm.js";

const CLASSES = { AttachedFile, Attachments, Desk, FileOpener, FileToSeal, Identity, Invitation, SealedPiece, TicketFiles, Vault };

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

// What stands at an argument's place, in a word that shows nothing of it.
function kind(value) {
  if (value === null || value === undefined) return String(value);
  const known = Object.entries(CLASSES).find(([, type]) => value instanceof type);
  const word = known ? known[0] : typeof value;
  return /^[aeio]/i.test(word) ? `an ${word}` : `a ${word}`;
}

function judge(what, texts, self, given) {
  for (const value of [self, ...given]) {
    if (value?.__wbg_ptr === 0) throw new Error(`${what}: ${kind(value)} was freed or handed over before, and is no more`);
  }
  for (const [place, text] of texts.entries()) {
    const value = given[place];
    const isLeftOut = text.endsWith("?") && (value === undefined || value === null);
    if (text === "-" || isLeftOut || typeof value === "string") continue;
    throw new TypeError(`${what}: '${text.replace("?", "")}' has to be a text, and is ${kind(value)}`);
  }
}

function textsOf(name, key) {
  return TEXTS[name]?.[key]?.split(" ") ?? [];
}

function judged(what, texts, act) {
  return function (...given) {
    judge(what, texts, this, given);
    return act.apply(this, given);
  };
}

// The same class, whose `new` judges. What the module makes by itself is one of it, too.
function judgedWhenMade(name, type) {
  const texts = Object.hasOwn(TEXTS[name], "constructor") ? textsOf(name, "constructor") : [];
  const construct = (made, given) => {
    judge(`new ${name}`, texts, undefined, given);
    return Reflect.construct(made, given);
  };
  return new Proxy(type, { construct });
}

function judgeAll(name, type) {
  for (const holder of [type, type.prototype]) {
    for (const [key, property] of Object.entries(Object.getOwnPropertyDescriptors(holder))) {
      if (key === "constructor" || key === "free" || key.startsWith("__")) continue;
      const part = ["value", "get"].find((part) => typeof property[part] === "function");
      if (part === undefined) continue;
      const act = judged(`${name}.${key}`, textsOf(name, key), property[part]);
      Object.defineProperty(holder, key, { ...property, [part]: act });
    }
  }
}

for (const [name, type] of Object.entries(CLASSES)) judgeAll(name, type);

// The scheme, host and port of a desk, which answers at the root of its host.
function originOf(url) {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  const isRoot = parsed?.pathname === "/" && parsed.search === "" && parsed.hash === "" && parsed.username === "";
  if (!isRoot || !["http:", "https:"].includes(parsed.protocol)) {
    throw new TypeError(`Desk.open: 'url' has to be http:// or https:// and a host, such as https://desk.example, and is '${url}'`);
  }
  return parsed.origin;
}

function judgeKept(what, kept) {
  let parts = null;
  try {
    parts = JSON.parse(kept);
  } catch {
    // It is none, as below.
  }
  if (typeof parts?.pin === "string" && typeof parts.remembered === "string") return;
  throw new TypeError(`${what}: 'kept' is not what remember() gave; without it the desk is met anew`);
}

const { open } = Desk;
Desk.open = async (url, kept, identity) => {
  judge("Desk.open", textsOf("Desk", "open"), undefined, [url, kept, identity]);
  if (kept !== undefined && kept !== null) judgeKept("Desk.open", kept);
  return open.call(Desk, originOf(url), kept, identity);
};

const { absorb } = Desk.prototype;
Desk.prototype.absorb = function (kept) {
  judge("Desk.absorb", textsOf("Desk", "absorb"), this, [kept]);
  judgeKept("Desk.absorb", kept);
  return absorb.call(this, kept);
};
