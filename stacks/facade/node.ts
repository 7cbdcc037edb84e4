// A node's own paths.

import { deserializeCV, serializeCV, type ClarityValue } from "@stacks/transactions";
import { bytesToHex, hexToBytes } from "@stacks/common";
import { admit, CHAIN_ID, decode, hex16, Rejected, Undecodable } from "./admission.ts";
import { misfit } from "./abi.ts";
import { json, text, type Answer, type Request } from "./http.ts";
import type { Block, Ledger } from "./ledger.ts";

/** `POST /v2/transactions`. */
export function submit(ledger: Ledger, request: Request): Answer {
  if (request.body.length === 0) {
    return text(400, "Failed to decode: Invalid Http request: expected non-zero-length body for PostTransaction");
  }
  let bytes: Uint8Array;
  if (request.contentType === "application/octet-stream") bytes = request.body;
  else if (request.contentType === "application/json") {
    const hex = fieldOf(request, "tx");
    if (typeof hex !== "string") return text(400, "Failed to decode: Failed to parse body");
    if (!isHex(hex)) return text(400, "Failed to decode: Failed to parse tx");
    bytes = hexToBytes(hex);
  } else {
    return text(400, "Failed to decode: Wrong Content-Type for transaction; expected application/json or application/octet-stream");
  }
  return offer(ledger, bytes);
}

function offer(ledger: Ledger, bytes: Uint8Array): Answer {
  try {
    const wire = decode(bytes);
    const txid = wire.txid();
    if (ledger.pending.has(txid)) return json(200, txid);
    try {
      ledger.accept(admit(ledger, bytes, wire));
      return json(200, txid);
    } catch (error) {
      if (error instanceof Rejected) return json(400, error.toJson(txid));
      throw error;
    }
  } catch (error) {
    if (!(error instanceof Undecodable)) throw error;
    return text(400, `Failed to decode due to SIP-003 codec error: DeserializeError("${error.message}")`);
  }
}

/** `GET /v2/accounts/{principal}`. */
export function account(ledger: Ledger, request: Request, principal: string): Answer {
  const proofs = request.query.get("proof") === "0" ? {} : { balance_proof: "", nonce_proof: "" };
  return json(200, {
    balance: hex16(ledger.balanceOf(principal)),
    locked: hex16(0n),
    unlock_height: 0,
    nonce: Number(ledger.nonceOf(principal)),
    ...proofs,
  });
}

/** `POST /v2/contracts/call-read/…`. A node runs a public function as long as it writes nothing; here none is run. */
export function callRead(ledger: Ledger, request: Request, contractId: string, name: string): Answer {
  const sender = fieldOf(request, "sender");
  const hexes = fieldOf(request, "arguments");
  if (typeof sender !== "string" || !Array.isArray(hexes)) return text(400, "Failed to decode: Failed to parse JSON body");
  let args: ClarityValue[];
  try {
    args = hexes.map((hex) => deserializeCV(String(hex)));
  } catch {
    return text(400, "Failed to decode: Failed to deserialize argument value");
  }
  const refuse = (cause: string) => json(200, { okay: false, cause });
  const contract = ledger.simnet.getContractsInterfaces().get(contractId);
  if (!contract || !ledger.published.has(contractId)) return refuse(`RuntimeCheck(NoSuchContract("${contractId}"))`);
  const found = contract.functions.find((f) => f.name === name && f.access !== "private");
  if (!found) return refuse(`RuntimeCheck(UndefinedFunction("${name}"))`);
  if (found.access === "public") return refuse("NotReadOnly");
  const wrong = misfit(found.args.map((arg) => arg.type), args);
  if (wrong !== null) return refuse(`RuntimeCheck(TypeError: ${wrong})`);
  const { result } = ledger.simnet.callReadOnlyFn(contractId, name, args, sender);
  return json(200, { okay: true, result: `0x${serializeCV(result)}` });
}

