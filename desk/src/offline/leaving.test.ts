import { expect, test } from "vitest";

import { beforeLeaving, leave } from "./leaving.ts";

test("whatever is sent is sent before drafts are kept, and what cannot be kept is not said to be", async () => {
  const done: string[] = [];
  let isFull = false;
  beforeLeaving("kept", async () => {
    if (isFull) throw new Error("this browser keeps nothing more");
    done.push("kept");
  });
  beforeLeaving("sent", async () => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    done.push("sent");
  });
  await leave();
  expect(done).toEqual(["sent", "kept"]);
  isFull = true;
  await expect(leave()).rejects.toThrow("keeps nothing more");
  isFull = false;
  done.length = 0;
  beforeLeaving("sent", async () => {
    throw new Error("not sent");
  });
  await expect(leave()).rejects.toThrow("not sent");
  expect(done, "drafts are kept also where something was not sent").toEqual(["sent", "kept"]);
});
