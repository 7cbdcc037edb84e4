// The page's service worker: shows that there is something new, and leads back to the desk. It holds no key and keeps nothing, handles no
// request, and its scope holds no page, so it stands between nobody and the node. Whatever a message says, it shows these words alone.

interface Lasting extends Event {
  waitUntil(work: Promise<unknown>): void;
}

interface Pushed extends Lasting {
  readonly data: { json(): unknown } | null;
}

interface Clicked extends Lasting {
  readonly notification: Notification;
}

interface OpenWindow {
  readonly url: string;
  focus(): Promise<unknown>;
  navigate(url: string): Promise<unknown>;
}

/** What this has of a service worker's globals, for which the page's types have no place. */
interface Scope {
  readonly registration: {
    readonly scope: string;
    showNotification(title: string, options: NotificationOptions): Promise<void>;
    unregister(): Promise<boolean>;
  };
  readonly clients: {
    matchAll(which: { type: "window"; includeUncontrolled: boolean }): Promise<OpenWindow[]>;
    openWindow(url: string): Promise<unknown>;
  };
  skipWaiting(): Promise<void>;
  addEventListener(type: "install" | "activate", heard: (event: Lasting) => void): void;
  addEventListener(type: "push", heard: (event: Pushed) => void): void;
  addEventListener(type: "notificationclick", heard: (event: Clicked) => void): void;
}

const scope = self as unknown as Scope;

const TITLES: Record<string, string> = { en: "Sealdesk: something new", de: "Sealdesk: etwas Neues" };
/** The next notice takes the place of the one before. */
const TAG = "sealdesk";

function languageOf(event: Pushed): string {
  try {
    const { notification } = event.data?.json() as { notification: { lang: string } };
    return Object.hasOwn(TITLES, notification.lang) ? notification.lang : "en";
  } catch {
    return "en";
  }
}

async function toDesk(): Promise<void> {
  const [open] = await scope.clients.matchAll({ type: "window", includeUncontrolled: true });
  await (open ? open.focus() : scope.clients.openWindow("/"));
}

/** Ends, and what it showed in the desk's place with it. */
async function end(): Promise<void> {
  await scope.registration.unregister();
  for (const window of await scope.clients.matchAll({ type: "window", includeUncontrolled: false })) void window.navigate(window.url).catch(() => undefined);
}

scope.addEventListener("install", (event) => event.waitUntil(scope.skipWaiting()));
// Another page that once had this address may have registered this name for all of the desk, with a script of its own before this one.
scope.addEventListener("activate", (event) => {
  if (!scope.registration.scope.endsWith("/notices/")) event.waitUntil(end());
});
scope.addEventListener("push", (event) => {
  const lang = languageOf(event);
  event.waitUntil(scope.registration.showNotification(TITLES[lang] ?? "Sealdesk", { lang, tag: TAG }));
});
scope.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(toDesk());
});
