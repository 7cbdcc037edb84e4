// The half of a split key that the browser keeps in a cookie that no script can read, for ten minutes after the last use.

const PATH = "/desk/share";

export async function keep(share: Uint8Array): Promise<void> {
  const answer = await fetch(PATH, { method: "PUT", body: share as BufferSource, credentials: "same-origin" });
  if (!answer.ok) throw new Error("the desk did not keep its half");
}

/** The half, and its ten minutes begin again; null where they were over. */
export async function take(): Promise<Uint8Array | null> {
  const answer = await fetch(PATH, { method: "POST", credentials: "same-origin" });
  if (answer.status !== 200) return null;
  const share = new Uint8Array(await answer.arrayBuffer());
  return share.length === 32 ? share : null;
}

export async function forget(): Promise<void> {
  await fetch(PATH, { method: "DELETE", credentials: "same-origin" }).catch(() => undefined);
}

export const toText = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));

export function fromText(text: string): Uint8Array | null {
  try {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    return bytes.length === 32 ? bytes : null;
  } catch {
    return null;
  }
}
