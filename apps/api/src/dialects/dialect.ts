/**
 * A dialect: the paths, bodies and errors of another API, for code that uses its SDK. It only translates (docs/dialects.md,
 * docs/adr/0020-dialects.md): a call becomes a `GenerationInput` of the same use-cases, and answers are made from the
 * record. It has no state of its own.
 */
import { type CatalogueModel, type DialectNames, type GivenMedia, nameOf } from "@visgate/shared/catalogue";
import type { Deps } from "../deps.js";
import type { ErrorShape } from "../http/errors.js";
import type { Authorization, Handler, Method } from "../http/route.js";
import { modelNotFound } from "../use-cases/model-not-found.js";

export { type DialectNames, nameOf };

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
  /** The provider in whose words the webhook is; undefined: in ours. */
  webhookForm?: string;
  metadata?: Record<string, string>;
}
