// The scenarios of vectors/lifecycle, which the native machine plays too, played by the contract.

import { describe, expect, test } from "vitest";
import { BURN_BLOCK_SECONDS, files, playAll, ROLES, scenarios } from "./play.ts";

describe("the scenarios that both ledgers play", () => {
  test.each(scenarios.map((scenario) => [scenario.name, scenario] as const))("%s", (_, scenario) => {
    playAll(scenario);
  });

  test("are well formed: known roles and fields, whole burn blocks in order, names that fit their files", () => {
    expect(scenarios.length).toBeGreaterThanOrEqual(10);
    scenarios.forEach(({ name, why, people, steps }, i) => {
      expect(`${name}.json`).toBe(files[i]);
      expect(why).toMatch(/\.$/);
      expect(Object.values(people).filter((role) => !ROLES.includes(role))).toEqual([]);
      const times = steps.map(({ at }) => at);
      expect(times).toEqual([...times].sort((a, b) => a - b));
      expect(times.filter((at) => !Number.isInteger(at / BURN_BLOCK_SECONDS))).toEqual([]);
    });
  });

  test("never create tickets faster than the native ledger's limits allow", () => {
    for (const { steps } of scenarios) {
      const starts = new Map<string, number[]>();
      for (const step of steps) {
        if (step.do !== "create" || "refused" in step.expect) continue;
        const before = starts.get(step.by) ?? [];
        expect(before.every((at) => at + 60 <= step.at)).toBe(true);
        expect(before.filter((at) => at > step.at - 86_400).length).toBeLessThan(5);
        starts.set(step.by, [...before, step.at]);
      }
    }
  });
});
