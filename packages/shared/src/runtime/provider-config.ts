/** The configuration of each provider: its key, its addresses, and whether it is simulated. */
import { z } from "zod";
import { limitVariablesOf, type ProviderManifest } from "../catalogue/manifest.js";
import type { PoolLimits } from "../store/pools.js";

export type Env = Readonly<Record<string, string | undefined>>;

/** Settings that `provider.json` cannot describe. */
export interface ProviderSettings {
  /** Only the adapter knows its type. */
  value: unknown;
  /** Further origins that the adapter calls. */
  origins: readonly string[];
}

export interface ProviderSource {
  manifest: ProviderManifest;
  /** @throws Error with one line per fault, which begins with the name of the variable */
  readSettings?(env: Env): ProviderSettings;
}

export interface ProviderConfig {
  manifest: ProviderManifest;
  /** The server's key. "": the provider needs none. Null: only callers with their own key can use the provider. */
  apiKey: string | null;
  /** "" when it is not set and has no default. */
  baseUrl: string;
  /** Further URLs, by purpose; null for a URL to which the key must not be sent. */
  urls: Readonly<Record<string, string | null>>;
  settings: unknown;
  /** The origins of the provider. The server may connect to them even if their addresses are private. */
  origins: readonly string[];
  simulated: boolean;
  /** What the account of the server's key allows. */
  limits: PoolLimits;
}

/** A value that is sent in a header. */
export const headerValue = z.string().regex(/^[\x21-\x7e]+$/, "must be printable ASCII without spaces");
export const httpUrl = z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, ""));

const jobs = z.coerce.number().int().min(1).max(100_000);
/** 0.001: one in about 17 minutes. */
const perSecond = z.coerce.number().min(0.001).max(1000);

/** The variables of all providers, for the schema of the environment. */
export function providerFields(manifests: readonly ProviderManifest[]) {
  const fields: Record<string, z.ZodType<string | number | undefined>> = {};
  for (const manifest of manifests) {
    const { keyVariable, baseUrlVariable, urls } = manifest;
    const limits = limitVariablesOf(manifest);
    for (const variable of [limits.maxInFlight, limits.maxInFlightPerModel]) fields[variable] = jobs.optional();
    fields[limits.createsPerSecond] = perSecond.optional();
    fields[keyVariable] = headerValue.optional();
    fields[baseUrlVariable] = httpUrl.optional();
    for (const { variable } of Object.values(urls)) fields[variable] = httpUrl.optional();
  }
  return fields;
}

type Values = { readonly SIMULATED_PROVIDERS: readonly string[] };

/** `parsed`: the environment, including the variables of `providerFields`. */
export function providerConfig(
  { manifest }: ProviderSource,
  parsed: Values,
  settings: ProviderSettings,
): ProviderConfig {
  const values = parsed as unknown as Env;
  const baseUrl = values[manifest.baseUrlVariable] ?? manifest.baseUrl ?? "";
  const hasDefaultBase = baseUrl === manifest.baseUrl;
  const urls = Object.entries(manifest.urls).map(([role, further]) => {
    const standard = further.withDefaultBaseUrlOnly && !hasDefaultBase ? null : further.default;
    return [role, values[further.variable] ?? standard] as const;
  });
  const origins = [...(baseUrl === "" ? [] : [new URL(baseUrl).origin]), ...settings.origins];
  const keyless = manifest.isKeyRequired || origins.length === 0 ? null : "";
  return {
    manifest,
    apiKey: values[manifest.keyVariable] ?? keyless,
    baseUrl,
    urls: Object.fromEntries(urls),
    settings: settings.value,
    origins,
    simulated: parsed.SIMULATED_PROVIDERS.includes(manifest.name),
    limits: limitsOf(manifest, parsed as unknown as Numbers),
  };
}

type Numbers = Readonly<Record<string, number | undefined>>;

function limitsOf(manifest: ProviderManifest, values: Numbers): PoolLimits {
  const { maxInFlight, maxInFlightPerModel, createsPerSecond } = limitVariablesOf(manifest);
  return {
    maxInFlight: values[maxInFlight] ?? null,
    maxInFlightPerModel: values[maxInFlightPerModel] ?? null,
    createsPerSecond: values[createsPerSecond] ?? null,
  };
}
