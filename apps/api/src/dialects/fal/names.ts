/** fal's models have the same ids in the catalogue as at fal. */
import type { DialectNames } from "../dialect.js";

export const NAMES: DialectNames = { name: "fal", namespace: null };
export const PREFIX = "/fal";

/** Answers of fal name the request that they are about. */
export const requestIdHeader = (id: string) => ({ "X-Fal-Request-Id": id });
