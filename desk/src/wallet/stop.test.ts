import { beforeEach, expect, test, vi } from "vitest";

vi.mock("sealdesk", () => ({ Identity: {} }));
const { wallet } = await import("../../worker/wallet.ts");

const told = vi.fn();
beforeEach(() => {
  told.mockReset();
  vi.stubGlobal("self", { postMessage: told });
});

const SESSION = { desk: { chainId: "desk-1", prefix: "virtengine" } } as unknown as Parameters<typeof wallet>[0];
const upload = (name: string) => ({ kind: "text", signer: "me", text: `Sealdesk upload\nblob: ${name}\nbytes: 5` }) as const;
const SIGNED = { is: "signed", public_key: "02", signature: "00" } as const;
const questions = () => told.mock.calls.flatMap(([message]) => ("wallet" in message ? [message.wallet.id as number] : []));
const waits = () => told.mock.calls.flatMap(([message]) => ("wait" in message ? [message.wait as unknown] : []));

test("whoever stops is asked no more, and what is signed later is not used", async () => {
  const { api, ask, stoppable } = wallet(SESSION);
  const stop = new AbortController();
  const asked = stoppable("aa", stop.signal, () => ask(upload("aa")));
  const other = ask(upload("bb"));
  const [first, second] = questions() as [number, number];
  expect([await api.stillAsks(first), await api.stillAsks(second)]).toEqual([true, true]);
  stop.abort();
  expect(await asked).toEqual({ is: "refused" });
  expect([await api.stillAsks(first), await api.stillAsks(second)]).toEqual([false, true]);
  // Another question is still open.
  expect(waits()).not.toContain(null);
  await api.answerWallet(first, SIGNED);
  await api.answerWallet(second, SIGNED);
  expect(await other).toEqual(SIGNED);
  expect(waits().at(-1)).toBeNull();
});

test("what was stopped before is not even asked, and what comes after is", async () => {
  const { ask, stoppable, api } = wallet(SESSION);
  const stop = new AbortController();
  stop.abort();
  expect(await stoppable("aa", stop.signal, () => ask(upload("aa")))).toEqual({ is: "refused" });
  expect(questions()).toEqual([]);
  const again = ask(upload("aa"));
  await api.answerWallet(questions()[0] as number, SIGNED);
  expect(await again).toEqual(SIGNED);
});
