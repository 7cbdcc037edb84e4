export { Attachments, Desk, FileToSeal, Identity, Invitation, Vault, onSign, onWait } from "./dist/sealdesk_wasm.js";
export type { AttachedFile, FileOpener, SealedPiece, TicketFiles } from "./dist/sealdesk_wasm.js";
export type * from "./views.js";

/** Loads the module once; everything else waits for it. */
export function load(): Promise<void>;
