/** The list of providers, and values that are derived from it. */
import { type Catalogue, loadCatalogue, secretNamesOf } from "@visgate/shared/catalogue";
import type { Provider } from "./provider.js";
import * as registry from "./registry.js";
import type { WebhookForm } from "./words.js";

export type * from "./port.js";
export type { Provider } from "./provider.js";
export type { Report, ReportVerifier, Verdict, VerifierOptions } from "./report/verifier.js";
export * from "./rhythm.js";
export type * from "./words.js";

/** All providers, sorted by name. */
export const PROVIDERS: readonly Provider[] = Object.values(registry).toSorted((one, other) =>
  one.manifest.name < other.manifest.name ? -1 : 1,
);

type Names = readonly [string, ...string[]];
const namesOf = (providers: readonly Provider[]) => providers.map(({ manifest }) => manifest.name) as unknown as Names;

export const PROVIDER_NAMES = namesOf(PROVIDERS);

/** The providers that take a key of the caller or of its organization. */
export const CALLER_KEY_PROVIDERS = namesOf(PROVIDERS.filter(({ manifest }) => manifest.callerKeyHeader !== null));

/** The names of variables and headers with a provider's key. The log leaves their values out. */
export const SECRET_NAMES: readonly string[] = PROVIDERS.flatMap(({ manifest }) => secretNamesOf(manifest));

/** One video model of each provider, by the provider's name. */
export const VIDEO_MODEL_PRESETS: Readonly<Record<string, string>> = Object.fromEntries(
  PROVIDERS.flatMap(({ manifest: { name, presetModel } }) => (presetModel === null ? [] : [[name, presetModel]])),
);

/** @throws Error when there is no provider with this name */
export function providerOf(name: string): Provider {
  const found = PROVIDERS.find(({ manifest }) => manifest.name === name);
  if (found === undefined) throw new Error(`There is no provider ${name}.`);
  return found;
}

/** How webhooks of this name are written; undefined for a name of another version. */
export const webhookFormOf = (name: string): WebhookForm | undefined =>
  PROVIDERS.find(({ manifest }) => manifest.name === name)?.webhookForm;

/** The models of all providers, and those of the operator's file. */
export function loadModels(file?: string): Catalogue {
  return loadCatalogue({ sources: PROVIDERS, file });
}
