// Files of messages: sealed here piece by piece and carried to the node before the message that names them, and opened here again.
import { type AttachedFile, Attachments, Desk, FileToSeal, type TicketFiles } from "sealdesk";
import type { Act, FileLimits, FileShown, NewTicket } from "sealdesk/views";

import type { Told } from "./api.ts";
import { bring, fetched } from "./blobs.ts";
import type { FileKind } from "./kind.ts";
import type { Picture } from "./picture.ts";
import { tell } from "./progress.ts";
import type { Change, Session } from "./session.ts";
import { WorkerError } from "./workerError.ts";
import type { Stoppable } from "./wallet.ts";

/** What came of opening a file. Only a whole one is given out. */
export type OpenedFile =
  | { state: "whole"; blob: Blob; kind: FileKind }
  | { state: "missing"; piece: number; pieces: number }
  | { state: "damaged" }
  | { state: "stopped" };

export type ShownPicture = Picture | Exclude<OpenedFile, { state: "whole" }>;

export interface FilesApi {
  fileLimits(): Promise<FileLimits>;
  /** What everybody sees of each size, with its padding; null where no file can be that large. */
  weighFiles(sizes: number[]): Promise<(number | null)[]>;
  /** Throws what the ledger would refuse of a message with files of these sizes; without a ticket it is a new one. */
  checkFiles(ticket: string | null, isNote: boolean, sizes: number[]): Promise<void>;
  /** Seals a file and brings it to the desk; `false` where it was stopped. How far it is, is told under its id. */
  attach(id: string, file: File): Promise<boolean>;
  /** Stops what is under way of these, and forgets them. */
  forgetAttached(ids: string[]): Promise<void>;
  createTicketWith(ticket: NewTicket, ids: string[], only?: bigint): Promise<Told>;
  /** Acts of one transaction, of which the first answer or note has these files. */
  actWith(ticket: string, acts: Act[], ids: string[], only?: bigint): Promise<Told>;
  /** The files of a ticket as it was when it `changed`. */
  ticketFiles(ticket: string, changed: string): Promise<FileShown[]>;
  openFile(ticket: string, changed: string, number: number, id: string): Promise<OpenedFile>;
  /** A file of pictures as dots, and nothing else of it. */
  picture(ticket: string, changed: string, number: number): Promise<ShownPicture>;
  stopFile(id: string): Promise<void>;
  /** The names of files that were chosen for a draft, and are not kept with it. */
  chosenBefore(draft: string): Promise<string[]>;
  keepChosen(draft: string, names: string[]): Promise<void>;
}

/** What an answer holds that is given away and not copied. */
export function givenAway(value: unknown): Transferable[] {
  const bitmap = typeof value === "object" && value !== null && "bitmap" in value ? value.bitmap : null;
  return bitmap instanceof ImageBitmap ? [bitmap] : [];
}

/** A wallet asks for each piece: most files, and bytes of all of them, that a person with one attaches to a message. */
const WALLET_FILES_MAX = 4;
const WALLET_BYTES_MAX = 8_000_000;

const bounded = (limits: FileLimits): FileLimits => ({
  ...limits,
  file_bytes_max: Math.min(limits.file_bytes_max, WALLET_BYTES_MAX),
  files_max: Math.min(limits.files_max, WALLET_FILES_MAX),
  message_bytes_max: Math.min(limits.message_bytes_max, WALLET_BYTES_MAX),
});

