/** The life of a process: start, metrics, draining. */
export * from "./drain-server.js";
export * from "./lifecycle.js";
export * from "./metrics-server.js";
export * from "./own-clock.js";
export * from "./redis-log.js";
export * from "./rights-report.js";
export * from "./run-apart.js";
export * from "./start.js";
export * from "./watch-redis.js";
