// An indexer's paths, with the field names of stacks-blockchain-api.

import { cvToString, PayloadType, PostConditionMode, serializeCV, type ClarityValue } from "@stacks/transactions";
import { bytesToHex } from "@stacks/common";
import type { Admitted } from "./admission.ts";
import { typeName } from "./abi.ts";
import { json, type Answer, type Request } from "./http.ts";
import type { Event, Ledger, Mined } from "./ledger.ts";

const LIMIT = 20;
const LIMIT_MAX = 50;
/** What the indexer gives for a transaction that was in no microblock. */
const NO_MICROBLOCK = 2_147_483_647;

const notFound = (what: string): Answer => json(404, { error: what, message: what });
const shown = (value: ClarityValue) => ({ hex: `0x${serializeCV(value)}`, repr: cvToString(value) });

/** `GET /extended/v1/tx/{txid}`. */
export function transaction(ledger: Ledger, id: string): Answer {
  const txid = id.replace(/^0x/, "");
  const mined = ledger.mined.get(txid);
  if (mined) return json(200, minedJson(ledger, mined));
  const pending = ledger.pending.get(txid);
  if (!pending) return notFound("could not find transaction by ID");
  const received = ledger.tip.time;
  return json(200, {
    ...base(ledger, pending),
    tx_status: "pending",
    receipt_time: received,
    receipt_time_iso: iso(received),
  });
}

/** `GET /extended/v1/tx/{txid}/raw`. */
export function rawTransaction(ledger: Ledger, id: string): Answer {
  const mined = ledger.mined.get(id.replace(/^0x/, ""));
  return mined ? json(200, { raw_tx: `0x${bytesToHex(mined.admitted.bytes)}` }) : notFound("could not find transaction by ID");
}

/** `GET /extended/v2/blocks/latest`. A simulated chain makes blocks when it is told to; its newest one always counts as of now. */
export function newestBlock(ledger: Ledger): Answer {
  const { height, id, burnHeight } = ledger.tip;
  const time = Math.floor(Date.now() / 1_000);
  return json(200, {
    canonical: true,
    height,
    hash: `0x${id}`,
    block_time: time,
    block_time_iso: iso(time),
    burn_block_height: burnHeight,
    burn_block_time: time,
    burn_block_time_iso: iso(time),
  });
}

/** `GET /extended/v1/contract/{principal}/events`. */
export function contractEvents(ledger: Ledger, request: Request, contract: string): Answer {
  const page = pageOf(request);
  if (!page) return json(400, { error: "limit or offset is no number in range", message: "limit or offset" });
  const all = [...ledger.blocks]
    .reverse()
    .flatMap((block) => [...block.txs].reverse().flatMap((tx) => eventsOf(tx).reverse()))
    .filter((event) => event.contract_log.contract_id === contract);
  return json(200, { ...page, results: all.slice(page.offset, page.offset + page.limit) });
}

/** `GET /extended/v1/address/{principal}/transactions`. */
export function transactions(ledger: Ledger, request: Request, principal: string): Answer {
  const page = pageOf(request);
  if (!page) return json(400, { error: "limit or offset is no number in range", message: "limit or offset" });
  const concerns = ({ admitted }: Mined) =>
    admitted.origin === principal || ("contractId" in admitted.payload && admitted.payload.contractId === principal);
  const all = [...ledger.blocks].reverse().flatMap((block) => [...block.txs].reverse()).filter(concerns);
  const results = all.slice(page.offset, page.offset + page.limit).map((tx) => minedJson(ledger, tx));
  return json(200, { ...page, total: all.length, results });
}

/** `GET /extended/v1/address/{principal}/nonces`. */
export function nonces(ledger: Ledger, principal: string): Answer {
  const next = Number(ledger.nonceOf(principal));
  const waiting = ledger.pendingOf(principal).map((tx) => Number(tx.nonce));
  const last = waiting.at(-1);
  const missing: number[] = [];
  for (let nonce = next; nonce < (last ?? next); nonce++) if (!waiting.includes(nonce)) missing.push(nonce);
  return json(200, {
    last_mempool_tx_nonce: last ?? null,
    last_executed_tx_nonce: next === 0 ? null : next - 1,
    possible_next_nonce: last === undefined ? next : last + 1,
    detected_missing_nonces: missing.reverse(),
    detected_mempool_nonces: [...waiting].reverse(),
  });
}

