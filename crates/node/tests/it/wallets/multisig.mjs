// What administrators do who share an account of which two of three keys must sign: with CosmJS's own functions, and its defaults.
import { Secp256k1Wallet, createMultisigThresholdPubkey, encodeAminoPubkey, pubkeyToAddress } from "@cosmjs/amino";
import { Registry } from "@cosmjs/proto-signing";
import { AminoTypes, SigningStargateClient, StargateClient, makeMultisignedTxBytes } from "@cosmjs/stargate";
import { connectComet } from "@cosmjs/tendermint-rpc";

// The two versions say it differently.
const { BinaryWriter } = await import("cosmjs-types/binary").catch(() => import("cosmjs-types/binary.js"));

const asked = JSON.parse(process.env.SEALDESK_ASKED);
const bytes = (base64) => new Uint8Array(Buffer.from(base64, "base64"));
const base64 = (bytes) => Buffer.from(bytes).toString("base64");

// A message is its amino JSON here, so this needs no generated code.
const typeUrl = "/virtengine.roles.v1.MsgAssignRole";
const encode = (message) => {
  const writer = BinaryWriter.create();
  writer.uint32(10).string(message.sender).uint32(18).string(message.address).uint32(26).string(message.role);
  if (message.made) writer.uint32(160).int64(BigInt(message.made)).uint32(168).uint64(BigInt(message.change));
  if (message.account_pub_key) {
    writer.uint32(178).bytes(bytes(message.account_pub_key)).uint32(186).bytes(bytes(message.account_signature));
  }
  return writer;
};
const registry = new Registry([[typeUrl, { encode, decode: () => ({}), fromPartial: (message) => message }]]);
const same = (message) => message;
const aminoTypes = new AminoTypes({
  [typeUrl]: { aminoType: "roles/MsgAssignRole", toAmino: same, fromAmino: same },
});

const wallets = await Promise.all(asked.keys.map((key) => Secp256k1Wallet.fromKey(bytes(key), asked.prefix)));
const members = await Promise.all(wallets.map(async (wallet) => (await wallet.getAccounts())[0]));
const pubkeys = members.map(({ pubkey }) => ({ type: "tendermint/PubKeySecp256k1", value: base64(pubkey) }));
const multisig = createMultisigThresholdPubkey(pubkeys, 2, true);
const address = pubkeyToAddress(multisig, asked.prefix);
const client = await StargateClient.connect(asked.url);
const chainId = await client.getChainId();
const seen = { address, before: (await client.getSequence(address)).sequence };

const fee = { amount: [], gas: "200000" };
async function signed(value, signers) {
  const { sequence } = await client.getSequence(address);
  const signatures = new Map();
  let body;
  for (const at of signers) {
    const signing = await SigningStargateClient.offline(wallets[at], { registry, aminoTypes });
    const data = { accountNumber: 0, sequence, chainId };
    const raw = await signing.sign(members[at].address, [{ typeUrl, value }], fee, "", data);
    signatures.set(members[at].address, raw.signatures[0]);
    body = raw.bodyBytes;
  }
  return makeMultisignedTxBytes(multisig, sequence, fee, body, signatures);
}

// Each member signs the text as themselves: wallets sign texts for no other account. The last line says for whom.
async function vote(text, signers) {
  const data = base64(Buffer.from(`${text}\nfor: ${address}`));
  const bits = signers.reduce((byte, at) => byte | (0x80 >> at), 0);
  const writer = BinaryWriter.create();
  writer.uint32(10).fork().uint32(8).uint32(members.length).uint32(18).bytes(Uint8Array.of(bits)).ldelim();
  for (const at of signers) {
    const msgs = [{ type: "sign/MsgSignData", value: { signer: members[at].address, data } }];
    const doc = { chain_id: "", account_number: "0", sequence: "0", fee: { gas: "0", amount: [] }, msgs, memo: "" };
    const { signature } = await wallets[at].signAmino(members[at].address, doc);
    writer.uint32(18).bytes(bytes(signature.signature));
  }
  return { account_pub_key: base64(encodeAminoPubkey(multisig)), account_signature: base64(writer.finish()) };
}

const listed = { sender: address, address: asked.customer, role: "customer" };
const good = await client.broadcastTx(await signed(listed, [0, 2]));
seen.good = { code: good.code, events: good.events.map((event) => event.type) };

const comet = await connectComet(asked.url);
const now = Math.floor((await comet.status()).syncInfo.latestBlockTime.getTime() / 1000);
const made = new Date(now * 1000).toISOString().replace(".000Z", "Z");
const text =
  `Sealdesk administrators\nledger: ${chainId}\ncircle: ${asked.circle}\nchange: 1\nmade: ${made}\nadd: ${asked.candidate}`;
const ballot = { sender: address, address: asked.candidate, role: "administrator", made: `${now}`, change: "1" };
const voted = await client.broadcastTx(await signed({ ...ballot, ...(await vote(text, [1, 2])) }, [0, 1]));
seen.voted = { code: voted.code, log: voted.rawLog, events: voted.events.map((event) => event.type) };

const all = await signed({ ...listed, address: asked.candidate }, [0, 1, 2]);
seen.threeSigned = await client.broadcastTx(all).then(() => "taken", (error) => `${error.message}`);
const one = await signed({ ...listed, address: asked.candidate }, [1]);
seen.oneSigned = await client.broadcastTx(one).then(() => "taken", (error) => `${error.message}`);

const account = await client.getAccount(address);
seen.account = { type: account.pubkey.type, threshold: account.pubkey.value.threshold, sequence: account.sequence };
seen.key = JSON.stringify(account.pubkey) === JSON.stringify(multisig);
seen.bySender = (await client.searchTx([{ key: "message.sender", value: address }])).map((tx) => tx.code);
client.disconnect();
comet.disconnect();
console.log(JSON.stringify(seen));
process.exit(0);
