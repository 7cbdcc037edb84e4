// What this browser keeps: the vault, and records that are sealed with its key. Nothing here is in clear but the vault's own envelope.
import { WorkerError } from "./workerError.ts";

const NAME = "sealdesk";
const TABLE = "kept";

function opened(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(TABLE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new WorkerError("not_kept", "this browser keeps nothing"));
  });
}

async function within<T>(mode: IDBTransactionMode, work: (table: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  // Opened anew each time: a connection that the browser closed, or whose files it evicted, is never used again.
  const database = await opened();
  try {
    return await new Promise<T>((resolve, reject) => {
      const transaction = database.transaction(TABLE, mode, { durability: "strict" });
      const request = work(transaction.objectStore(TABLE));
      const failed = () => reject(transaction.error ?? request.error ?? new WorkerError("not_kept", "this browser did not keep it"));
      // A write is kept when its transaction is over, not when it was taken.
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = failed;
      transaction.onerror = failed;
    });
  } finally {
    database.close();
  }
}

/** What is kept under which name; an empty text is one that goes. */
export type Records = readonly (readonly [name: string, value: string])[];

/** All of these at once, without waiting for the disk: a power cut may undo it. */
async function together(records: Records): Promise<void> {
  const database = await opened();
  try {
    await new Promise<void>((resolve, reject) => {
      const transaction = database.transaction(TABLE, "readwrite", { durability: "relaxed" });
      const table = transaction.objectStore(TABLE);
      for (const [name, value] of records) value === "" ? table.delete(name) : table.put(value, name);
      const failed = () => reject(transaction.error ?? new WorkerError("not_kept", "this browser did not keep it"));
      transaction.oncomplete = () => resolve();
      transaction.onabort = failed;
      transaction.onerror = failed;
    });
  } finally {
    database.close();
  }
}

export const store = {
  together,
  async get(name: string): Promise<string | undefined> {
    const found: unknown = await within("readonly", (table) => table.get(name));
    return typeof found === "string" ? found : undefined;
  },
  put: (name: string, value: string) => within("readwrite", (table) => table.put(value, name)),
  remove: (name: string) => within("readwrite", (table) => table.delete(name)),
  clear: () => within("readwrite", (table) => table.clear()),
  async names(prefix: string): Promise<string[]> {
    const range = IDBKeyRange.bound(prefix, `${prefix}\uffff`);
    return (await within("readonly", (table) => table.getAllKeys(range))).map(String);
  },
};