const iso = (seconds: number): string => new Date(1_000 * seconds).toISOString();

function pageOf(request: Request): { limit: number; offset: number } | null {
  const number = (name: string, otherwise: number, most: number) => {
    const given = request.query.get(name);
    if (given === null) return otherwise;
    return /^\d{1,9}$/.test(given) && Number(given) <= most ? Number(given) : null;
  };
  const limit = number("limit", LIMIT, LIMIT_MAX);
  const offset = number("offset", 0, 999_999_999);
  return limit === null || offset === null ? null : { limit, offset };
}

function base(ledger: Ledger, tx: Admitted): object {
  const modes: Record<number, string> = { [PostConditionMode.Allow]: "allow", [PostConditionMode.Deny]: "deny" };
  return {
    tx_id: `0x${tx.txid}`,
    nonce: Number(tx.nonce),
    fee_rate: tx.fee.toString(),
    sender_address: tx.origin,
    sponsored: false,
    post_condition_mode: modes[tx.wire.postConditionMode] ?? "originator",
    post_conditions: [],
    anchor_mode: "any",
    ...payload(ledger, tx),
  };
}

function payload(ledger: Ledger, tx: Admitted): object {
  if (tx.payload.payloadType === PayloadType.ContractCall) {
    const { contractId, functionName, functionArgs } = tx.payload;
    const contract = ledger.simnet.getContractsInterfaces().get(contractId);
    const params = contract?.functions.find((f) => f.name === functionName)?.args ?? [];
    const signature = params.map(({ name, type }) => `(${name} ${typeName(type)})`).join(" ");
    const args = params.map(({ name, type }, i) => ({ ...shown(functionArgs[i] as ClarityValue), name, type: typeName(type) }));
    return {
      tx_type: "contract_call",
      contract_call: {
        contract_id: contractId,
        function_name: functionName,
        function_signature: `(define-public (${functionName}${signature && ` ${signature}`}))`,
        function_args: args,
      },
    };
  }
  const { contractName, source, clarityVersion } = tx.payload;
  return {
    tx_type: "smart_contract",
    smart_contract: {
      clarity_version: clarityVersion,
      contract_id: `${tx.origin}.${contractName}`,
      source_code: source,
    },
  };
}

function minedJson(ledger: Ledger, tx: Mined): object {
  const { block, result, costs } = tx;
  return {
    ...base(ledger, tx.admitted),
    block_hash: `0x${block.id}`,
    block_height: block.height,
    block_time: block.time,
    block_time_iso: iso(block.time),
    burn_block_time: block.time,
    burn_block_height: block.burnHeight,
    burn_block_time_iso: iso(block.time),
    parent_burn_block_time: block.time,
    parent_burn_block_time_iso: iso(block.time),
    canonical: true,
    tx_index: tx.index,
    tx_status: result.status,
    tx_result: { hex: result.hex, repr: result.repr },
    event_count: tx.events.length,
    parent_block_hash: `0x${block.parent}`,
    is_unanchored: false,
    microblock_hash: "0x",
    microblock_sequence: NO_MICROBLOCK,
    microblock_canonical: true,
    execution_cost_read_count: costs.readCount,
    execution_cost_read_length: costs.readLength,
    execution_cost_runtime: costs.runtime,
    execution_cost_write_count: costs.writeCount,
    execution_cost_write_length: costs.writeLength,
    vm_error: result.vmError,
    events: eventsOf(tx),
  };
}

function eventsOf({ admitted, events }: Mined) {
  return events.map((event: Event, index: number) => ({
    event_index: index,
    event_type: "smart_contract_log" as const,
    tx_id: `0x${admitted.txid}`,
    contract_log: { contract_id: event.contract, topic: event.topic, value: shown(event.value) },
  }));
}
