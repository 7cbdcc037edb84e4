// A service worker that was registered a moment ago works once it is activated.

/** Waits until what is being installed works, or has failed to. */
export function activated({ installing, waiting }: ServiceWorkerRegistration): Promise<void> {
  const coming = installing ?? waiting;
  if (!coming) return Promise.resolve();
  return new Promise((resolve) => {
    const heard = () => {
      if (coming.state !== "activated" && coming.state !== "redundant") return;
      coming.removeEventListener("statechange", heard);
      resolve();
    };
    coming.addEventListener("statechange", heard);
    heard();
  });
}
