/** Plans the models of `fallback`. Each is checked as the model of the call is, and an error names its entry. */
import { type GenerationInput, type GivenAlternative, plan } from "@visgate/shared/catalogue";
import { invalid, VisgateError } from "@visgate/shared/errors";
import type { ApiKey } from "@visgate/shared/organization";
import type { Alternative } from "@visgate/shared/request";
import { checkUrl } from "@visgate/shared/runtime/net";
import type { Deps } from "../deps.js";
import { checkOutputsArePublic, findModel, requireModel } from "./check-model.js";
import { isSimulated } from "./is-simulated.js";
import { type CallerKeys, requireKey } from "./pick-key.js";

export interface FallbackQuestion {
  apiKey: ApiKey;
  organization: string;
  input: GenerationInput;
  callerKeys: CallerKeys;
  copyOutput: boolean;
}

export interface PlannedAlternative {
  alternative: Alternative;
  /** The key of the caller or of the organization; null for the server's. */
  ownKey: string | null;
}

const NONE: readonly PlannedAlternative[] = [];

export async function planFallback(deps: Deps, question: FallbackQuestion): Promise<readonly PlannedAlternative[]> {
  const { model, fallback } = question.input;
  if (fallback.length === 0) return NONE;
  const planned: PlannedAlternative[] = [];
  for (const [index, given] of fallback.entries()) {
    const field = `fallback.${index}`;
    const before = [model, ...planned.map(({ alternative }) => alternative.model)];
    if (before.includes(given.model)) throw invalid(field, `${field}: ${given.model} is named twice; leave it out.`);
    try {
      planned.push(await planOne(deps, question, given, field));
    } catch (error) {
      throw error instanceof VisgateError ? inEntry(error, given, field) : error;
    }
  }
  return planned;
}

async function planOne(
  deps: Deps,
  { apiKey, organization, input, callerKeys, copyOutput }: FallbackQuestion,
  given: GivenAlternative,
  field: string,
): Promise<PlannedAlternative> {
  const { urlPolicy, copyOutputs } = deps.settings;
  const model = findModel(deps, given.model, input.mediaType);
  requireModel(apiKey, model);
  const { provider } = model;
  const key = await requireKey(deps, { organization, provider, callerKeys });
  if (!copyOutput) checkOutputsArePublic(provider, copyOutputs);
  const params =
    given.params === null
      ? input.params
      : { values: given.params, fieldOf: (name: string) => `${field}.params.${name}` };
  const {
    endpoint,
    input: planned,
    estimatedCostMicro,
  } = plan(model, { ...input, params }, (url) => checkUrl(url, urlPolicy).href);
  const { prompt: _prompt, ...rest } = planned;
  return {
    alternative: {
      ...{ model: model.id, endpoint, provider, account: key.account, simulated: isSimulated(deps, provider) },
      ...{ input: rest, estimatedCostMicro },
    },
    ownKey: key.account === "server" ? null : key.apiKey,
  };
}

/** The error that the model of the call would get, with the field of the entry. */
function inEntry({ code, message, details, status }: VisgateError, given: GivenAlternative, entry: string) {
  const { field } = details;
  if (typeof field === "string" && field.startsWith(`${entry}.`))
    return new VisgateError(code, message, details, status);
  const isParam = given.params === null && code === "VALIDATION_ERROR";
  const hint = isParam ? " To give this model params of its own, name it as {model, params}." : "";
  const text = `${entry} (${given.model.slice(0, 100)}): ${message}${hint}`;
  return new VisgateError(code, text, { ...details, field: entry }, status);
}
