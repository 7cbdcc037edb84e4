// A page as somebody writes it with connect-web: calls and streams over gRPC-web. The services come from the descriptors of proto/.
import { createFileRegistry, fromBinary, toJson } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";

const bytes = fetch("/descriptors.bin").then((answer) => answer.arrayBuffer());
const registry = bytes.then((bytes) => createFileRegistry(fromBinary(FileDescriptorSetSchema, new Uint8Array(bytes))));

async function client(baseUrl, service) {
  return createClient((await registry).getService(service), createGrpcWebTransport({ baseUrl }));
}

/** What went wrong, as connect has it. */
async function told(error) {
  const refused = ConnectError.from(error);
  const info = (await registry).getMessage("google.rpc.ErrorInfo");
  const details = refused.findDetails(info).map((detail) => toJson(info, detail));
  return { code: Code[refused.code], message: refused.rawMessage, details };
}

const events = [];
let ended;

globalThis.desk = {
  async status(node) {
    const ledger = await client(node, "sealdesk.ledger.v1.Ledger");
    return (await ledger.status({})).chainId;
  },
  async noTicket(node) {
    const support = await client(node, "virtengine.support.v1.Query");
    return support.ticket({ ticketId: "TKT-00000099" }).then(() => undefined, told);
  },
  async follow(node) {
    const ledger = await client(node, "sealdesk.ledger.v1.Ledger");
    const leaving = new AbortController();
    ended = (async () => {
      for await (const { type, txHash } of ledger.follow({ fromStart: true }, { signal: leaving.signal })) {
        events.push({ type, txHash });
        if (events.length === 3) leaving.abort();
      }
    })().then(() => undefined, told);
  },
  events: () => events,
  ended: () => ended,
  failed: (work) => work.then(() => undefined, told),
};
