/** The catalogue as callers see it: filters, order and the featured groups. */
import { costMicro, requestedUnits, unitPriceMicro } from "@visgate/shared/catalogue/price";
import type { CatalogueModel, Variant } from "@visgate/shared/catalogue/schema";
import type { ModelsAnswer, ModelsQuery, ModelView } from "@visgate/shared/contract/model";
import { mapDuration } from "@visgate/shared/domain/duration";
import { VisgateError } from "@visgate/shared/domain/errors";
import type { Deps } from "../deps.js";

const DEFAULT_DURATION_SECONDS = 5;

export async function listModels(deps: Deps, query: ModelsQuery): Promise<ModelsAnswer> {
  const all = await viewAll(deps);
  const matching = all.filter((view) => matches(view, query)).sort(ORDER[query.sort]);
  const featured = all.filter((view) => deps.catalogue.get(view.id)?.featured);
  const shown = query.featured === "true" ? matching.filter((view) => featured.includes(view)) : matching;
  return {
    models: shown.slice(0, query.limit),
    total_count: shown.length,
    last_updated:
      all
        .map((view) => view.last_synced_at)
        .sort()
        .at(-1) ?? "",
    featured: groupFeatured(featured),
  };
}

export async function findModelView(deps: Deps, id: string): Promise<ModelView> {
  const view = (await viewAll(deps)).find((one) => one.id === id);
  if (view === undefined)
    throw new VisgateError("MODEL_NOT_FOUND", "There is no such model; GET /api/v1/models lists them.");
  return view;
}

async function viewAll(deps: Deps): Promise<ModelView[]> {
  const runs = await deps.store.runs.countByModel().catch(() => ({}) as Record<string, number>);
  return [...deps.catalogue.values()].map((model) => modelView(model, runs[model.id] ?? 0));
}

function matches(view: ModelView, query: ModelsQuery): boolean {
  const text = `${view.id} ${view.name} ${view.description} ${view.tags.join(" ")}`.toLowerCase();
  return (
    (query.provider === undefined || view.provider === query.provider) &&
    (query.media_type === undefined || view.media_type === query.media_type) &&
    (query.capability === undefined || view.capabilities.includes(query.capability)) &&
    (query.search === undefined || text.includes(query.search.toLowerCase()))
  );
}

const ORDER: Record<ModelsQuery["sort"], (a: ModelView, b: ModelView) => number> = {
  name: (a, b) => a.name.localeCompare(b.name),
  cost: (a, b) => a.base_cost_micro - b.base_cost_micro,
  newest: (a, b) => b.first_seen_at.localeCompare(a.first_seen_at),
  popular: (a, b) => b.run_count - a.run_count,
};

function groupFeatured(featured: ModelView[]): ModelsAnswer["featured"] {
  const groups = [
    { title: "Video", key: "video", models: featured.filter((view) => view.media_type === "video") },
    { title: "Images", key: "image", models: featured.filter((view) => view.media_type === "image") },
  ];
  return groups.filter((group) => group.models.length > 0);
}

function modelView(model: CatalogueModel, runCount: number): ModelView {
  const variants = [model.variants.text, model.variants.image].filter((variant) => variant !== undefined);
  const main = variants[0] as Variant;
  const unitMicro = unitPriceMicro(model, main, {});
  const duration = mapDuration(DEFAULT_DURATION_SECONDS, model.durationsSeconds) ?? null;
  const time = `${model.addedAt}T00:00:00.000Z`;
  return {
    id: model.id,
    name: model.name,
    provider: model.provider,
    media_type: model.mediaType,
    description: model.description,
    category: model.category,
    tags: model.tags,
    capabilities: capabilities(model),
    input_types: ["text", ...(model.variants.image === undefined ? [] : ["image"])],
    output_type: model.mediaType,
    base_cost_micro: costMicro(requestedUnits(model, duration, {}), unitMicro),
    normalized_cost_micro: unitMicro,
    pricing: { unit: model.price.unit, micro: model.price.micro, when: model.price.when },
    pricing_unit: model.price.unit,
    run_count: runCount,
    first_seen_at: time,
    last_synced_at: time,
    limits: {
      durations_seconds: model.durationsSeconds,
      aspect_ratios: valuesOf(variants, "aspect_ratio"),
      resolutions: valuesOf(variants, "resolution"),
      image_input: imageInput(model),
    },
    params: Object.assign({}, ...variants.map((variant) => variant.params)),
  };
}

function capabilities(model: CatalogueModel): string[] {
  const from = (source: string) => `${source}-to-${model.mediaType}`;
  return [
    ...(model.variants.text === undefined ? [] : [from("text")]),
    ...(model.variants.image === undefined ? [] : [from("image")]),
  ];
}

function imageInput(model: CatalogueModel): "none" | "optional" | "required" {
  if (model.variants.image === undefined) return "none";
  return model.variants.text === undefined ? "required" : "optional";
}

function valuesOf(variants: Variant[], param: string): string[] {
  const values = variants.flatMap((variant) => {
    const spec = variant.params[param];
    return spec?.type === "string" ? (spec.values ?? []) : [];
  });
  return [...new Set(values)];
}
