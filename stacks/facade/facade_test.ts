// The simulator answers as a node does: refusals against fixtures, and a ticket's life through HTTP alone.

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { bytesToHex, hexToBytes } from "@stacks/common";
import {
  Cl, ClarityVersion, cvToString, deserializeCV, deserializeTransaction, getAddressFromPrivateKey, makeContractCall,
  makeContractDeploy, serializeCV, serializePayloadBytes, type ClarityValue, type StacksTransactionWire,
} from "@stacks/transactions";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { encode, MAINNET_ADDRESS, sealed } from "../tests/desk.ts";
import { golden } from "../tests/golden.ts";
import { Simulator, type Options } from "./server.ts";

const SOURCE = readFileSync("contracts/ticket-system.clar", "utf8");
/** Keys that everyone can make, and nobody should use. */
const key = (name: string): string => `${Buffer.from(name).toString("hex").padEnd(64, "1")}01`;
const [ADMIN, ALICE, MALLORY] = [key("administrator"), key("alice"), key("mallory")];
const address = (of: string): string => getAddressFromPrivateKey(of, "testnet");
const CONTRACT = `${address(ADMIN)}.ticket-system`;

let simulator: Simulator;
let url: string;

async function start(options: Partial<Options> = {}): Promise<void> {
  simulator = await Simulator.start({ port: 0, mineMs: 0, indexer: true, txindex: true, balance: 10n ** 12n, ...options });
  url = `http://127.0.0.1:${simulator.port}`;
}

const get = async (path: string) => {
  const response = await fetch(url + path);
  const body = await response.text();
  const type = response.headers.get("content-type");
  return { status: response.status, content_type: type, body: type === "application/json" ? JSON.parse(body) : body };
};

async function post(path: string, body: Uint8Array | object) {
  const bytes = body instanceof Uint8Array;
  const response = await fetch(url + path, {
    method: "POST",
    headers: { "content-type": bytes ? "application/octet-stream" : "application/json" },
    body: bytes ? body.slice().buffer : JSON.stringify(body),
  });
  const text = await response.text();
  const type = response.headers.get("content-type");
  return { status: response.status, content_type: type, body: type === "application/json" ? JSON.parse(text) : text };
}

const send = (tx: StacksTransactionWire) => post("/v2/transactions", tx.serializeBytes());
const mine = (burnBlocks = 0) => post("/simulator/mine", { burn_blocks: burnBlocks });

const deploy = (nonce = 0, fee = 100_000, codeBody = SOURCE) =>
  makeContractDeploy({
    contractName: "ticket-system", codeBody, clarityVersion: ClarityVersion.Clarity3, senderKey: ADMIN, network: "testnet",
    nonce, fee, postConditionMode: "deny",
  });

type CallOptions = { key?: string; nonce?: number; fee?: number; contract?: string; network?: "testnet" | "mainnet" };

function callTx(name: string, args: ClarityValue[], options: CallOptions = {}): Promise<StacksTransactionWire> {
  const [contractAddress, contractName] = (options.contract ?? CONTRACT).split(".") as [string, string];
  return makeContractCall({
    contractAddress, contractName, functionName: name, functionArgs: args, senderKey: options.key ?? ALICE,
    network: options.network ?? "testnet", nonce: options.nonce ?? 0, fee: options.fee ?? 20_000, postConditionMode: "deny",
  });
}

const create = (n: number, options: CallOptions = {}) =>
  callTx("create-ticket", encode("create-ticket", ["technical", 2, ...sealed(n)]), options);

/** The administrator's contract is there. */
async function deployed(options: Partial<Options> = {}): Promise<void> {
  await start(options);
  expect((await send(await deploy())).status).toBe(200);
  await mine();
}

const readOnly = async (name: string, ...args: ClarityValue[]) =>
  (await post(`/v2/contracts/call-read/${CONTRACT.replace(".", "/")}/${name}`, {
    sender: address(ALICE),
    arguments: args.map((arg) => serializeCV(arg)),
  })).body as { okay: boolean; result?: string; cause?: string };

