/** The models a caller can name: validated once at start, looked up by id. */
import { falModels } from "./fal.js";
import { type CatalogueEntry, type CatalogueModel, catalogueModel } from "./schema.js";

export type Catalogue = ReadonlyMap<string, CatalogueModel>;

export const BUILT_IN_MODELS: readonly CatalogueEntry[] = [...falModels];

/** Parses entries into a catalogue; throws with one line per fault. A later entry replaces an earlier one of its id. */
export function loadCatalogue(entries: readonly unknown[] = BUILT_IN_MODELS): Catalogue {
  const faults: string[] = [];
  const models = new Map<string, CatalogueModel>();
  entries.forEach((entry, index) => {
    const parsed = catalogueModel.safeParse(entry);
    if (parsed.success) models.set(parsed.data.id, parsed.data);
    else
      for (const issue of parsed.error.issues) faults.push(`model ${index}: ${issue.path.join(".")}: ${issue.message}`);
  });
  if (faults.length > 0) throw new Error(`The model catalogue is wrong:\n${faults.join("\n")}`);
  return models;
}
