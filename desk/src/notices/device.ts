// This device and its browser's push service: whether it is told, and how that begins and ends.
import { activated } from "../activated.ts";
import { DeskError, door, NOTICES, scriptUrl } from "../door.ts";
import type { Language } from "../i18n.ts";
import { isStale, keyBytes } from "./key.ts";

/** No page is below it: the script that shows notices controls none. */
const SCOPE = "/notices/";

/** Whether this device is told: `none` where the desk sends nothing, `unable` where the browser cannot, `denied` where it may not. */
export type Standing = "on" | "off" | "denied" | "unable" | "none";

const isAble = () => "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

export async function standing(): Promise<Standing> {
  if (!isAble()) return "unable";
  // Nothing is asked of the node where its answer would change nothing.
  if (Notification.permission === "denied") return "denied";
  if ((await door.noticesKey()) === null) return "none";
  const [told, subscription] = await Promise.all([door.toldDevice(), subscribed()]);
  return told !== null && subscription?.endpoint === told.endpoint && Notification.permission === "granted" ? "on" : "off";
}

async function subscribed(): Promise<PushSubscription | null> {
  const registration = await navigator.serviceWorker.getRegistration(SCOPE);
  return (await registration?.pushManager.getSubscription()) ?? null;
}

/** The script that shows notices, running. */
async function registered(): Promise<ServiceWorkerRegistration> {
  const registration = await navigator.serviceWorker.register(scriptUrl(NOTICES), { scope: SCOPE, updateViaCache: "none" });
  await activated(registration);
  return registration;
}

async function subscribe(language: Language): Promise<void> {
  const key = await door.noticesKey();
  if (key === null) throw new DeskError({ kind: "no_notices", message: "this desk sends no notices" });
  const { pushManager } = await registered();
  const before = await door.toldDevice();
  // One that was made with another key of the node stands in the way of this one.
  if (before?.key !== key) await (await pushManager.getSubscription())?.unsubscribe();
  const subscription = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: keyBytes(key) });
  const { endpoint, keys } = subscription.toJSON();
  await door.tellDevice({ endpoint: endpoint ?? "", p256dh: keys?.["p256dh"] ?? "", auth: keys?.["auth"] ?? "", page: location.origin, language }, key);
  if (before && before.endpoint !== endpoint) await door.forgetDevice(before.endpoint).catch(() => undefined);
}

/** Asks the person, and then has the device told; what the person said. Called by a press: browsers ask then alone. */
export async function turnOn(language: Language): Promise<NotificationPermission> {
  const permission = await Notification.requestPermission();
  if (permission === "granted") await subscribe(language);
  return permission;
}

export async function turnOff(): Promise<void> {
  const [told, subscription] = await Promise.all([door.toldDevice(), subscribed()]);
  // The browser first: nothing is shown from here on, whether the node hears of it or not.
  await subscription?.unsubscribe();
  if (told) await door.forgetDevice(told.endpoint);
}

/** Has a device that is told be told further: browsers renew where they are reached, nodes forget after half a year. */
export async function keep(language: Language): Promise<void> {
  if (!isAble() || Notification.permission !== "granted") return;
  const told = await door.toldDevice();
  if (!told) return;
  const [key, subscription] = await Promise.all([door.noticesKey(), subscribed()]);
  if (key !== null && isStale(told, key, subscription?.endpoint, Date.now())) await subscribe(language);
}
