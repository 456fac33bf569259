/** The life of a process: start, metrics, draining. */
export * from "./drain-server.js";
export * from "./lifecycle.js";
export * from "./metrics-server.js";
export * from "./redis-log.js";
export * from "./start.js";
