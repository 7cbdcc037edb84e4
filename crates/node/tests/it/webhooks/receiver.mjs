// An endpoint as somebody writes it with the library of Standard Webhooks. Run in the folder that has the library; each secret that it knows
// is tried by itself. Prints a line of JSON for its port and one for each message, and ends with its standard input.
import { createServer } from "node:http";
import { Webhook } from "standardwebhooks";

const secrets = JSON.parse(process.env.SEALDESK_SECRETS);
const say = (value) => console.log(JSON.stringify(value));

function verified(secret, body, headers) {
  try {
    return new Webhook(secret).verify(body, headers);
  } catch {
    return null;
  }
}

const server = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString();
  const seen = secrets.map((secret) => verified(secret, body, request.headers));
  const forged = verified(secrets[0], body.replace("T", "U"), request.headers);
  const message = seen.find(Boolean) ?? null;
  response.statusCode = message ? 204 : 401;
  response.end();
  say({ id: request.headers["webhook-id"], by: seen.map(Boolean), forged: forged !== null, message });
});
server.listen(0, "127.0.0.1", () => say({ port: server.address().port }));
process.stdin.on("end", () => process.exit(0)).resume();
