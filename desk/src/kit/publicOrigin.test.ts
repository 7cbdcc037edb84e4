import { expect, test } from "vitest";

import { isOfThisComputer, publicOrigin } from "./publicOrigin.ts";

const said = (address: unknown) => async () => ({ addresses: { public: address } }) as { addresses: Record<string, string> };

test("a link leads to where the page is, where others reach that", async () => {
  const never = () => Promise.reject(new Error("nobody is asked"));
  for (const here of ["https://desk.example", "http://10.0.0.7:8080", "https://localhost.example", "https://127.example"]) expect(await publicOrigin(here, never)).toBe(here);
});

test("at an address of this computer alone it leads to where the node says it is", async () => {
  const own = ["http://localhost:23456", "http://127.0.0.1:23456", "http://127.1.2.3", "http://[::1]:23456", "http://desk.localhost", "http://0x7f.1", "http://localhost.", "http://[::ffff:127.0.0.1]", "http://0.0.0.0:80"];
  for (const here of own) {
    expect(isOfThisComputer(here), here).toBe(true);
    expect(await publicOrigin(here, said("https://desk.example/"))).toBe("https://desk.example");
    expect(await publicOrigin(here, said("http://desk.example:8080/x#y"))).toBe("http://desk.example:8080");
  }
});

test("where nothing but this computer's own address is known there is no link", async () => {
  const wrong = [...["http://localhost:1", "http://127.0.0.1", "http://[::1]"], "desk.example", "", "javascript:alert(1)//", "file:///etc", 7, null, undefined];
  for (const address of wrong) expect(await publicOrigin("http://localhost:23456", said(address)), String(address)).toBeNull();
  expect(await publicOrigin("http://localhost:23456", () => Promise.reject(new Error("away")))).toBeNull();
  expect(await publicOrigin("http://localhost:23456", async () => ({}))).toBeNull();
});
