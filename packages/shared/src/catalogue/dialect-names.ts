/** What a dialect of the API calls a model. */
import type { CatalogueModel } from "./schema.js";

/** How a dialect names models. */
export interface DialectNames {
  name: string;
  /** The first part of the ids of the models that have the rest as their name; null when names are ids. */
  namespace: string | null;
}

/** What the dialect calls the model: its first alias, its id without the namespace, or its id. */
export function nameOf(
  { name, namespace }: DialectNames,
  { id, aliases }: Pick<CatalogueModel, "id" | "aliases">,
): string {
  const alias = aliases[name]?.[0];
  if (alias !== undefined) return alias;
  return namespace !== null && id.startsWith(`${namespace}/`) ? id.slice(namespace.length + 1) : id;
}
