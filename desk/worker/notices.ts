// Notices on this device: the node is told where to push, by a signature of this person's account, and what it was told is kept sealed.
import type { Session } from "./session.ts";

const PATH = "/push";
/** What the node was told last, sealed. */
const TOLD = "notices";
/** Longest that the node is waited for. */
const NODE_MS = 15_000;
/** Longest explanation of the node's that is shown, in letters. */
const WHY_LETTERS = 300;

/** A device, as its browser subscribed it. */
export interface Device {
  endpoint: string;
  p256dh: string;
  auth: string;
  /** The origin of this page. */
  page: string;
  language: "en" | "de";
}

/** What the node was told of this device. */
export interface ToldDevice {
  endpoint: string;
  /** The node's key that it was subscribed with. */
  key: string;
  /** When, in milliseconds. */
  at: number;
}

export interface NoticesApi {
  /** The key that a device subscribes with; null where this desk sends no notices. */
  noticesKey(): Promise<string | null>;
  /** What the node was told of this device; null where it was told nothing, or to stop. */
  toldDevice(): Promise<ToldDevice | null>;
  /** Has the node push to this device; it keeps that when this returns. */
  tellDevice(device: Device, key: string): Promise<void>;
  /** Has the node push there no more. */
  forgetDevice(endpoint: string): Promise<void>;
}

async function asked(init: RequestInit): Promise<Record<string, unknown>> {
  const answer = await fetch(PATH, { ...init, credentials: "same-origin", cache: "no-store", signal: AbortSignal.timeout(NODE_MS) });
  const said = (await answer.json().catch(() => ({}))) as Record<string, unknown>;
  if (answer.ok) return said;
  throw new Error(typeof said["detail"] === "string" ? said["detail"].slice(0, WHY_LETTERS) : `status ${answer.status}`);
}

export function notices(session: Session): NoticesApi {
  const change = async (method: "PUT" | "DELETE", what: object) => {
    const body = JSON.stringify(what);
    const authorization = await session.desk.signPush(session.me, method === "PUT", body);
    return asked({ method, body, headers: { authorization, "content-type": "application/json" } });
  };
  return {
    async noticesKey() {
      const { enabled, key } = await asked({ method: "GET" });
      return enabled === true && typeof key === "string" ? key : null;
    },
    async toldDevice() {
      const told = await session.sealed(TOLD);
      return told === null ? null : (JSON.parse(told) as ToldDevice);
    },
    async tellDevice(device, key) {
      await change("PUT", device);
      await session.seal(TOLD, JSON.stringify({ endpoint: device.endpoint, key, at: Date.now() } satisfies ToldDevice));
    },
    async forgetDevice(endpoint) {
      await change("DELETE", { endpoint });
      const told = await session.sealed(TOLD);
      if (told !== null && (JSON.parse(told) as ToldDevice).endpoint === endpoint) await session.seal(TOLD, "");
    },
  };
}
