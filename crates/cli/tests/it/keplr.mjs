// What Keplr does with a chain that a page suggests: reads it by its own schema, and tries the addresses in it. Read from standard
// input, in the folder of Keplr's validator; prints what came of it as one line of JSON.
import {
  checkRPCConnectivity,
  checkRestConnectivity,
  validateBasicChainInfoType,
} from "@keplr-wallet/chain-validator";
import WebSocket from "ws";

const info = JSON.parse(process.env.SEALDESK_ASKED);
// Nothing of it is stripped: what the schema does not know, it refuses.
const read = await validateBasicChainInfoType(structuredClone(info), false);
const outcome = (check) => check.then(() => "well", (error) => error.message);
const seen = {
  same: JSON.stringify(read) === JSON.stringify(info),
  rpc: await outcome(checkRPCConnectivity(info.chainId, info.rpc, (url) => new WebSocket(url))),
  rest: await outcome(checkRestConnectivity(info.chainId, info.rest)),
  spoilt: await outcome(validateBasicChainInfoType({ ...info, bip44: {} }, false)),
};
console.log(JSON.stringify(seen));
process.exit(0);
