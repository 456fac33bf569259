/** The models that a caller can name. They are validated once, at start, and looked up by id. */
import { readFileSync } from "node:fs";
import type { ProviderManifest } from "./manifest.js";
import { type ModelRoute, parseRoutes } from "./routes.js";
import { type CatalogueEntry, type CatalogueModel, catalogueModel } from "./schema.js";

/** A provider and its built-in models. */
export interface ModelSource {
  manifest: ProviderManifest;
  models: readonly CatalogueEntry[];
  /** Makes the entry of any model, if the provider's models cannot be listed. `name`: the id without the provider. */
  openModel?(name: string): CatalogueEntry;
}

/** `get` also returns models that are not listed, if their provider takes any model. */
export type Catalogue = Pick<ReadonlyMap<string, CatalogueModel>, "get" | "has" | "keys" | "values" | "size"> & {
  /** By id. Only the operator's file has some. */
  routes: ReadonlyMap<string, ModelRoute>;
};

export interface CatalogueOptions {
  sources: readonly ModelSource[];
  /** Path of the operator's JSON file. Its models replace built-in ones with the same id. */
  file?: string | undefined;
}

/** @throws Error with one line per fault, for all entries together */
export function loadCatalogue({ sources, file }: CatalogueOptions): Catalogue {
  const manifests = new Map(sources.map(({ manifest }) => [manifest.name, manifest]));
  const entries = sources.flatMap(({ models }) => models);
  const builtIn = parseEntries("model", entries, manifests);
  const given = file === undefined ? { models: [], routes: [] } : readCatalogueFile(file);
  const own = parseEntries("CATALOGUE_FILE entry", given.models, manifests);
  const models = withOpenModels(new Map([...builtIn.models, ...own.models]), sources);
  const { routes, faults: wrongRoutes } = parseRoutes(given.routes, models);
  // A model with a fault is no model, so its routes would seem to be wrong too.
  const wrongModels = [...builtIn.faults, ...own.faults];
  const faults = wrongModels.length > 0 ? wrongModels : wrongRoutes;
  if (faults.length > 0) throw new Error(`The model catalogue is wrong:\n${faults.join("\n")}`);
  return { ...models, routes };
}

/** How many unlisted models are kept in memory. The ids come from callers, so their number must have a limit. */
const MAX_OPEN_MODELS = 1000;

function withOpenModels(
  listed: ReadonlyMap<string, CatalogueModel>,
  sources: readonly ModelSource[],
): Omit<Catalogue, "routes"> {
  const open = new Map<string, CatalogueModel>();

  function openModel(id: string): CatalogueModel | undefined {
    const source = sources.find((one) => one.openModel !== undefined && id.startsWith(`${one.manifest.name}/`));
    const name = id.slice((source?.manifest.name.length ?? 0) + 1);
    if (source?.openModel === undefined || !new RegExp(source.manifest.endpoint).test(name)) return undefined;
    const model = catalogueModel.safeParse(source.openModel(name)).data;
    if (model !== undefined && open.size < MAX_OPEN_MODELS) open.set(id, model);
    return model;
  }

  return {
    get: (id) => listed.get(id) ?? open.get(id) ?? openModel(id),
    has: (id) => listed.has(id),
    keys: () => listed.keys(),
    values: () => listed.values(),
    size: listed.size,
  };
}

type Manifests = ReadonlyMap<string, ProviderManifest>;

/** A fault names its entry by `label` and a number from 1. */
function parseEntries(label: string, entries: readonly unknown[], manifests: Manifests) {
  const models = new Map<string, CatalogueModel>();
  const faults: string[] = [];
  entries.forEach((entry, index) => {
    const parsed = catalogueModel.safeParse(entry);
    const found = parsed.success
      ? [...duplicateFaults(models, parsed.data), ...providerFaults(manifests, parsed.data)]
      : parsed.error.issues.map((issue) => lineOf(issue.path.join("."), issue.message));
    faults.push(...found.map((text) => `${label} ${index + 1}${idOf(entry)}: ${text}`));
    if (parsed.success && found.length === 0) models.set(parsed.data.id, parsed.data);
  });
  return { models, faults };
}

const lineOf = (at: string, message: string) => (at === "" ? message : `${at}: ${message}`);

function duplicateFaults(models: ReadonlyMap<string, CatalogueModel>, { id }: CatalogueModel): string[] {
  return models.has(id) ? [lineOf("id", "is already the id of an earlier entry")] : [];
}

function providerFaults(manifests: Manifests, { provider, variants }: CatalogueModel): string[] {
  const manifest = manifests.get(provider);
  if (manifest === undefined) return [lineOf("provider", `must be one of ${[...manifests.keys()].join(", ")}`)];
  const endpoint = new RegExp(manifest.endpoint);
  return Object.entries(variants).flatMap(([name, variant]) =>
    variant === undefined || endpoint.test(variant.endpoint)
      ? []
      : [lineOf(`variants.${name}.endpoint`, `is not an endpoint name of ${manifest.title}`)],
  );
}

function idOf(entry: unknown): string {
  const id = typeof entry === "object" && entry !== null && "id" in entry ? entry.id : undefined;
  return typeof id === "string" ? ` (${id.replace(/\s+/g, " ")})` : "";
}

interface CatalogueFile {
  models: unknown[];
  routes: unknown[];
}

/** The operator's entries, not validated yet. @throws Error with one line that says what is wrong with the file */
function readCatalogueFile(path: string): CatalogueFile {
  const content = parse(path, read(path));
  if (Array.isArray(content)) return { models: content, routes: [] };
  const { models = [], routes = [], ...others } = (content ?? {}) as Record<string, unknown>;
  const isRight = Array.isArray(models) && Array.isArray(routes) && Object.keys(others).length === 0;
  if (typeof content === "object" && content !== null && isRight) return { models, routes };
  throw new Error(`CATALOGUE_FILE ${path} must hold a JSON list of models, or {"models": [...], "routes": [...]}.`);
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new Error(`CATALOGUE_FILE ${path} cannot be read: ${oneLine(error)}`);
  }
}

function parse(path: string, text: string): unknown {
  try {
    // Some editors put a byte order mark in front.
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    throw new Error(`CATALOGUE_FILE ${path} is not JSON: ${oneLine(error)}`);
  }
}

const oneLine = (error: unknown) => (error instanceof Error ? error.message : String(error)).replace(/\s+/g, " ");
