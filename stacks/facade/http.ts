// Requests and answers, small enough to need no framework.

import { createServer, type IncomingMessage, type Server } from "node:http";

/** The node's own bound on a posted transaction is 2 MiB; a JSON body holds it as hex. */
const BODY_BYTES_MAX = 5 * 1024 * 1024;

export type Request = {
  method: string;
  path: string;
  query: URLSearchParams;
  contentType: string;
  body: Uint8Array;
};
/** `retryAfter` counts seconds. */
export type Answer = { status: number; contentType: string; body: string | Uint8Array; retryAfter?: number };

export const json = (status: number, value: unknown): Answer => ({
  status,
  contentType: "application/json",
  body: JSON.stringify(value),
});
export const text = (status: number, body: string): Answer => ({ status, contentType: "text/plain", body });

/** The body as a JSON object; an empty one where there is none or it is none. */
export function jsonBody(request: Request): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(request.body));
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

async function bodyOf(message: IncomingMessage): Promise<Uint8Array | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > BODY_BYTES_MAX) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Serves requests one at a time, since there is one simnet; listens on this machine only. Answers the port. */
export async function serve(port: number, answer: (request: Request) => Answer): Promise<{ server: Server; port: number }> {
  const server = createServer((message, response) => {
    const respond = ({ status, contentType, body, retryAfter }: Answer) => {
      const again = retryAfter === undefined ? {} : { "retry-after": String(retryAfter) };
      response.writeHead(status, { "content-type": contentType, ...again });
      response.end(body);
    };
    void (async () => {
      const body = await bodyOf(message);
      if (body === null) return respond(text(413, "Payload Too Large"));
      const url = new URL(message.url ?? "/", "http://localhost");
      const contentType = (message.headers["content-type"] ?? "").split(";")[0]?.trim() ?? "";
      respond(answer({ method: message.method ?? "GET", path: url.pathname, query: url.searchParams, contentType, body }));
    })().catch((error: unknown) => respond(text(500, `The simulator failed: ${String(error)}`)));
  });
  server.requestTimeout = 30_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("a TCP server has a port");
  return { server, port: address.port };
}
