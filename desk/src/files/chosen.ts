// The files of a message that is being written: chosen, judged, taken away again, and at last sealed and brought to the desk.
import { useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import type { FileLimits } from "sealdesk/views";

import { door, follow } from "../door.ts";
import { keys } from "../queries.ts";
import { judged, type Refusal, type Weighed } from "./limits.ts";
import { shownName } from "./name.ts";

export interface Chosen extends Weighed {
  id: string;
  name: string;
  file: File;
}

export interface Refused {
  name: string;
  why: Refusal | "unreadable";
}

/** Somebody stopped the files on their way: nothing was sent, and all of them are still chosen. */
export class Stopped extends Error {}

/** Limits change rarely, and the ledger judges again. */
const LIMITS_MS = 5 * 60_000;

/** While the page is open, chosen files wait for whoever comes back to a ticket. A reload loses them: a page cannot keep a file of the disk. */
const held = new Map<string, Chosen[]>();

/** Fields that show the files of a draft. */
const shows = new Map<string, Set<() => void>>();

/** The message of a draft is on the ledger, and its files with it. */
export async function forgetFiles(draft: string): Promise<void> {
  held.delete(draft);
  for (const show of shows.get(draft) ?? []) show();
  await door.keepChosen(draft, []);
}

export interface Files {
  chosen: Chosen[];
  refused: Refused[];
  /** Names of those that were chosen before the page was loaded again. */
  lost: string[];
  limits: FileLimits | undefined;
  /** How far each is that is on its way, from 0 to 1. */
  progress: ReadonlyMap<string, number>;
  add(files: Iterable<File>): Promise<void>;
  remove(id: string): void;
  /** Seals all and brings them, those of an earlier attempt not again. Gives their ids, in order; throws why not, or [`Stopped`]. */
  bring(ticket: string | null, isNote: boolean): Promise<string[]>;
  stop(): void;
  /** Forgets all of them, after they were sent. */
  drop(): void;
  /** Forgets what was said of files that are not chosen. */
  understood(): void;
}

async function isReadable(file: File): Promise<boolean> {
  // A folder looks like a file until it is read.
  return file.slice(0, 1).arrayBuffer().then(() => true, () => false);
}

async function weighed(files: File[]): Promise<Chosen[]> {
  const padded = await door.weighFiles(files.map(({ size }) => size));
  return files.map((file, n) => ({ id: crypto.randomUUID(), name: shownName(file.name), file, size: file.size, padded: padded[n] ?? null }));
}

export function useFiles(draft: string): Files {
  const [chosen, setChosen] = useState<Chosen[]>(() => held.get(draft) ?? []);
  const [refused, setRefused] = useState<Refused[]>([]);
  const [lost, setLost] = useState<string[]>([]);
  const [progress, setProgress] = useState<ReadonlyMap<string, number>>(new Map());
  const brought = useRef(new Set<string>());
  const { data: limits } = useQuery({ queryKey: keys.fileLimits, queryFn: () => door.fileLimits(), staleTime: LIMITS_MS });

  useEffect(() => {
    const show = () => {
      setChosen([]);
      setLost([]);
    };
    const all = shows.get(draft) ?? new Set();
    shows.set(draft, all.add(show));
    return () => void all.delete(show);
  }, [draft]);

  useEffect(() => {
    let isHere = true;
    // Of files that are still there nothing is lost.
    if ((held.get(draft) ?? []).length > 0) return;
    door.chosenBefore(draft).then((names) => isHere && setLost(names), () => undefined);
    return () => {
      isHere = false;
    };
  }, [draft]);

  const set = useCallback(
    (next: Chosen[]) => {
      if (next.length > 0) held.set(draft, next);
      else held.delete(draft);
      setChosen(next);
      setLost([]);
      // Only the names, sealed, to say after a reload what is missing.
      door.keepChosen(draft, next.map(({ name }) => name)).catch(() => undefined);
    },
    [draft],
  );

  const now = () => held.get(draft) ?? [];

  const add = async (files: Iterable<File>) => {
    const all = [...files];
    const isRead = await Promise.all(all.map(isReadable));
    const more = await weighed(all.filter((_, n) => isRead[n]));
    const why = judged(now(), more, limits ?? (await door.fileLimits()));
    const unreadable = all.filter((_, n) => !isRead[n]).map((file): Refused => ({ name: shownName(file.name), why: "unreadable" }));
    setRefused([...unreadable, ...more.flatMap(({ name }, n) => (why[n] ? [{ name, why: why[n] }] : []))]);
    const taken = more.filter((_, n) => why[n] === null);
    if (taken.length > 0) set([...now(), ...taken]);
  };

  const forget = (ids: string[]) => {
    for (const id of ids) brought.current.delete(id);
    void door.forgetAttached(ids);
  };

  const bringOne = async ({ id, file }: Chosen) => {
    const told = (done: number, of: number) => setProgress((before) => new Map(before).set(id, done / of));
    const end = follow(id, told);
    told(0, 1);
    try {
      if (!(await door.attach(id, file))) throw new Stopped();
      brought.current.add(id);
    } finally {
      end();
    }
  };

  return {
    chosen,
    refused,
    lost,
    limits,
    progress,
    add,
    remove(id) {
      forget([id]);
      setRefused([]);
      set(now().filter((file) => file.id !== id));
    },
    async bring(ticket, isNote) {
      const files = now();
      if (files.length === 0) return [];
      await door.checkFiles(ticket, isNote, files.map(({ size }) => size));
      try {
        for (const file of files) if (!brought.current.has(file.id)) await bringOne(file);
      } finally {
        setProgress(new Map());
      }
      return files.map(({ id }) => id);
    },
    stop: () => void door.forgetAttached(now().flatMap(({ id }) => (brought.current.has(id) ? [] : [id]))),
    drop() {
      forget(now().map(({ id }) => id));
      setRefused([]);
      set([]);
    },
    understood() {
      setRefused([]);
      set(now());
    },
  };
}
