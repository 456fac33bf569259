/** A call that names a route of the catalogue instead of a model. */
import { type CatalogueModel, type GenerationInput, type ModelRoute, plan } from "@visgate/shared/catalogue";
import { invalid, VisgateError } from "@visgate/shared/errors";
import type { ApiKey } from "@visgate/shared/organization";
import { checkUrl } from "@visgate/shared/runtime/net";
import type { Deps } from "../deps.js";
import { requireModel } from "./check-model.js";
import { type CallerKeys, requireKey } from "./pick-key.js";

export interface RouteQuestion {
  apiKey: ApiKey;
  organization: string;
  input: GenerationInput;
  callerKeys: CallerKeys;
}

interface Candidate {
  model: CatalogueModel;
  costMicro: number | null;
}

/**
 * The input with the best model of the route that takes it, and the others as its fallback, before the call's own. An
 * input without a route stays as it is.
 */
export async function resolveRoute(deps: Deps, question: RouteQuestion): Promise<GenerationInput> {
  const { input } = question;
  const route = deps.catalogue.routes.get(input.model);
  if (route === undefined) return input;
  if (route.mediaType !== input.mediaType) {
    throw invalid("model", `model: the route ${route.id} makes ${route.mediaType}s, not ${input.mediaType}s.`);
  }
  const [best, ...others] = sorted(route, await candidatesOf(deps, question, route)).map(({ model }) => model.id);
  const own = input.fallback.filter(({ model }) => model !== best && !others.includes(model));
  const fallback = [...others.map((model) => ({ model, params: null })), ...own];
  return { ...input, model: best ?? input.model, fallback };
}

/** The models that take the call. @throws VisgateError of the first model when none does */
async function candidatesOf(deps: Deps, question: RouteQuestion, { id, models }: ModelRoute): Promise<Candidate[]> {
  const candidates: Candidate[] = [];
  let refusal: VisgateError | null = null;
  for (const name of models) {
    const model = deps.catalogue.get(name);
    if (model === undefined) continue;
    try {
      candidates.push({ model, costMicro: await costOf(deps, question, model) });
    } catch (error) {
      if (!(error instanceof VisgateError)) throw error;
      refusal ??= new VisgateError(
        error.code,
        `No model of ${id} takes this call. ${model.id}: ${error.message}`,
        { ...error.details, route: id },
        error.status,
      );
    }
  }
  if (candidates.length === 0 && refusal !== null) throw refusal;
  return candidates;
}

async function costOf(deps: Deps, question: RouteQuestion, model: CatalogueModel): Promise<number | null> {
  const { apiKey, organization, input, callerKeys } = question;
  requireModel(apiKey, model);
  await requireKey(deps, { organization, provider: model.provider, callerKeys });
  return plan(model, input, (url) => checkUrl(url, deps.settings.urlPolicy).href).estimatedCostMicro;
}

/** Equal ones stay in the order of the route. A model of unknown price comes last. */
function sorted({ prefer }: ModelRoute, candidates: Candidate[]): Candidate[] {
  if (prefer === "order") return candidates;
  const rank = ({ model, costMicro }: Candidate) =>
    prefer === "speed" ? model.usualSeconds : (costMicro ?? Number.POSITIVE_INFINITY);
  return candidates.toSorted((one, other) => (rank(one) === rank(other) ? 0 : rank(one) - rank(other)));
}
