/** The models a caller can name: validated once at start, looked up by id. */
import { falModels } from "./fal.js";
import { readCatalogueFile } from "./file.js";
import { replicateModels } from "./replicate.js";
import { runwayModels } from "./runway.js";
import { type CatalogueEntry, type CatalogueModel, catalogueModel } from "./schema.js";

export type Catalogue = ReadonlyMap<string, CatalogueModel>;

export const BUILT_IN_MODELS: readonly CatalogueEntry[] = [...falModels, ...replicateModels, ...runwayModels];

export interface CatalogueOptions {
  /** Path of the operator's JSON file; an entry of it replaces the built-in one of its id. */
  file?: string | undefined;
  entries?: readonly unknown[];
}

/** @throws Error whose message has one line per fault, over all entries. */
export function loadCatalogue({ file, entries = BUILT_IN_MODELS }: CatalogueOptions = {}): Catalogue {
  const builtIn = parseEntries("model", entries);
  const own = parseEntries("CATALOGUE_FILE entry", file === undefined ? [] : readCatalogueFile(file));
  const faults = [...builtIn.faults, ...own.faults];
  if (faults.length > 0) throw new Error(`The model catalogue is wrong:\n${faults.join("\n")}`);
  return new Map([...builtIn.models, ...own.models]);
}

/** `label` and a number from 1 say in a fault which entry it is. */
function parseEntries(label: string, entries: readonly unknown[]) {
  const models = new Map<string, CatalogueModel>();
  const faults: string[] = [];
  entries.forEach((entry, index) => {
    const parsed = catalogueModel.safeParse(entry);
    const fault = (at: string, message: string) =>
      faults.push(`${label} ${index + 1}${idOf(entry)}: ${at === "" ? "" : `${at}: `}${message}`);
    if (!parsed.success) for (const issue of parsed.error.issues) fault(issue.path.join("."), issue.message);
    else if (models.has(parsed.data.id)) fault("id", "is that of an entry before it");
    else models.set(parsed.data.id, parsed.data);
  });
  return { models, faults };
}

function idOf(entry: unknown): string {
  const id = typeof entry === "object" && entry !== null && "id" in entry ? entry.id : undefined;
  return typeof id === "string" ? ` (${id.replace(/\s+/g, " ")})` : "";
}
