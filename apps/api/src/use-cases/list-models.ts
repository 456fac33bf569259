/** Lists the catalogue for callers: filtered, sorted, and with the featured groups. */
import { type CatalogueModel, defaultPrice, type ModelRoute, modelLimits, priceText } from "@visgate/shared/catalogue";
import type { ModelsAnswer, ModelsQuery, ModelView } from "@visgate/shared/contract";
import type { Deps } from "../deps.js";
import { modelNotFound } from "./model-not-found.js";

/** `dialectName`: what the dialect of the query calls a model. */
export async function listModels(
  deps: Deps,
  query: ModelsQuery,
  dialectName: ((model: CatalogueModel) => string) | null = null,
): Promise<ModelsAnswer> {
  const all = await viewAll(deps, dialectName);
  const isFeatured = (view: ModelView) => deps.catalogue.get(view.id)?.featured === true;
  const matching = all.filter((view) => matches(view, query)).sort((a, b) => ORDER[query.sort](a, b) || byName(a, b));
  return {
    models: matching.slice(0, query.limit),
    total_count: matching.length,
    last_updated:
      all
        .map((view) => view.last_synced_at)
        .sort()
        .at(-1) ?? "",
    featured: groupFeatured(all.filter(isFeatured).sort(byName)),
    ...(deps.catalogue.routes.size === 0 ? {} : { routes: [...deps.catalogue.routes.values()].map(routeView) }),
  };
}

export async function findModelView(deps: Deps, id: string): Promise<ModelView> {
  const model = deps.catalogue.get(id);
  if (model === undefined) throw modelNotFound(id, deps.catalogue.keys());
  return modelView(model, (await countRuns(deps))[id] ?? 0);
}

const routeView = ({ id, mediaType, models, prefer }: ModelRoute) => ({ id, media_type: mediaType, models, prefer });

async function viewAll(deps: Deps, dialectName: ((model: CatalogueModel) => string) | null): Promise<ModelView[]> {
  const runs = await countRuns(deps);
  return [...deps.catalogue.values()].map((model) => ({
    ...modelView(model, runs[model.id] ?? 0),
    ...(dialectName === null ? {} : { dialect_name: dialectName(model) }),
  }));
}

/** While Redis is unavailable, the catalogue is listed without run counts. */
const countRuns = (deps: Deps) => deps.store.runs.countByModel().catch(() => ({}) as Record<string, number>);

function matches(view: ModelView, query: ModelsQuery): boolean {
  return (
    (query.provider === undefined || view.provider === query.provider) &&
    (query.media_type === undefined || view.media_type === query.media_type) &&
    (query.capability === undefined || view.capabilities.includes(query.capability)) &&
    (query.search === undefined || hasWords(view, query.search))
  );
}

/** Each word must occur in one of the texts. */
function hasWords(view: ModelView, search: string): boolean {
  const { id, name, description, provider, category, tags, capabilities } = view;
  const text = [id, name, description, provider, category, ...tags, ...capabilities].join(" ").toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

type Order = (a: ModelView, b: ModelView) => number;

const byName: Order = (a, b) => a.name.localeCompare(b.name) || a.id.localeCompare(b.id);
const ORDER: Record<ModelsQuery["sort"], Order> = {
  name: byName,
  // Models of unknown cost come last, although it is shown as 0: of unknown price, or as long as the caller's video.
  cost: (a, b) =>
    Number(a.base_cost_micro === 0) - Number(b.base_cost_micro === 0) || a.base_cost_micro - b.base_cost_micro,
  newest: (a, b) => b.first_seen_at.localeCompare(a.first_seen_at),
  popular: (a, b) => b.run_count - a.run_count,
};

const GROUPS = [
  { title: "Video", key: "video", capability: "text-to-video" },
  { title: "Image to video", key: "image-to-video", capability: "image-to-video" },
  { title: "Images", key: "image", capability: "text-to-image" },
];

function groupFeatured(featured: ModelView[]): ModelsAnswer["featured"] {
  return GROUPS.map(({ title, key, capability }) => {
    return { title, key, models: featured.filter((view) => view.capabilities.includes(capability)) };
  }).filter((group) => group.models.length > 0);
}

/** What is the same in every call: all but the run count. */
const VIEWS = new WeakMap<CatalogueModel, ModelView>();

function modelView(model: CatalogueModel, runCount: number): ModelView {
  const view = VIEWS.get(model) ?? viewWithoutRuns(model);
  VIEWS.set(model, view);
  return { ...view, run_count: runCount };
}

function priceView({ tokens, ...price }: CatalogueModel["price"]): ModelView["price"] {
  if (tokens === undefined) return price;
  return { ...price, tokens: { frames_per_second: tokens.framesPerSecond, sizes: tokens.sizes } };
}

function viewWithoutRuns(model: CatalogueModel): ModelView {
  const { variants } = model;
  const limits = modelLimits(model);
  const { baseMicro, unitMicro } = defaultPrice(model);
  const time = `${model.addedAt}T00:00:00.000Z`;
  return {
    id: model.id,
    name: model.name,
    provider: model.provider,
    media_type: model.mediaType,
    description: model.description,
    category: model.category,
    tags: model.tags,
    capabilities: capabilitiesOf(model),
    input_types: ["text", ...["image", "video", "audio"].filter((type) => takesType(limits, type))],
    output_type: model.mediaType,
    base_cost_micro: baseMicro ?? 0,
    normalized_cost_micro: unitMicro ?? 0,
    pricing: priceText(model.price),
    price: priceView(model.price),
    pricing_unit: model.price.unit,
    usual_render_seconds: model.usualSeconds,
    run_count: 0,
    first_seen_at: time,
    last_synced_at: time,
    limits: {
      durations_seconds: limits.durationsSeconds,
      aspect_ratios: limits.aspectRatios,
      resolutions: limits.resolutions,
      image_input: limits.imageInput,
      inputs: limits.inputs,
      negative_prompt: limits.negativePrompt,
    },
    params: Object.fromEntries(Object.entries(variants).map(([kind, variant]) => [kind, variant?.params ?? {}])),
  };
}

function capabilitiesOf({ mediaType, variants: { text, image, first_last, reference, video } }: CatalogueModel) {
  const capabilities: [name: string, has: boolean][] = [
    [`text-to-${mediaType}`, text !== undefined],
    [`image-to-${mediaType}`, image !== undefined],
    [`first-last-frame-to-${mediaType}`, (first_last ?? image)?.inputs.last !== undefined],
    [`reference-to-${mediaType}`, reference !== undefined],
    [`video-to-${mediaType}`, video !== undefined],
  ];
  return capabilities.flatMap(([name, has]) => (has ? [name] : []));
}

const takesType = ({ inputs }: ReturnType<typeof modelLimits>, type: string): boolean =>
  inputs.some(({ role }) => (role === "video" || role === "audio" ? role : "image") === type);
