// Documents of a shelf: one's own, the staff's, and those that everybody reads.
import { Desk, Identity } from "sealdesk";
import type { ReadDocument, Shelf, ShelfListing } from "sealdesk/views";

import type { Told } from "./api.ts";
import type { Session } from "./session.ts";

export interface DocumentsApi {
  documents(shelf: Shelf): Promise<ShelfListing>;
  /** A document, proven; a public one also for whoever has no keys here yet. */
  document(shelf: Shelf, name: string): Promise<ReadDocument | null>;
  /** Writes a public document over the version that was read; 0 where there was none. */
  publishDocument(name: string, base: number, body: string): Promise<Told>;
  removeDocument(shelf: Shelf, name: string, version: number): Promise<Told>;
  /** What is wrong with a public document, or null. */
  documentFault(name: string, body: string): Promise<string | null>;
  /** What a public document can begin with, or null. */
  documentExample(name: string): Promise<string | null>;
}

export function documents(session: Session): DocumentsApi {
  const told = async (work: Promise<Omit<Told, "notes">>): Promise<Told> => ({ ...(await work), notes: session.takeNotes() });
  return {
    documents: (shelf) => session.desk.documents(session.me, shelf),
    async document(shelf, name) {
      if (shelf !== "public" || session.isUnlocked) return session.desk.document(session.me, shelf, name);
      // What everybody may read is read in the name of somebody who is nobody.
      const nobody = new Identity(Identity.newPhrase(false));
      try {
        return await session.desk.document(nobody, shelf, name);
      } finally {
        nobody.free();
      }
    },
    publishDocument: (name, base, body) => session.signing(() => told(session.desk.publishDocument(session.me, name, base, body))),
    removeDocument: (shelf, name, version) =>
      session.signing(() => told(session.desk.removeDocument(session.me, shelf, name, version))),
    documentFault: async (name, body) => Desk.documentFault(name, body) ?? null,
    documentExample: async (name) => Desk.documentExample(name) ?? null,
  };
}