/** What follows from the contract's source, and so would change the fixtures with each word of it. */
const CHANGING = /^(parent_|index_)?block_hash$|^execution_cost_/;

function fixture(name: string, answer: unknown): void {
  const steady = (key: string, value: unknown) => {
    if (!CHANGING.test(key)) return value;
    return typeof value === "string" ? value.replaceAll(/[0-9a-f]{64}/g, "ab".repeat(32)) : 1_000;
  };
  golden(`facade/fixtures/${name}.json`, `${JSON.stringify(answer, steady, 2)}\n`);
}

afterEach(() => simulator.close());

describe("a real node's refusals", () => {
  beforeEach(() => deployed());

  test("bad-nonce: one that was used before", async () => {
    fixture("bad-nonce", await send(await callTx("get-ticket-count", [], { key: ADMIN, nonce: 0 })));
  });

  test("fee-too-low: less than a microSTX a byte", async () => {
    fixture("fee-too-low", await send(await create(1, { fee: 100 })));
  });

  test("too-much-chaining: a nonce too far ahead, and the last that is not", async () => {
    fixture("too-much-chaining", await send(await create(1, { nonce: 27 })));
    expect((await send(await create(1, { nonce: 26 }))).status).toBe(200);
  });

  test("signature-validation: another's signature, and a changed byte", async () => {
    const [mine, other] = [await create(1), await create(1, { key: MALLORY })];
    mine.auth.spendingCondition.signer = other.auth.spendingCondition.signer;
    fixture("signature-validation", await send(mine));
    const bytes = (await create(1)).serializeBytes();
    bytes[bytes.length - 1] = 1 ^ (bytes[bytes.length - 1] as number);
    expect((await post("/v2/transactions", bytes)).body).toMatchObject({ reason: "SignatureValidation" });
  });

  test("signature-validation-high-s: the malleable twin of a good signature", async () => {
    const tx = await create(1);
    const condition = tx.auth.spendingCondition as unknown as { signature: { data: string } };
    const { data } = condition.signature;
    const order = BigInt("0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");
    const recovery = 1 ^ Number(data.slice(0, 2));
    const s = (order - BigInt(`0x${data.slice(66)}`)).toString(16).padStart(64, "0");
    condition.signature.data = `0${recovery}${data.slice(2, 66)}${s}`;
    fixture("signature-validation-high-s", await send(tx));
  });

  test("no-such-public-function: a name that is none, or a read-only one", async () => {
    fixture("no-such-public-function", await send(await callTx("nope", [])));
    expect((await send(await callTx("get-ticket-count", []))).body).toMatchObject({ reason: "NoSuchPublicFunction" });
  });

  test("no-such-contract", async () => {
    fixture("no-such-contract", await send(await callTx("nope", [], { contract: `${address(ADMIN)}.nothing` })));
  });

  test("bad-function-argument: a wrong type, a wrong number, bytes too long", async () => {
    fixture("bad-function-argument", await send(await callTx("close-expired-ticket", [Cl.int(1)])));
    fixture("bad-function-argument-count", await send(await callTx("close-expired-ticket", [])));
    const long = [Cl.uint(1), Cl.bufferFromHex("00".repeat(4_097))];
    expect((await send(await callTx("grant-access", long))).body).toMatchObject({ reason: "BadFunctionArgument" });
  });

  test("bad-transaction-version: one for the other network", async () => {
    fixture("bad-transaction-version", await send(await create(1, { network: "mainnet" })));
  });

  test("not-enough-funds", async () => {
    await post("/simulator/fund", { principal: address(ALICE), balance: "19999" });
    fixture("not-enough-funds", await send(await create(1)));
  });

  test("contract-already-exists", async () => {
    fixture("contract-already-exists", await send(await deploy(1, 1_000, ";; another of this name")));
  });

  test("conflicting-nonce-in-mempool: the same nonce again without a higher fee; with one it takes the place", async () => {
    expect((await send(await create(1))).status).toBe(200);
    fixture("conflicting-nonce-in-mempool", await send(await create(2)));
    const dearer = await create(3, { fee: 30_000 });
    expect((await send(dearer)).status).toBe(200);
    expect((await mine()).body.mined).toEqual([dearer.txid()]);
  });

  test("undecodable: bytes that are no transaction, and one byte too many", async () => {
    fixture("undecodable", await post("/v2/transactions", hexToBytes("80")));
    const tx = (await create(1)).serializeBytes();
    const answer = await post("/v2/transactions", Buffer.concat([tx, Buffer.from([0])]));
    expect(answer.status).toBe(400);
    expect(answer.body).toContain("Failed to decode due to SIP-003 codec error");
    expect((await post("/v2/transactions", { tx: "0" })).status).toBe(400);
    expect((await post("/v2/transactions", new Uint8Array())).status).toBe(400);
  });

  test("call-read: an unknown function, a writing one, one of an unknown contract", async () => {
    const path = `/v2/contracts/call-read/${CONTRACT.replace(".", "/")}`;
    const body = { sender: address(ALICE), arguments: [] };
    fixture("call-read-undefined-function", await post(`${path}/nope`, body));
    fixture("call-read-not-read-only", await post(`${path}/accept-owner`, body));
    fixture("call-read-no-such-contract", await post(`${path}x/get-ticket-count`, body));
    fixture("call-read-okay", await post(`${path}/get-ticket-count`, body));
    expect((await post(`${path}/get-ticket`, { sender: address(ALICE), arguments: ["0x"] })).status).toBe(400);
  });
});

