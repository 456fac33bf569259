/** Only for packages/cli/src/screen/wire.test.ts, which still imports this name. Remove both together. */
export { fromWire } from "./wire-format.js";
