/**
 * A dialect: the paths, bodies and errors of another API, for code that uses its SDK. It only translates (docs/dialects.md,
 * docs/adr/0020-dialects.md): a call becomes a `GenerationInput` of the same use-cases, and answers are made from the
 * record. It has no state of its own.
 */
import type { CatalogueModel, GivenMedia } from "@visgate/shared/catalogue";
import type { Deps } from "../deps.js";
import type { ErrorShape } from "../http/errors.js";
import type { Authorization, Handler, Method } from "../http/route.js";
import { modelNotFound } from "../use-cases/model-not-found.js";

/** Paths are those below the prefix, as in RouteRow. `hot`: as http/hot-routes.ts; its body and answer are text. */
export type DialectRow = readonly [
  method: Method,
  path: string,
  authorization: Authorization,
  handler: (deps: Deps) => Handler,
  hot?: "hot",
];

export interface Dialect extends DialectNames {
  /** Below the root of the server, as `/openai/v1`. */
  prefix: string;
  errorShape: ErrorShape;
  /** The beginning of the paths, with the prefix, to which large files are sent. */
  longUploads?: string;
  routes: readonly DialectRow[];
}

/** How a dialect names models. */
export interface DialectNames {
  name: string;
  /** The first part of the ids of the models that have the rest as their name; null when names are ids. */
  namespace: string | null;
}

/** A name may be an id of the catalogue, one below the namespace of the dialect, or one of the model's `aliases`. */
export function modelOf({ catalogue }: Pick<Deps, "catalogue">, dialect: DialectNames, name: string): CatalogueModel {
  const aliased = () => [...catalogue.values()].find(({ aliases }) => aliases[dialect.name]?.includes(name));
  const own = dialect.namespace === null ? undefined : catalogue.get(`${dialect.namespace}/${name}`);
  const model = own ?? catalogue.get(name) ?? aliased();
  if (model !== undefined) return model;
  const names = [...catalogue.values()].flatMap((one) => [
    nameOf(dialect, one),
    one.id,
    ...(one.aliases[dialect.name] ?? []),
  ]);
  throw modelNotFound(name, names, { field: "model" });
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

/** What a dialect asks for; all else has the defaults of a call without that field. */
export interface Asked {
  model: CatalogueModel;
  /** "" for none. */
  prompt: string;
  /** The first image, and the field that has it, for errors. */
  imageUrl?: string | null;
  imageField?: string;
  /** The other images, videos and sounds. */
  media?: readonly GivenMedia[];
  /** Undefined: the shortest that the model makes. */
  durationSeconds?: number | undefined;
  size?: { width: number; height: number } | undefined;
  count?: number | undefined;
  params?: Record<string, unknown>;
  webhookUrl?: string | null;
  metadata?: Record<string, string>;
}
