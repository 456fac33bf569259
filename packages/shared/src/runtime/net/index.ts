/** HTTP to hosts that are not ours. */
export * from "./agents.js";
export * from "./bodies.js";
export * from "./exchange.js";
export * from "./guard.js";
export * from "./lean-fetch.js";
export * from "./urls.js";
export * from "./within.js";
