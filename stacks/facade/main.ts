// Starts the simulator, says where it listens, and ends it in time. README.md beside this file is its interface.

import { parseArgs } from "node:util";
import { CHAIN_ID } from "./admission.ts";
import { Simulator } from "./server.ts";

const SECONDS_MAX = 86_400;

// Whoever reads our standard output expects one line, and the SDK prints every event of every contract there.
console.log = () => {};

function number(name: string, given: string | undefined, otherwise: number, most: number): number {
  const value = given === undefined ? otherwise : Number(given);
  if (Number.isSafeInteger(value) && value >= 0 && value <= most) return value;
  throw new Error(`--${name} is a number from 0 to ${most}, not ${given}`);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: "string" },
      seconds: { type: "string" },
      "mine-ms": { type: "string" },
      balance: { type: "string" },
      "no-indexer": { type: "boolean", default: false },
      "no-txindex": { type: "boolean", default: false },
    },
  });
  const seconds = number("seconds", values.seconds, 600, SECONDS_MAX);
  const simulator = await Simulator.start({
    port: number("port", values.port, 0, 65_535),
    mineMs: number("mine-ms", values["mine-ms"], 200, 3_600_000),
    indexer: !values["no-indexer"],
    txindex: !values["no-txindex"],
    balance: BigInt(number("balance", values.balance, 100_000_000_000_000, Number.MAX_SAFE_INTEGER)),
  });
  const stop = () => void simulator.close().then(() => process.exit(0));
  setTimeout(stop, 1_000 * seconds).unref();
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  // A parent that goes away closes our standard input, however it went.
  process.stdin.on("end", stop).on("error", stop).resume();
  const line = {
    simulator: "sealdesk-stacks",
    url: `http://127.0.0.1:${simulator.port}`,
    chain_id: CHAIN_ID,
    transaction_version: 128,
    address_version: 26,
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
