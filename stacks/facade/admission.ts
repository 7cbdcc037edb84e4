// What a node refuses before a transaction enters its mempool, in the node's order (stacks-core, `can_include_tx`).

import type { IContractInterface } from "@stacks/clarinet-sdk-wasm";
import {
  addressFromVersionHash, addressToString, AddressVersion, AuthType, type ClarityValue, type ClarityVersion, deserializeTransaction,
  PayloadType, type StacksTransactionWire,
} from "@stacks/transactions";
import { bytesToHex } from "@stacks/common";
import { misfit } from "./abi.ts";
import type { Ledger } from "./ledger.ts";

export const CHAIN_ID = 0x8000_0000;
const TRANSACTION_VERSION = 0x80;
const CHAINED_MAX = 25n;
/** Half of secp256k1's order: above it, a signature is the malleable twin of one below. */
const HALF_ORDER = BigInt("0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0");
/** SIP-005's hash mode of one key, and the encoding of a compressed one. */
const P2PKH = 0;

export type Call = {
  payloadType: PayloadType.ContractCall;
  contractId: string;
  functionName: string;
  functionArgs: ClarityValue[];
};
export type Deploy = {
  payloadType: PayloadType.VersionedSmartContract;
  contractName: string;
  source: string;
  /** Null where the transaction names none, and the epoch's newest is meant. */
  clarityVersion: ClarityVersion | null;
};

/** A transaction that may wait to be mined. */
export type Admitted = {
  txid: string;
  bytes: Uint8Array;
  wire: StacksTransactionWire;
  origin: string;
  nonce: bigint;
  fee: bigint;
  payload: Call | Deploy;
};

/** A refusal as the node words it. */
export class Rejected extends Error {
  readonly reason: string;
  readonly data: object | undefined;
  constructor(reason: string, data?: object) {
    super(reason);
    this.reason = reason;
    this.data = data;
  }

  toJson(txid: string): object {
    const data = this.data === undefined ? {} : { reason_data: this.data };
    return { error: "transaction rejected", reason: this.reason, ...data, txid };
  }
}

/** Bytes that are no transaction. */
export class Undecodable extends Error {}

export function decode(bytes: Uint8Array): StacksTransactionWire {
  try {
    const wire = deserializeTransaction(bytes);
    if (bytesToHex(wire.serializeBytes()) === bytesToHex(bytes)) return wire;
  } catch (error) {
    throw new Undecodable(error instanceof Error ? error.message : String(error));
  }
  throw new Undecodable("bytes left over");
}

/** Judges a transaction as a node does; throws {@link Rejected}. */
export function admit(ledger: Ledger, bytes: Uint8Array, wire: StacksTransactionWire): Admitted {
  if (wire.transactionVersion !== TRANSACTION_VERSION) throw new Rejected("BadTransactionVersion");
  checkSignature(wire);
  const condition = wire.auth.spendingCondition;
  const fee = BigInt(condition.fee);
  const nonce = BigInt(condition.nonce);
  const minimum = BigInt(bytes.length);
  if (fee < minimum) throw new Rejected("FeeTooLow", { expected: Number(minimum), actual: Number(fee) });
  const origin = addressToString(addressFromVersionHash(AddressVersion.TestnetSingleSig, condition.signer));
  checkNonce(origin, nonce, ledger.nonceOf(origin));
  const balance = ledger.balanceOf(origin);
  if (balance < fee) throw new Rejected("NotEnoughFunds", { expected: hex16(fee), actual: hex16(balance) });
  const payload = checkPayload(ledger, origin, wire);
  const rival = ledger.pendingOf(origin).find((tx) => tx.nonce === nonce);
  if (rival && rival.fee >= fee) throw new Rejected("ConflictingNonceInMempool");
  return { txid: wire.txid(), bytes, wire, origin, nonce, fee, payload };
}

export const hex16 = (value: bigint): string => `0x${value.toString(16).padStart(32, "0")}`;

function checkSignature(wire: StacksTransactionWire): void {
  const condition = wire.auth.spendingCondition;
  if (wire.auth.authType !== AuthType.Standard || condition.hashMode !== P2PKH || !("signature" in condition)) {
    throw new Rejected("ServerFailureOther", { message: "The simulator takes transactions of one key, paid by their sender" });
  }
  const invalid = (message: string) => new Rejected("SignatureValidation", { message });
  // Recovery id, r, s.
  if (BigInt(`0x${condition.signature.data.slice(66)}`) > HALF_ORDER) {
    throw invalid("Invalid signature: high-S signature");
  }
  try {
    wire.verifyOrigin();
  } catch {
    throw invalid(`Signer hash does not equal hash of public key(s): ${condition.signer}`);
  }
  if (Number(wire.chainId) !== CHAIN_ID) {
    throw invalid(`Invalid tx ${wire.txid()}: invalid chain ID ${wire.chainId} (expected ${CHAIN_ID})`);
  }
}

function checkNonce(principal: string, actual: bigint, expected: bigint): void {
  if (actual < expected) {
    throw new Rejected("BadNonce", { expected: Number(expected), actual: Number(actual), is_origin: true, principal });
  }
  const most = expected + 1n + CHAINED_MAX;
  if (actual > most) {
    throw new Rejected("TooMuchChaining", {
      message: "Nonce would exceed chaining limit in mempool",
      expected: Number(most),
      actual: Number(actual),
      is_origin: true,
      principal,
    });
  }
}

function checkPayload(ledger: Ledger, origin: string, { payload }: StacksTransactionWire): Call | Deploy {
  switch (payload.payloadType) {
    case PayloadType.ContractCall: {
      const contractId = `${addressToString(payload.contractAddress)}.${payload.contractName.content}`;
      const contract = ledger.simnet.getContractsInterfaces().get(contractId);
      if (!contract || !ledger.published.has(contractId)) throw new Rejected("NoSuchContract");
      checkArguments(contract, payload.functionName.content, payload.functionArgs);
      const { functionArgs } = payload;
      return { payloadType: PayloadType.ContractCall, contractId, functionName: payload.functionName.content, functionArgs };
    }
    case PayloadType.SmartContract:
    case PayloadType.VersionedSmartContract: {
      const contractName = payload.contractName.content;
      const id = `${origin}.${contractName}`;
      if (ledger.published.has(id)) throw new Rejected("ContractAlreadyExists", { contract_identifier: id });
      const clarityVersion = payload.payloadType === PayloadType.VersionedSmartContract ? payload.clarityVersion : null;
      const source = payload.codeBody.content;
      return { payloadType: PayloadType.VersionedSmartContract, contractName, source, clarityVersion };
    }
    case PayloadType.TokenTransfer:
      throw new Rejected("ServerFailureOther", { message: "The simulator moves no tokens" });
    default:
      throw new Rejected("NoCoinbaseViaMempool");
  }
}

function checkArguments(contract: IContractInterface, name: string, args: ClarityValue[]): void {
  const found = contract.functions.find((f) => f.name === name && f.access === "public");
  if (!found) throw new Rejected("NoSuchPublicFunction");
  const message = misfit(found.args.map((arg) => arg.type), args);
  if (message !== null) throw new Rejected("BadFunctionArgument", { message });
}
