/** Every byte on the wire, as zod schemas. */
export * from "./delivery.js";
export * from "./feed.js";
export * from "./file.js";
export * from "./formats.js";
export * from "./generation.js";
export * from "./image.js";
export * from "./inputs.js";
export * from "./model.js";
export * from "./money.js";
export * from "./organization.js";
export * from "./prices.js";
export * from "./provider.js";
export * from "./request.js";
export * from "./system.js";
export * from "./timeline.js";
export * from "./video.js";
export * from "./webhook-endpoint.js";
