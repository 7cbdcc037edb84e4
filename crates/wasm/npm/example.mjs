// A ticket, written and read again: node example.mjs http://127.0.0.1:9090
import { Desk, Identity, load } from "sealdesk";

await load();
const me = new Identity(Identity.newPhrase(false));
const desk = await Desk.open(process.argv[2] ?? "http://127.0.0.1:9090");
console.log(`A person compares these words before they write: ${desk.words}`);
desk.agree();

const said = { category: "technical", priority: "high", subject: "It does not start", message: "Since this morning." };
const written = await desk.createTicket(me, said);
console.log(`${written.ticket_id} is at height ${written.height}, ${written.proven ? "proven" : "told"}`);
await desk.reply(me, written.ticket_id, "It smells of smoke now.");

const { ticket, messages, readers } = await desk.read(me, written.ticket_id);
console.log(`${ticket.status}: ${messages.map(({ text }) => text).join(" / ")}`);
console.log(`${readers.length} keys can open it`);

const kept = desk.remember(); // the page keeps this; the next visit begins with Desk.open(url, kept)
console.log((await Desk.open(process.argv[2], kept)).agreed);
me.free();
