// What this page asks of Keplr, the wallet. The extension puts itself into the page as `window.keplr`; nothing of it is loaded from anywhere. It
// learns what it signs and who asks, and never a key of ours: what opens tickets is in the worker.
import type { ToSign, WalletAnswer } from "sealdesk/views";

/** What of Keplr's interface is used here (@keplr-wallet/types 0.13). */
interface Keplr {
  experimentalSuggestChain(info: object): Promise<void>;
  enable(chainId: string): Promise<void>;
  getKey(chainId: string): Promise<{ name: string; algo: string; pubKey: Uint8Array; bech32Address: string }>;
  signAmino(chainId: string, signer: string, document: object, options: object): Promise<{ signature: Signature }>;
  signArbitrary(chainId: string, signer: string, text: string): Promise<Signature>;
}

interface Signature {
  pub_key: { value: string };
  signature: string;
}

declare global {
  interface Window {
    keplr?: Keplr;
  }
}

/** The desk as a wallet has to know it. */
export interface WalletDesk {
  chainId: string;
  prefix: string;
}

/** An account of a wallet's. */
export interface WalletAccount {
  /** What the person calls it there. */
  name: string;
  address: string;
  publicKey: Uint8Array;
}

/** The number of Cosmos in BIP-44, and the coin that wallets insist on: nobody has any of it, and nothing costs any. */
const COIN_TYPE = 118;
const COIN = { coinDenom: "SEAL", coinMinimalDenom: "seal", coinDecimals: 0 };
/** Neither fee nor memo is the wallet's to choose, and nobody needs a balance. */
const OPTIONS = { preferNoSetFee: true, preferNoSetMemo: true, disableBalanceCheck: true };
/** How many letters of a wallet's own words are shown. */
const WORDS_MAX = 300;

/** As `sealdesk chain-info` says it; a test compares the two. */
export function chainInfo({ chainId, prefix }: WalletDesk, url: string): object {
  return {
    chainId,
    chainName: chainId,
    rpc: url,
    rest: url,
    bip44: { coinType: COIN_TYPE },
    bech32Config: {
      bech32PrefixAccAddr: prefix,
      bech32PrefixAccPub: `${prefix}pub`,
      bech32PrefixValAddr: `${prefix}valoper`,
      bech32PrefixValPub: `${prefix}valoperpub`,
      bech32PrefixConsAddr: `${prefix}valcons`,
      bech32PrefixConsPub: `${prefix}valconspub`,
    },
    currencies: [COIN],
    feeCurrencies: [{ ...COIN, gasPriceStep: { low: 0, average: 0, high: 0 } }],
    features: [],
  };
}

/** The person said no, or closed the wallet's window. */
export class Refused extends Error {}

/** There is no such wallet here. */
export class Absent extends Error {}

/** The wallet has no account that this ledger could know. */
export class Unfit extends Error {}

function keplr(): Keplr {
  if (!window.keplr) throw new Absent();
  return window.keplr;
}

/** What Keplr says where the person says no. */
const saysNo = (error: unknown): boolean => /request rejected/i.test(wordsOf(error));

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).slice(0, WORDS_MAX);

/** Shows the desk to the wallet, and asks it for the account that is chosen there. */
export async function connect(desk: WalletDesk): Promise<WalletAccount> {
  const wallet = keplr();
  try {
    await wallet.experimentalSuggestChain(chainInfo(desk, location.origin));
    await wallet.enable(desk.chainId);
    const { name, algo, pubKey, bech32Address } = await wallet.getKey(desk.chainId);
    if (algo !== "secp256k1") throw new Unfit();
    return { name, address: bech32Address, publicKey: Uint8Array.from(pubKey) };
  } catch (error) {
    if (saysNo(error)) throw new Refused();
    throw error;
  }
}

/**
 * Has the wallet sign, if the question `stillAsks` once the wallet is ready: its window is not opened for what somebody has stopped. What comes back
 * is verified by whoever asked; here it is only read.
 */
export async function sign(desk: WalletDesk, asked: ToSign, stillAsks: () => Promise<boolean>): Promise<WalletAnswer> {
  try {
    const wallet = keplr();
    const known = await wallet.getKey(desk.chainId).catch((error: unknown) => {
      if (saysNo(error)) throw error;
      return null;
    });
    // It may have forgotten the desk, or that this page may ask it.
    const { address } = known ? { address: known.bech32Address } : await connect(desk);
    if (address !== asked.signer) return { is: "another_account" };
    if (!(await stillAsks())) return { is: "refused" };
    const { pub_key, signature } =
      asked.kind === "text"
        ? await wallet.signArbitrary(desk.chainId, asked.signer, asked.text)
        : (await wallet.signAmino(desk.chainId, asked.signer, JSON.parse(asked.document) as object, OPTIONS)).signature;
    return { is: "signed", public_key: hex(pub_key.value), signature: hex(signature) };
  } catch (error) {
    return why(error);
  }
}

function why(error: unknown): WalletAnswer {
  if (error instanceof Absent) return { is: "absent" };
  if (error instanceof Refused || saysNo(error)) return { is: "refused" };
  if (/signer mismatched/i.test(wordsOf(error))) return { is: "another_account" };
  return { is: "failed", message: wordsOf(error) };
}

/** Bytes of base64 as hex. */
function hex(base64: string): string {
  return [...atob(base64)].map((letter) => letter.charCodeAt(0).toString(16).padStart(2, "0")).join("");
}
