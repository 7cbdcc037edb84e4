// What a page with CosmJS does, with the settings that CosmJS has by default. Read from standard input, in the folder of one of CosmJS's
// versions; prints what it saw as one line of JSON and ends by itself.
import { DirectSecp256k1Wallet, Registry } from "@cosmjs/proto-signing";
import { SigningStargateClient, StargateClient } from "@cosmjs/stargate";
import { Comet38Client, HttpBatchClient, connectComet } from "@cosmjs/tendermint-rpc";

const asked = JSON.parse(process.env.SEALDESK_ASKED);
const bytes = (base64) => new Uint8Array(Buffer.from(base64, "base64"));

// Messages come encoded, so this needs no generated code.
const encoded = {
  encode: (message) => ({ finish: () => message.value }),
  decode: (value) => ({ value }),
  fromPartial: (message) => message,
};
const registry = new Registry([
  [asked.good.typeUrl, encoded],
  [asked.refused.typeUrl, encoded],
]);
const message = ({ typeUrl, value }) => ({ typeUrl, value: { value: bytes(value) } });

const wallet = await DirectSecp256k1Wallet.fromKey(bytes(asked.key), asked.prefix);
const [{ address }] = await wallet.getAccounts();
const client = await SigningStargateClient.connectWithSigner(asked.url, wallet, { registry });
const seen = { address };

seen.chainId = await client.getChainId();
seen.before = await client.getSequence(address);
seen.newcomer = await client.getAccount(asked.newcomer);
seen.balance = await client.getBalance(address, "uve");
seen.balances = await client.getAllBalances(address);
seen.simulated = await client.simulate(address, [message(asked.good)], "");

// What is subscribed to before is told while it happens.
const socket = await connectComet(asked.url.replace("http", "ws"));
const told = [];
const blocks = [];
const query = `message.sender='${address}'`;
socket.subscribeTx(query).addListener({ next: (event) => told.push(event), error: (error) => (seen.error = `${error}`) });
socket.subscribeNewBlock().addListener({ next: (event) => blocks.push(event.header.height), error: () => {} });
await new Promise((resolve) => setTimeout(resolve, 100));

const fee = { amount: [], gas: "200000" };
const good = await client.signAndBroadcast(address, [message(asked.good)], fee);
const refused = await client.signAndBroadcast(address, [message(asked.refused)], fee, "a note");
seen.good = { code: good.code, height: good.height, hash: good.transactionHash, events: good.events.map((e) => e.type) };
seen.refused = { code: refused.code, height: refused.height, events: refused.events.map((e) => e.type) };
seen.after = await client.getSequence(address);

const reader = await StargateClient.connect(asked.url);
const found = await reader.getTx(good.transactionHash);
seen.found = { code: found.code, height: found.height, index: found.txIndex };
const search = async (query) => (await reader.searchTx(query)).map((tx) => tx.hash);
seen.bySender = await search([{ key: "message.sender", value: address }]);
seen.byHeight = await search(`tx.height=${good.height}`);
seen.byEvent = await search([{ key: asked.attribute, value: asked.value }]);
seen.unindexed = await search("transfer.recipient='x'").catch((error) => `${error.message}`);
seen.block = (await reader.getBlock(good.height)).txs.length;

const comet = await connectComet(asked.url);
const status = await comet.status();
seen.version = status.nodeInfo.version;
seen.latest = status.syncInfo.latestBlockHeight;
const validators = await comet.validatorsAll(good.height);
const results = await comet.blockResults(good.height);
const commit = await comet.commit(good.height);
const chain = await comet.blockchain();
seen.comet = {
  info: (await comet.abciInfo()).data,
  validators: validators.total,
  results: results.results.map((result) => result.code),
  canonical: commit.canonical,
  signatures: commit.commit.signatures.length,
  metas: chain.blockMetas.length,
  waiting: (await comet.numUnconfirmedTxs()).total,
  genesis: (await comet.genesis()).chainId,
  searched: (await comet.txSearchAll({ query })).totalCount,
  blocks: (await comet.blockSearchAll({ query: `block.height=${good.height}` })).totalCount,
};
await comet.health();

const batch = await Comet38Client.create(new HttpBatchClient(asked.url));
const both = await Promise.all([batch.block(1), batch.block(good.height), batch.abciInfo()]);
seen.batch = both.map((answer) => answer.block?.header.height ?? answer.data);

// Both transactions are in blocks, so they were told by the time that a later block is.
for (let tries = 0; told.length < 2 && tries < 600; tries += 1) {
  await new Promise((resolve) => setTimeout(resolve, 50));
}
seen.told = told.map((event) => [event.height, event.result.code]);
seen.blocks = blocks.includes(good.height);
for (const each of [client, reader, comet, batch, socket]) each.disconnect();
console.log(JSON.stringify(seen, (_, value) => (typeof value === "bigint" ? Number(value) : value)));
process.exit(0);
