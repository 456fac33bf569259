/** The models that a caller can name: what an entry says, and what follows from it for one request. */
export * from "./body.js";
export * from "./catalogue.js";
export * from "./compare-prices.js";
export * from "./consistency.js";
export * from "./dialect-names.js";
export * from "./inputs.js";
export * from "./limits.js";
export * from "./manifest.js";
export * from "./nearest.js";
export * from "./params.js";
export * from "./plan.js";
export * from "./price.js";
export * from "./price-text.js";
export * from "./routes.js";
export * from "./schema.js";
export * from "./sizes.js";
export * from "./unchecked.js";
