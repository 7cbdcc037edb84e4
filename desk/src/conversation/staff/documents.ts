// The staff's own documents: canned replies, macros, and the tags that are in use. Sealed for everybody on the staff.
import { useQuery } from "@tanstack/react-query";
import type { DeskDocument, DocumentEdit } from "sealdesk/views";

import type { Told } from "../../../worker/api.ts";
import { door } from "../../door.ts";
import { orKept } from "../../offline/shown.ts";
import { client } from "../../queries.ts";

export type StaffDocument = "replies" | "macros" | "tags";

const STALE_MS = 60_000;
const keyOf = (name: StaffDocument) => ["document", "staff", name] as const;

export function useStaffDocument(name: StaffDocument) {
  return useQuery<DeskDocument>({ queryKey: keyOf(name), queryFn: () => orKept("readDocument", "staff", name), staleTime: STALE_MS });
}

/** Writes one entry over what was read of it. Whatever anybody else changes meanwhile stays; the same entry is refused (code 45). */
export async function saveEntry(name: StaffDocument, edit: DocumentEdit): Promise<Told> {
  try {
    return await door.editDocument("staff", name, [{ ...edit, checked: true }]);
  } finally {
    await client.invalidateQueries({ queryKey: keyOf(name) });
  }
}

/** A name for a new entry that no other has. */
export const newName = (): string => crypto.randomUUID();