/** `named` is what a customer calls themselves, which is sealed with a ticket. */
export function files(session: Session, change: Change, named: () => Promise<{ name?: string }>, signing: Stoppable): FilesApi {
  const attached = new Map<string, AttachedFile>();
  const under = new Map<string, AbortController>();
  /** Of one ticket at a time: it holds keys. */
  let opened: { name: string; found: TicketFiles } | undefined;
  let turn: Promise<unknown> = Promise.resolve();

  const wipe = () => {
    for (const stopped of under.values()) stopped.abort();
    for (const file of attached.values()) file.free();
    attached.clear();
    opened?.found.free();
    opened = undefined;
  };
  session.onLock(wipe);

  async function stoppable<T>(id: string, work: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
    const controller = new AbortController();
    under.set(id, controller);
    try {
      return await work(controller.signal);
    } catch (error) {
      // Whatever it says then: a signature that nobody waits for any more is one that was refused.
      if (controller.signal.aborted) return undefined;
      throw error;
    } finally {
      under.delete(id);
    }
  }

  async function sealed(id: string, file: File, signal: AbortSignal): Promise<true> {
    const sealing = new FileToSeal(file.name, file.type, file.size);
    let at = 0;
    for (let done = 0, takes = sealing.takes(); takes !== undefined; takes = sealing.takes()) {
      const part = new Uint8Array(await file.slice(at, at + takes).arrayBuffer());
      const piece = sealing.seal(part);
      await bring(piece, (bytes) => signing.stoppable(piece.name, signal, () => session.desk.signUpload(session.me, piece, bytes)), signal);
      piece.free();
      at += takes;
      tell(id, ++done, sealing.pieces);
    }
    attached.set(id, sealing.finish());
    return true;
  }

  function together(ids: string[]): Attachments {
    const files = new Attachments();
    for (const id of ids) {
      const file = attached.get(id);
      if (!file) throw new WorkerError("file_gone", "a file is not there any more: attach it again");
      files.add(file);
    }
    return files;
  }

  async function found(ticket: string, changed: string): Promise<TicketFiles> {
    const name = `${ticket} ${changed}`;
    if (opened?.name === name) return opened.found;
    const found = await session.desk.files(session.me, ticket);
    const before = opened;
    // Whoever was given it a moment ago has begun with it by then.
    if (before) setTimeout(() => before.found.free());
    opened = { name, found };
    return found;
  }

  /** Opens the pieces of a file, of which none counts before all have been opened. */
  async function parts(ticket: string, changed: string, number: number, id: string | null, signal: AbortSignal): Promise<Uint8Array[] | OpenedFile> {
    const opener = (await found(ticket, changed)).opener(number);
    const parts: Uint8Array[] = [];
    for (let piece = 1, name = opener.next(); name !== undefined; piece++, name = opener.next()) {
      const blob = await fetched(name, signal);
      if (!blob) return { state: "missing", piece, pieces: opener.pieces };
      try {
        parts.push(opener.open(blob));
      } catch {
        return { state: "damaged" };
      }
      if (id !== null) tell(id, piece, opener.pieces);
    }
    opener.finish();
    return parts;
  }

  async function bytesOf(ticket: string, changed: string, number: number, most: number): Promise<Uint8Array | OpenedFile> {
    const size = (await found(ticket, changed)).list().find((file) => file.number === number)?.size ?? 0;
    if (size > most) return { state: "stopped" };
    const given = await parts(ticket, changed, number, null, new AbortController().signal);
    if (!Array.isArray(given)) return given;
    const bytes = new Uint8Array(size);
    let at = 0;
    for (const part of given) {
      bytes.set(part, at);
      at += part.length;
    }
    return bytes;
  }

  return {
    async fileLimits() {
      const limits = await session.desk.fileLimits();
      return session.me.hasWallet ? bounded(limits) : limits;
    },
    weighFiles: async (sizes) => sizes.map((size) => Desk.paddedBytes(size) ?? null),
    checkFiles: (ticket, isNote, sizes) => session.desk.checkFiles(session.me, ticket ?? undefined, isNote, Float64Array.from(sizes)),
    attach: async (id, file) => (await stoppable(id, (signal) => sealed(id, file, signal))) ?? false,
    async forgetAttached(ids) {
      for (const id of ids) {
        under.get(id)?.abort();
        attached.get(id)?.free();
        attached.delete(id);
      }
    },
    createTicketWith: (ticket, ids, only) => change(async () => session.deskAt(only).createTicketWith(session.me, { ...ticket, ...(await named()) }, together(ids))),
    actWith: (ticket, acts, ids, only) => change(() => session.deskAt(only).actWith(session.me, ticket, acts, together(ids))),
    ticketFiles: async (ticket, changed) => (await found(ticket, changed)).list(),
    async openFile(ticket, changed, number, id) {
      // What tells files apart comes with the first that somebody opens.
      const { kindOf } = await import("./kind.ts");
      const given = await stoppable(id, (signal) => parts(ticket, changed, number, id, signal));
      if (!given) return { state: "stopped" };
      if (!Array.isArray(given)) return given;
      // Of no type that a browser would open.
      const blob = new Blob(given as BufferSource[], { type: "application/octet-stream" });
      return { state: "whole", blob, kind: kindOf(given[0] ?? new Uint8Array()) };
    },
    picture(ticket, changed, number) {
      // One after the other: a decoder takes memory for every dot.
      const next = turn.then(async (): Promise<ShownPicture> => {
        const { PICTURE_BYTES_MAX, pictureOf } = await import("./picture.ts");
        const bytes = await bytesOf(ticket, changed, number, PICTURE_BYTES_MAX);
        if (!(bytes instanceof Uint8Array)) return bytes.state === "whole" ? { state: "damaged" } : bytes;
        return pictureOf(bytes);
      });
      turn = next.catch(() => undefined);
      return next;
    },
    stopFile: async (id) => under.get(id)?.abort(),
    async chosenBefore(draft) {
      const kept = await session.sealed(`chosen/${draft}`);
      return kept === null ? [] : (JSON.parse(kept) as string[]);
    },
    keepChosen: (draft, names) => session.seal(`chosen/${draft}`, names.length === 0 ? "" : JSON.stringify(names)),
  };
}
