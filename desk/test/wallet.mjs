// Keplr, as far as a page sees it, for tests: what it checks, what it strikes out, what it asks the person, and what it signs are as in its own
// source (packages/background/src/keyring-cosmos of chainapsis/keplr-wallet, January 2026); it signs with CosmJS, and takes a chain by Keplr's own
// validator. `make clients` installs both.
import { createRequire } from "node:module";

const of = (client) => createRequire(new URL(`../../clients/${client}/package.json`, import.meta.url));
const { Secp256k1HdWallet } = of("cosmjs-039")("@cosmjs/amino");
const { validateBasicChainInfoType } = of("keplr")("@keplr-wallet/chain-validator");

/** The fields of a document that Keplr signs; it trims all others. */
const KNOWN = ["chain_id", "account_number", "sequence", "fee", "msgs", "memo", "timeout_height"];
const escaped = (text) => text.replaceAll("&", "\\u0026").replaceAll("<", "\\u003c").replaceAll(">", "\\u003e");

export class Wallet {
  /** What was asked: `chain`, `enable`, `text` or `tx`, with what was to be signed. */
  asked = [];
  /** What the person does with the next questions, else they agree: "no", or a function that changes the document. */
  answers = [];
  #chains = new Map();
  #allowed = new Set();
  #accounts;
  #chosen = 0;
  /** What the next question waits for. */
  #held;

  /** A wallet with an account for each of these phrases. */
  constructor(...phrases) {
    this.#accounts = phrases;
  }

  /** Puts it into the pages of a person's browser, before anything of theirs runs. */
  async into(person) {
    const context = person.page.context();
    await context.exposeBinding("fakeKeplr", (_, method, args) => this.#answer(method, args));
    await context.addInitScript(() => {
      const call = async (method, ...args) => {
        const { value, error } = await globalThis.fakeKeplr(method, args);
        if (error !== undefined) throw new Error(error);
        return value;
      };
      globalThis.keplr = {
        version: "0.12.280",
        mode: "extension",
        experimentalSuggestChain: (info) => call("suggest", info),
        enable: (chain) => call("enable", chain),
        getKey: async (chain) => {
          const key = await call("key", chain);
          return { ...key, pubKey: Uint8Array.from(key.pubKey) };
        },
        signAmino: (...args) => call("tx", ...args),
        signArbitrary: (...args) => call("text", ...args),
      };
    });
  }

  /** The person chooses another account in the wallet, which tells the pages. */
  async choose(nth, person) {
    this.#chosen = nth;
    await person.page.evaluate(() => dispatchEvent(new Event("keplr_keystorechange")));
  }

  /** It knows no desk any more, and asks again for all of them. */
  forgets() {
    this.#chains.clear();
    this.#allowed.clear();
  }

  /** The person does not answer the next question before what is returned is called. */
  holds() {
    let go;
    this.#held = new Promise((resolve) => (go = resolve));
    return go;
  }

  async address(prefix = "virtengine", nth = this.#chosen) {
    return (await this.#account(prefix, nth))[1].address;
  }

  async #account(prefix, nth = this.#chosen) {
    const signer = await Secp256k1HdWallet.fromMnemonic(this.#accounts[nth], { prefix });
    return [signer, (await signer.getAccounts())[0]];
  }

  async #answer(method, args) {
    try {
      return { value: await this[`_${method}`](...args) };
    } catch (error) {
      return { error: error.message };
    }
  }

  /** What the person says to one question. */
  async #ask(kind, what) {
    this.asked.push({ kind, what });
    await this.#held;
    this.#held = undefined;
    const answer = this.answers.shift();
    if (answer === "no") throw new Error("Request rejected");
    return answer;
  }

  #chain(id) {
    const chain = this.#chains.get(id);
    if (!chain) throw new Error(`There is no chain info for ${id}`);
    return chain;
  }

  async _suggest(info) {
    // What the schema does not know, it refuses.
    await validateBasicChainInfoType(structuredClone(info), false);
    if (this.#chains.has(info.chainId)) return;
    await this.#ask("chain", info);
    this.#chains.set(info.chainId, info);
  }

  async _enable(id) {
    this.#chain(id);
    if (this.#allowed.has(id)) return;
    await this.#ask("enable", id);
    this.#allowed.add(id);
  }

  async _key(id) {
    const { bech32Config } = this.#chain(id);
    await this._enable(id);
    const [, { address, pubkey, algo }] = await this.#account(bech32Config.bech32PrefixAccAddr);
    return { name: `Account ${this.#chosen + 1}`, algo, pubKey: [...pubkey], bech32Address: address, isNanoLedger: false, isKeystone: false };
  }

  async #signer(id, signer) {
    const [wallet, { address }] = await this.#account(this.#chain(id).bech32Config.bech32PrefixAccAddr);
    if (address !== signer) throw new Error("Signer mismatched");
    return wallet;
  }

  async _tx(id, signer, document, options) {
    const wallet = await this.#signer(id, signer);
    const shown = Object.fromEntries(Object.entries(document).filter(([name]) => KNOWN.includes(name)));
    // Whoever does not ask it to leave the fee alone has it chosen by Keplr.
    if (!options?.preferNoSetFee) shown.fee = { amount: [{ denom: "seal", amount: "0" }], gas: shown.fee.gas };
    shown.memo = escaped(shown.memo);
    const change = await this.#ask("tx", shown);
    change?.(shown);
    return wallet.signAmino(signer, shown);
  }

  async _text(id, signer, text) {
    const wallet = await this.#signer(id, signer);
    const change = await this.#ask("text", text);
    const data = Buffer.from(change?.(text) ?? text, "utf8").toString("base64");
    const msgs = [{ type: "sign/MsgSignData", value: { signer, data } }];
    const { signature } = await wallet.signAmino(signer, { chain_id: "", account_number: "0", sequence: "0", fee: { gas: "0", amount: [] }, msgs, memo: "" });
    return signature;
  }
}
