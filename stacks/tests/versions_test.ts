// The same source is accepted and works under every Clarity version from 3 on, in every epoch that has it.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { initSimnet, type Simnet } from "@stacks/clarinet-sdk";
import { Cl } from "@stacks/transactions";
import { afterAll, expect, test } from "vitest";
import { CONTRACT, DEPLOYER, encode, person, sealed, simnet } from "./desk.ts";

const SOURCE = readFileSync("contracts/ticket-system.clar", "utf8");

/** What the SDK offers from Clarity 3 on: the epoch that began a version, and the newest epoch of today. */
const VERSIONS: [clarity: number, epochs: string[]][] = [
  [3, ["3.0", "3.1", "3.2", "3.3", "3.4", "4.0"]],
  [4, ["3.3", "3.4", "4.0"]],
  [5, ["3.4", "4.0"]],
  [6, ["4.0"]],
];
const cases = VERSIONS.flatMap(([clarity, epochs]) => epochs.map((epoch) => [clarity, epoch] as const));

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

/** Deploys in an epoch; throws the compiler's error. */
async function deploy(source: string, clarity: number, epoch: string): Promise<void> {
  await simnet().initEmptySession({ enabled: false });
  simnet().setEpoch(epoch as Parameters<Simnet["setEpoch"]>[0]);
  simnet().deployContract("ticket-system", source, { clarityVersion: clarity }, DEPLOYER);
}

/** A project of its own with this source, as a person's Clarinet sees it; rejects with the compiler's error. */
async function project(source: string, clarity: number, epoch: string): Promise<Simnet> {
  const folder = mkdtempSync(join(tmpdir(), "sealdesk-stacks-"));
  folders.push(folder);
  for (const name of ["contracts", "settings"]) mkdirSync(join(folder, name));
  writeFileSync(join(folder, "contracts/ticket-system.clar"), source);
  writeFileSync(join(folder, "settings/Devnet.toml"), readFileSync("settings/Devnet.toml"));
  const manifest = readFileSync("Clarinet.toml", "utf8")
    .replace("clarity_version = 3", `clarity_version = ${clarity}`)
    .replace('epoch = "3.0"', `epoch = "${epoch}"`);
  writeFileSync(join(folder, "Clarinet.toml"), manifest);
  return initSimnet(join(folder, "Clarinet.toml"), true);
}

function expectItWorks(simnet: Simnet): void {
  const args = encode("create-ticket", ["technical", 2, ...sealed(1)]);
  expect(simnet.callPublicFn(CONTRACT, "create-ticket", args, person(1)).result).toEqual(Cl.ok(Cl.uint(1)));
  const page = simnet.callReadOnlyFn(CONTRACT, "get-tickets-by-owner", [Cl.principal(person(1))], person(1)).result;
  expect(page).toEqual(Cl.tuple({ total: Cl.uint(1), ids: Cl.list([Cl.uint(1)]) }));
}

test.each(cases)("Clarity %i in epoch %s", async (clarity, epoch) => {
  await deploy(SOURCE, clarity, epoch);
  expect(simnet().currentEpoch).toBe(epoch);
  expect(simnet().getContractsInterfaces().get(CONTRACT)?.clarity_version).toBe(`Clarity${clarity}`);
  expectItWorks(simnet());
});

test("no version is left out: an epoch refuses those that came after it, and the newest is the last here", async () => {
  for (const [i, [clarity]] of VERSIONS.entries()) {
    const before = VERSIONS[i - 1]?.[1][0] ?? "2.5";
    await expect(deploy(SOURCE, clarity, before)).rejects.toThrow();
  }
  await simnet().initEmptySession({ enabled: false });
  simnet().setEpoch("4.0");
  expect(simnet().getDefaultClarityVersionForCurrentEpoch()).toBe("Clarity 6");
});

test("a project of the newest version works from its manifest", async () => {
  expectItWorks(await project(SOURCE, 6, "4.0"));
});

test("a source that does not compile is refused with the compiler's words", async () => {
  await expect(project(SOURCE.replaceAll("burn-block-height", "block-height"), 3, "3.0")).rejects.toThrow(/block-height/);
});