/** `POST /v2/fees/transaction`: what a quiet node says, never below its minimum. */
export function fees(request: Request): Answer {
  const payload = fieldOf(request, "transaction_payload");
  if (typeof payload !== "string" || !isHex(payload)) {
    return text(400, "Failed to decode: Bad hex string supplied for transaction payload");
  }
  const given = Number(fieldOf(request, "estimated_len") ?? 0);
  const length = Math.max(given, payload.replace(/^0x/, "").length / 2);
  const estimation = (rate: number) => ({ fee_rate: rate, fee: Math.ceil(length * rate) });
  return json(200, {
    estimated_cost: { read_count: 10, read_length: 30_000, runtime: 200_000, write_count: 4, write_length: 500 },
    estimated_cost_scalar: 20,
    estimations: [estimation(1), estimation(1.5), estimation(3)],
    cost_scalar_change_by_byte: 0.00476837158203125,
  });
}

/** `GET /v2/info`. */
export function info(ledger: Ledger): Answer {
  const { tip } = ledger;
  return json(200, {
    peer_version: 4207599113,
    pox_consensus: "00".repeat(20),
    burn_block_height: tip.burnHeight,
    stable_pox_consensus: "00".repeat(20),
    stable_burn_block_height: tip.burnHeight,
    server_version: "sealdesk-stacks simulator",
    network_id: CHAIN_ID,
    parent_network_id: 3669344250,
    stacks_tip_height: tip.height,
    stacks_tip: tip.id,
    stacks_tip_consensus_hash: "00".repeat(20),
    genesis_chainstate_hash: "00".repeat(32),
    unanchored_tip: null,
    unanchored_seq: null,
    tenure_height: tip.height,
    exit_at_block_height: null,
    is_fully_synced: true,
  });
}

/** `GET /v2/contracts/interface/…`. */
export function contractInterface(ledger: Ledger, contractId: string): Answer {
  const found = ledger.simnet.getContractsInterfaces().get(contractId);
  if (!found || !ledger.published.has(contractId)) return text(404, "No contract interface data found");
  return json(200, found);
}

/** `GET /v2/contracts/source/…`. */
export function contractSource(ledger: Ledger, contractId: string): Answer {
  const found = ledger.published.get(contractId);
  if (!found) return text(404, "No contract source data found");
  return json(200, { source: found.source, publish_height: found.height, proof: null });
}

/** `GET /v3/transaction/{txid}`, for nodes that index transactions. */
export function transaction(ledger: Ledger, txindex: boolean, txid: string): Answer {
  if (!txindex) return text(501, "Transaction indexing is not enabled");
  const found = ledger.mined.get(txid);
  if (!found) return text(404, `No such transaction ${txid}\n`);
  return json(200, {
    index_block_hash: found.block.id,
    tx: bytesToHex(found.admitted.bytes),
    result: found.result.hex.slice(2),
    block_height: found.block.height,
    is_canonical: true,
  });
}

/** `GET /v3/blocks/{id}` and `GET /v3/blocks/height/{height}`. */
export function block(found: Block | undefined): Answer {
  if (!found) return text(404, "No such block\n");
  return { status: 200, contentType: "application/octet-stream", body: encodeBlock(found) };
}

/** Nakamoto's encoding, header version 0: what nobody here can sign or hash stands as zeros. */
function encodeBlock({ height, parent, time, txs }: Block): Uint8Array {
  const header = Buffer.alloc(1 + 8 + 8 + 20 + 32 + 32 + 32 + 8 + 65 + 4 + 2 + 4);
  header.writeBigUInt64BE(BigInt(height), 1);
  Buffer.from(parent, "hex").copy(header, 37);
  header.writeBigUInt64BE(BigInt(time), 133);
  const count = Buffer.alloc(4);
  count.writeUInt32BE(txs.length);
  return Buffer.concat([header, count, ...txs.map((tx) => tx.admitted.bytes)]);
}


function fieldOf(request: Request, name: string): unknown {
  try {
    const body: unknown = JSON.parse(new TextDecoder().decode(request.body));
    return typeof body === "object" && body !== null ? (body as Record<string, unknown>)[name] : undefined;
  } catch {
    return undefined;
  }
}

const isHex = (hex: string): boolean => /^(0x)?([0-9a-fA-F]{2})*$/.test(hex);
