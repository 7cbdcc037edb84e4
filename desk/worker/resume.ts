// The half of a split key that the browser keeps in a cookie that no script can read, for ten minutes after the last use. All tabs of a
// browser share it: each keeps a half of its own that fits to it.

const PATH = "/desk/share";
/** Two tabs that are unlocked at once must not keep a half each. */
const KEEPING = "sealdesk-share";
const SHARE_BYTES = 32;

/** Keeps a vault's half in the cookie, or fits to the one that another tab keeps there; the half that this tab keeps. */
export function keep(shares: { here: Uint8Array; there: Uint8Array }): Promise<Uint8Array> {
  return navigator.locks.request(KEEPING, async () => {
    const kept = await take();
    if (kept) return fitted(shares, kept);
    const answer = await fetch(PATH, { method: "PUT", body: shares.there as BufferSource, credentials: "same-origin" });
    if (!answer.ok) throw new Error("the desk did not keep its half");
    return shares.here;
  });
}

/** The half that makes the same key with another half than the one that it was made with. */
export function fitted({ here, there }: { here: Uint8Array; there: Uint8Array }, kept: Uint8Array): Uint8Array {
  return here.map((byte, n) => byte ^ (there[n] ?? 0) ^ (kept[n] ?? 0));
}

/** The half, and its ten minutes begin again; null where they were over. */
export async function take(): Promise<Uint8Array | null> {
  const answer = await fetch(PATH, { method: "POST", credentials: "same-origin" });
  if (answer.status !== 200) return null;
  const share = new Uint8Array(await answer.arrayBuffer());
  return share.length === SHARE_BYTES ? share : null;
}

export async function forget(): Promise<void> {
  await fetch(PATH, { method: "DELETE", credentials: "same-origin" }).catch(() => undefined);
}

/** Has the browser remove what it keeps of this page, whatever the page itself forgot. */
export async function signOut(): Promise<void> {
  await fetch("/desk/sign-out", { method: "POST", credentials: "same-origin" }).catch(() => undefined);
}

export const toText = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));

export function fromText(text: string): Uint8Array | null {
  try {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    return bytes.length === SHARE_BYTES ? bytes : null;
  } catch {
    return null;
  }
}