describe("a node", () => {
  test("accepts with the id as a JSON string, again for what waits, and a hex body too", async () => {
    await deployed();
    const tx = await create(1);
    const accepted = await send(tx);
    fixture("accepted", accepted);
    expect(accepted).toMatchObject({ status: 200, body: tx.txid() });
    expect(await send(tx)).toEqual(accepted);
    expect(await post("/v2/transactions", { tx: bytesToHex(tx.serializeBytes()) })).toEqual(accepted);
    expect((await mine()).body.mined).toEqual([tx.txid()]);
    // What is mined is not in the mempool: the nonce is used up.
    expect((await send(tx)).body).toMatchObject({ reason: "BadNonce" });
  });

  test("counts only what is mined, chains what waits, and runs it in order", async () => {
    await deployed();
    const txs = await Promise.all([2, 0, 1].map((nonce) => create(nonce, { nonce })));
    for (const tx of txs) expect((await send(tx)).status).toBe(200);
    const account = async () => (await get(`/v2/accounts/${address(ALICE)}?proof=0`)).body;
    expect(await account()).toMatchObject({ nonce: 0, balance: `0x${(10n ** 12n).toString(16).padStart(32, "0")}` });
    expect((await get(`/extended/v1/address/${address(ALICE)}/nonces`)).body).toEqual({
      last_mempool_tx_nonce: 2, last_executed_tx_nonce: null, possible_next_nonce: 3, detected_missing_nonces: [],
      detected_mempool_nonces: [2, 1, 0],
    });
    expect((await mine()).body.mined).toEqual([txs[1]?.txid(), txs[2]?.txid(), txs[0]?.txid()]);
    fixture("account", await get(`/v2/accounts/${address(ALICE)}?proof=0`));
    expect(await account()).toMatchObject({ nonce: 3 });
  });

  test("estimates three fees, none below a microSTX a byte", async () => {
    await start();
    const { payload } = await create(1);
    const body = { transaction_payload: bytesToHex(serializePayloadBytes(payload)), estimated_len: 4_400 };
    const answer = await post("/v2/fees/transaction", body);
    fixture("fees", answer);
    expect(answer.body.estimations.map(({ fee }: { fee: number }) => fee)).toEqual([4_400, 6_600, 13_200]);
    expect((await post("/v2/fees/transaction", { transaction_payload: "xx" })).status).toBe(400);
  });

  test("shows the contract's source and interface, and 404 before there is one", async () => {
    await start();
    const at = CONTRACT.replace(".", "/");
    expect((await get(`/v2/contracts/source/${at}`)).status).toBe(404);
    expect((await get(`/v2/contracts/interface/${at}`)).status).toBe(404);
    await send(await deploy());
    await mine();
    expect((await get(`/v2/contracts/source/${at}`)).body).toMatchObject({ source: SOURCE, publish_height: 2 });
    const { functions } = (await get(`/v2/contracts/interface/${at}`)).body;
    expect(functions.find((f: { name: string }) => f.name === "revoke-key")).toMatchObject({
      access: "public", args: [{ name: "version", type: "uint128" }],
    });
  });

  test("gives a transaction by id and in its block, so that a payload is read without an indexer", async () => {
    await deployed({ indexer: false });
    const tx = await create(1);
    await send(tx);
    await mine();
    const found = await get(`/v3/transaction/${tx.txid()}`);
    fixture("v3-transaction", found);
    expect(deserializeTransaction(found.body.tx).txid()).toBe(tx.txid());
    expect(cvToString(deserializeCV(found.body.result))).toBe("(ok u1)");
    const response = await fetch(`${url}/v3/blocks/height/${found.body.block_height}`);
    const block = new Uint8Array(await response.arrayBuffer());
    // Header of version 0 without signers: 216 bytes; then the number of transactions.
    expect(bytesToHex(block.slice(216, 220))).toBe("00000001");
    expect(bytesToHex(block.slice(220))).toBe(bytesToHex(tx.serializeBytes()));
    expect((await get(`/v3/transaction/${"0".repeat(64)}`)).status).toBe(404);
    expect((await get(`/extended/v1/tx/0x${tx.txid()}`)).status).toBe(404);
    expect((await get(`/extended/v1/contract/${CONTRACT}/events`)).status).toBe(404);
  });

  test("without an index of transactions says so", async () => {
    await start({ txindex: false });
    fixture("v3-transaction-no-index", await get(`/v3/transaction/${"0".repeat(64)}`));
  });

  test("can be told to answer anything once", async () => {
    await start();
    await post("/simulator/answer", { path: "/v2/info", status: 200, body: "[[[[" });
    expect((await fetch(`${url}/v2/info`).then((r) => r.text()))).toBe("[[[[");
    fixture("info", await get("/v2/info"));
  });
});

