/** Organizations, their API keys and provider keys, and the audit log of their settings. */
export * from "./api-key.js";
export * from "./audit.js";
export * from "./organization.js";
export * from "./provider-key.js";
export * from "./rate-limits.js";
