import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { connect, Refused, sign, Unfit } from "./keplr.ts";

const DESK = { chainId: "desk-1", prefix: "virtengine" };
const ME = "virtengine1me";
const TEXT = { kind: "text", signer: ME, text: "words" } as const;
const TX = { kind: "tx", signer: ME, chain_id: "desk-1", document: '{"memo":"","fee":{"amount":[],"gas":"0"}}' } as const;
const SIGNATURE = { pub_key: { value: btoa("\x02\xff") }, signature: btoa("\x00\x10") };
const KEY = { name: "mine", algo: "secp256k1", pubKey: Uint8Array.of(2, 255), bech32Address: ME };

const fake = () => ({
  experimentalSuggestChain: vi.fn(async () => undefined),
  enable: vi.fn(async () => undefined),
  getKey: vi.fn(async () => KEY),
  signAmino: vi.fn(async () => ({ signed: {}, signature: SIGNATURE })),
  signArbitrary: vi.fn(async () => SIGNATURE),
});

let keplr: ReturnType<typeof fake>;

beforeEach(() => {
  keplr = fake();
  vi.stubGlobal("window", { keplr });
  vi.stubGlobal("location", { origin: "https://desk.example" });
});
afterEach(() => vi.unstubAllGlobals());

const still = async () => true;

test("a text and a transaction are signed, and neither fee nor memo is left to the wallet", async () => {
  const signed = { is: "signed", public_key: "02ff", signature: "0010" };
  expect(await sign(DESK, TEXT, still)).toEqual(signed);
  expect(await sign(DESK, TX, still)).toEqual(signed);
  const options = { preferNoSetFee: true, preferNoSetMemo: true, disableBalanceCheck: true };
  expect(keplr.signAmino).toHaveBeenCalledWith("desk-1", ME, JSON.parse(TX.document), options);
  expect(keplr.experimentalSuggestChain).not.toHaveBeenCalled();
});

test("a wallet's window is not opened for what was stopped while it was looked for", async () => {
  expect(await sign(DESK, TEXT, async () => false)).toEqual({ is: "refused" });
  expect(keplr.signArbitrary).not.toHaveBeenCalled();
});

test("a wallet that has forgotten the desk is told of it again", async () => {
  keplr.getKey.mockRejectedValueOnce(new Error("There is no chain info for desk-1"));
  expect((await sign(DESK, TEXT, still)).is).toBe("signed");
  expect(keplr.experimentalSuggestChain).toHaveBeenCalledOnce();
});

test("nothing is signed without the person, the wallet and the account", async () => {
  keplr.signArbitrary.mockRejectedValueOnce(new Error("Request rejected"));
  expect(await sign(DESK, TEXT, still)).toEqual({ is: "refused" });
  keplr.getKey.mockRejectedValueOnce(new Error("Request rejected"));
  expect(await sign(DESK, TEXT, still)).toEqual({ is: "refused" });
  keplr.signAmino.mockRejectedValueOnce(new Error("Signer mismatched"));
  expect(await sign(DESK, TX, still)).toEqual({ is: "another_account" });
  keplr.getKey.mockResolvedValueOnce({ ...KEY, bech32Address: "virtengine1other" });
  expect(await sign(DESK, TX, still)).toEqual({ is: "another_account" });
  keplr.signAmino.mockRejectedValueOnce(new Error("Ledger is not connected"));
  expect(await sign(DESK, TX, still)).toEqual({ is: "failed", message: "Ledger is not connected" });
  vi.stubGlobal("window", {});
  expect(await sign(DESK, TX, still)).toEqual({ is: "absent" });
});

test("an account is connected if the person says so, and if its key is of the kind that the ledger knows", async () => {
  expect(await connect(DESK)).toEqual({ name: "mine", address: ME, publicKey: KEY.pubKey });
  keplr.enable.mockRejectedValueOnce(new Error("Request rejected"));
  await expect(connect(DESK)).rejects.toBeInstanceOf(Refused);
  keplr.getKey.mockResolvedValueOnce({ ...KEY, algo: "ethsecp256k1" });
  await expect(connect(DESK)).rejects.toBeInstanceOf(Unfit);
});
