/** What a process needs first: configuration, log, secrets. */
export * from "./config.js";
export * from "./log.js";
export * from "./provider-config.js";
export * from "./redact.js";
export * from "./report-urls.js";
export * from "./secrets.js";
export * from "./short-memory.js";