describe("a ticket's life over HTTP", () => {
  test("deploy, staff, ticket, assign, comment, resolve; results, events and state agree", async () => {
    await deployed();
    const [hash, bytes] = sealed(1);
    await send(await callTx("add-staff-member", [Cl.principal(address(MALLORY))], { key: ADMIN, nonce: 1 }));
    await send(await create(1));
    await mine();
    await send(await callTx("assign-ticket", [Cl.uint(1), Cl.principal(address(MALLORY))], { key: ADMIN, nonce: 2 }));
    await mine();
    const comment = await callTx("add-comment", encode("add-comment", [1, hash, bytes, false]), { key: MALLORY });
    await send(comment);
    expect((await get(`/extended/v1/tx/${comment.txid()}`)).body.tx_status).toBe("pending");
    await mine();
    const tx = (await get(`/extended/v1/tx/0x${comment.txid()}`)).body;
    expect(tx).toMatchObject({ tx_status: "success", tx_result: { repr: "(ok u0)" }, event_count: 2, tx_type: "contract_call" });
    expect(tx.contract_call.function_args[1]).toMatchObject({ name: "payload-hash", type: "(buff 32)", repr: `0x${hash}` });
    fixture("extended-tx", await get(`/extended/v1/tx/0x${comment.txid()}`));
    const events = (await get(`/extended/v1/contract/${CONTRACT}/events?limit=3&offset=0`)).body;
    const names = events.results.map((e: { contract_log: { value: { repr: string } } }) => /event "([a-z-]+)"/.exec(e.contract_log.value.repr)?.[1]);
    expect(names).toEqual(["ticket-status-changed", "ticket-commented", "ticket-assigned"]);
    expect((await get(`/extended/v1/contract/${CONTRACT}/events?limit=3&offset=3`)).body.results).toHaveLength(2);
    const ticket = await readOnly("get-ticket", Cl.uint(1));
    expect(cvToString(deserializeCV(ticket.result as string))).toContain("(status u3)");
  });

  test("what the contract refuses is mined, reverted and says its code", async () => {
    await deployed();
    const tx = await create(1, { key: ADMIN, nonce: 1 });
    expect((await send(tx)).status).toBe(200);
    await mine();
    const found = (await get(`/extended/v1/tx/0x${tx.txid()}`)).body;
    expect(found).toMatchObject({ tx_status: "abort_by_response", tx_result: { hex: serialized(100), repr: "(err u100)" }, events: [] });
    expect((await get(`/v2/accounts/${address(ADMIN)}?proof=0`)).body.nonce).toBe(2);
  });

  test("a contract that does not compile is mined as reverted", async () => {
    await start();
    const tx = await makeContractDeploy({
      contractName: "broken", codeBody: "(define-public (f) (ok", clarityVersion: ClarityVersion.Clarity3, senderKey: ADMIN,
      network: "testnet", nonce: 0, fee: 1_000,
    });
    await send(tx);
    await mine();
    expect((await get(`/extended/v1/tx/0x${tx.txid()}`)).body).toMatchObject({
      tx_status: "abort_by_response", tx_result: { repr: "(err none)" },
    });
    expect((await get(`/v2/contracts/source/${address(ADMIN)}/broken`)).status).toBe(404);
  });

  test("the contract is deployed as any version that its transaction names", async () => {
    await start();
    for (const [nonce, clarityVersion] of [ClarityVersion.Clarity3, ClarityVersion.Clarity4, 6 as ClarityVersion].entries()) {
      const contractName = `desk-${clarityVersion}`;
      const tx = await makeContractDeploy({
        contractName, codeBody: SOURCE, clarityVersion, senderKey: ADMIN, network: "testnet", nonce, fee: 100_000,
      });
      await send(tx);
      await mine();
      expect((await get(`/extended/v1/tx/${tx.txid()}`)).body).toMatchObject({
        tx_status: "success", smart_contract: { clarity_version: clarityVersion, contract_id: `${address(ADMIN)}.${contractName}` },
      });
    }
  });

  test("burn blocks pass when told, and a mainnet principal gets no role", async () => {
    await deployed();
    const before = (await get("/v2/info")).body.burn_block_height;
    expect((await mine(1_009)).body.burn_block_height).toBe(before + 1_009);
    expect((await mine(-1)).status).toBe(400);
    const tx = await callTx("add-staff-member", [Cl.principal(MAINNET_ADDRESS)], { key: ADMIN, nonce: 1 });
    await send(tx);
    await mine();
    expect((await get(`/extended/v1/tx/0x${tx.txid()}`)).body.tx_result.repr).toBe("(err u103)");
  });
});

describe("the program", () => {
  test("says one line, mines by itself, and ends when its parent does", async () => {
    await start();
    const child = spawn(process.execPath, ["--import", "tsx", "facade/main.ts", "--seconds", "100", "--mine-ms", "20"], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    try {
      let output = "";
      for await (const chunk of child.stdout) {
        output += String(chunk);
        if (output.includes("\n")) break;
      }
      const line = JSON.parse(output);
      expect(line).toMatchObject({ simulator: "sealdesk-stacks", chain_id: 2_147_483_648, transaction_version: 128, address_version: 26 });
      url = line.url;
      await send(await deploy());
      await expect.poll(async () => (await get(`/v2/accounts/${address(ADMIN)}?proof=0`)).body.nonce, { timeout: 20_000 }).toBe(1);
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.stdin.end();
      expect(await ended).toBe(0);
    } finally {
      child.kill();
    }
  });
});

const serialized = (code: number): string => `0x${serializeCV(Cl.error(Cl.uint(code)))}`;
