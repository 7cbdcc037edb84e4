// Clarity's types as a contract's interface names them: which values fit, and how the node and the indexer write them.

import type { IContractInterface } from "@stacks/clarinet-sdk-wasm";
import { type ClarityValue, getCVTypeString } from "@stacks/transactions";

export type Type = IContractInterface["functions"][number]["args"][number]["type"];

/** The type as the chain writes it: `(buff 32)`. */
export function typeName(type: Type): string {
  if (typeof type === "string") return { uint128: "uint", int128: "int" }[type as string] ?? type;
  if ("buffer" in type) return `(buff ${type.buffer.length})`;
  if ("string-ascii" in type) return `(string-ascii ${type["string-ascii"].length})`;
  if ("string-utf8" in type) return `(string-utf8 ${type["string-utf8"].length})`;
  if ("optional" in type) return `(optional ${typeName(type.optional)})`;
  if ("list" in type) return `(list ${type.list.length} ${typeName(type.list.type)})`;
  if ("response" in type) return `(response ${typeName(type.response.ok)} ${typeName(type.response.error)})`;
  return `(tuple ${type.tuple.map((entry) => `(${entry.name} ${typeName(entry.type)})`).join(" ")})`;
}

/** Whether a value has a type. Compound types are none of the desk's arguments and never fit. */
function fits(type: Type, value: ClarityValue): boolean {
  if (type === "uint128") return value.type === "uint";
  if (type === "int128") return value.type === "int";
  if (type === "bool") return value.type === "true" || value.type === "false";
  if (type === "principal") return value.type === "address" || value.type === "contract";
  if (typeof type === "string") return false;
  if ("buffer" in type) return value.type === "buffer" && value.value.length <= 2 * type.buffer.length;
  if ("string-ascii" in type) return value.type === "ascii" && value.value.length <= type["string-ascii"].length;
  return false;
}

/** Why arguments do not fit parameters, in the node's words; null where they do. */
export function misfit(types: Type[], args: ClarityValue[]): string | null {
  if (types.length !== args.length) return `expecting ${types.length} arguments, got ${args.length}`;
  const wrong = types.findIndex((type, i) => !fits(type, args[i] as ClarityValue));
  if (wrong < 0) return null;
  return `expecting expression of type '${typeName(types[wrong] as Type)}', found '${getCVTypeString(args[wrong] as ClarityValue)}'`;
}
