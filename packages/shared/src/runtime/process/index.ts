/** The life of a process: configuration, metrics, draining. */
export * from "./drain-server.js";
export * from "./lifecycle.js";
export * from "./load-config.js";
export * from "./metrics-server.js";
export * from "./open-outputs.js";
export * from "./redis-guard.js";
