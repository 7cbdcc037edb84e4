// Which path is answered by what.

import type { Server } from "node:http";
import * as indexer from "./indexer.ts";
import { json, jsonBody, serve, text, type Answer, type Request } from "./http.ts";
import { Ledger } from "./ledger.ts";
import * as node from "./node.ts";

export type Options = {
  port: number;
  mineMs: number;
  indexer: boolean;
  txindex: boolean;
  balance: bigint;
};

const BURN_BLOCKS_MAX = 10_000;
const ADDRESS = "([0-9A-Z]{28,41})";
const NAME = "([a-zA-Z][a-zA-Z0-9_-]{0,127})";
const PRINCIPAL = `([0-9A-Z]{28,41}(?:\\.${NAME.slice(1, -1)})?)`;

/** A canned answer that the next request whose path begins so gets. */
type Canned = { path: string; answer: Answer };

type Handler = (request: Request, ...captured: string[]) => Answer;

/** The simulator: listens until it is closed. */
export class Simulator {
  readonly port: number;
  private readonly server: Server;
  private readonly timer: NodeJS.Timeout | null;

  private constructor(server: Server, port: number, timer: NodeJS.Timeout | null) {
    this.server = server;
    this.port = port;
    this.timer = timer;
  }

  static async start(options: Options): Promise<Simulator> {
    const ledger = await Ledger.start(options.balance);
    const canned: Canned[] = [];
    const routes = [...nodeRoutes(ledger, options), ...indexerRoutes(ledger, options), ...controlRoutes(ledger, canned)];
    const { server, port } = await serve(options.port, (request) => route(routes, canned, request));
    const timer = options.mineMs > 0 ? setInterval(() => ledger.mine(0), options.mineMs) : null;
    return new Simulator(server, port, timer);
  }

  async close(): Promise<void> {
    if (this.timer) clearInterval(this.timer);
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }
}

type Route = { method: string; path: RegExp; handle: Handler };

const at = (method: string, path: string, handle: Handler): Route => ({ method, path: new RegExp(`^${path}$`), handle });

function nodeRoutes(ledger: Ledger, { txindex }: Options): Route[] {
  return [
    at("POST", "/v2/transactions", (request) => node.submit(ledger, request)),
    at("GET", `/v2/accounts/${PRINCIPAL}`, (request, principal) => node.account(ledger, request, principal as string)),
    at("POST", `/v2/contracts/call-read/${ADDRESS}/${NAME}/([^/]+)`, (request, address, name, fn) =>
      node.callRead(ledger, request, `${address}.${name}`, decodeURIComponent(fn as string))),
    at("POST", "/v2/fees/transaction", (request) => node.fees(request)),
    at("GET", "/v2/info", () => node.info(ledger)),
    at("GET", `/v2/contracts/interface/${ADDRESS}/${NAME}`, (_, address, name) => node.contractInterface(ledger, `${address}.${name}`)),
    at("GET", `/v2/contracts/source/${ADDRESS}/${NAME}`, (_, address, name) => node.contractSource(ledger, `${address}.${name}`)),
    at("GET", "/v3/transaction/([0-9a-f]{64})", (_, txid) => node.transaction(ledger, txindex, txid as string)),
    at("GET", "/v3/blocks/height/([0-9]{1,9})", (_, height) => node.block(ledger.blocks[Number(height) - 1])),
    at("GET", "/v3/blocks/([0-9a-f]{64})", (_, id) => node.block(ledger.blocks.find((block) => block.id === id))),
  ];
}

function indexerRoutes(ledger: Ledger, options: Options): Route[] {
  if (!options.indexer) return [];
  return [
    at("GET", "/extended/v1/tx/((?:0x)?[0-9a-f]{64})", (_, txid) => indexer.transaction(ledger, txid as string)),
    ...(options.txindex ? [at("GET", "/extended/v1/tx/((?:0x)?[0-9a-f]{64})/raw", (_, txid) => indexer.rawTransaction(ledger, txid as string))] : []),
    at("GET", "/extended/v2/blocks/latest", () => indexer.newestBlock(ledger)),
    at("GET", `/extended/v1/contract/${PRINCIPAL}/events`, (request, id) => indexer.contractEvents(ledger, request, id as string)),
    at("GET", `/extended/v1/address/${PRINCIPAL}/transactions`, (request, who) => indexer.transactions(ledger, request, who as string)),
    at("GET", `/extended/v1/address/${PRINCIPAL}/nonces`, (_, who) => indexer.nonces(ledger, who as string)),
  ];
}

function controlRoutes(ledger: Ledger, canned: Canned[]): Route[] {
  return [
    at("POST", "/simulator/mine", (request) => {
      const burn = jsonBody(request).burn_blocks ?? 0;
      if (!Number.isSafeInteger(burn) || (burn as number) < 0 || (burn as number) > BURN_BLOCKS_MAX) {
        return json(400, { error: `burn_blocks is a number from 0 to ${BURN_BLOCKS_MAX}` });
      }
      const mined = ledger.mine(burn as number);
      return json(200, { mined, burn_block_height: ledger.tip.burnHeight, stacks_tip_height: ledger.tip.height });
    }),
    at("POST", "/simulator/fund", (request) => {
      const { principal, balance } = jsonBody(request);
      if (typeof principal !== "string" || typeof balance !== "string" || !/^\d{1,20}$/.test(balance)) {
        return json(400, { error: "principal and balance are strings, the balance a number of microSTX" });
      }
      ledger.fund(principal, BigInt(balance));
      return json(200, {});
    }),
    at("POST", "/simulator/answer", (request) => {
      const { path, status, content_type: contentType, body, retry_after: retryAfter } = jsonBody(request);
      if (typeof path !== "string" || !Number.isInteger(status) || typeof body !== "string") {
        return json(400, { error: "path and body are strings, status a number" });
      }
      const answer: Answer = { status: status as number, contentType: typeof contentType === "string" ? contentType : "application/json", body };
      if (Number.isInteger(retryAfter)) answer.retryAfter = retryAfter as number;
      canned.push({ path, answer });
      return json(200, {});
    }),
    at("GET", "/simulator/state", () => json(200, {
      burn_block_height: ledger.tip.burnHeight,
      stacks_tip_height: ledger.tip.height,
      pending: [...ledger.pending.keys()],
      transactions: ledger.mined.size,
    })),
  ];
}

function route(routes: Route[], canned: Canned[], request: Request): Answer {
  const next = request.path.startsWith("/simulator/") ? -1 : canned.findIndex(({ path }) => request.path.startsWith(path));
  if (next >= 0) return (canned.splice(next, 1)[0] as Canned).answer;
  for (const { method, path, handle } of routes) {
    const found = path.exec(request.path);
    if (found && method === request.method) return handle(request, ...found.slice(1).map((group) => group ?? ""));
  }
  return text(404, "Not Found");
}
