/** Routes: names under which a server offers several models. A call that names one gets the first that takes its input. */
import { z } from "zod";
import type { MediaType } from "../request/record.js";
import type { CatalogueModel } from "./schema.js";

/** `price`: the cheapest for this call first. `speed`: the one with the shortest usual time first. `order`: as listed. */
const PREFERENCES = ["price", "speed", "order"] as const;
const MAX_MODELS = 6;

const modelRoute = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9._-]*(\/[a-z0-9][\w.-]*)*$/i),
  models: z.array(z.string()).min(1).max(MAX_MODELS),
  prefer: z.enum(PREFERENCES).default("order"),
});
export type ModelRoute = z.output<typeof modelRoute> & { mediaType: MediaType };

interface KnownModels {
  get(id: string): CatalogueModel | undefined;
}

/** A fault names its route by a number from 1. */
export function parseRoutes(entries: readonly unknown[], models: KnownModels) {
  const routes = new Map<string, ModelRoute>();
  const faults: string[] = [];
  entries.forEach((entry, index) => {
    const parsed = modelRoute.safeParse(entry);
    const found = parsed.success
      ? faultsOf(parsed.data, models, routes)
      : parsed.error.issues.map(({ path, message }) => [...path.map(String), message].join(": "));
    faults.push(...found.map((fault) => `CATALOGUE_FILE route ${index + 1}${idOf(entry)}: ${fault}`));
    const [first = ""] = parsed.data?.models ?? [];
    const mediaType = models.get(first)?.mediaType;
    if (parsed.success && found.length === 0 && mediaType !== undefined) {
      routes.set(parsed.data.id, { ...parsed.data, mediaType });
    }
  });
  return { routes, faults };
}

function faultsOf(
  { id, models: ids }: z.output<typeof modelRoute>,
  models: KnownModels,
  earlier: ReadonlyMap<string, ModelRoute>,
): string[] {
  const faults = ids.flatMap((one) => (models.get(one) === undefined ? [`models: there is no model ${one}`] : []));
  if (new Set(ids).size < ids.length) faults.push("models: has a model twice");
  if (new Set(ids.map((one) => models.get(one)?.mediaType)).size > 1 && faults.length === 0) {
    faults.push("models: must all make videos, or all make images");
  }
  if (models.get(id) !== undefined) faults.push("id: is the id of a model");
  if (earlier.has(id)) faults.push("id: is already the id of an earlier route");
  return faults;
}

function idOf(entry: unknown): string {
  const id = typeof entry === "object" && entry !== null && "id" in entry ? entry.id : undefined;
  return typeof id === "string" ? ` (${id.replace(/\s+/g, " ")})` : "";
}
