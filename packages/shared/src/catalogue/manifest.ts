/** `provider.json`: what configures a provider. It is plain data, since the launcher reads it before the build. */
import { z } from "zod";

const variable = z.string().regex(/^[A-Z][A-Z0-9_]*$/);
/** A path of the simulator. */
const path = z.string().startsWith("/");

const furtherUrl = z.strictObject({
  /** The environment variable that sets the URL. */
  variable,
  default: z.url(),
  simulatorPath: path,
  /** Use the default only while the base URL has its default too: otherwise the key could go to a foreign host. */
  withDefaultBaseUrlOnly: z.boolean(),
});

export const providerManifest = z.strictObject({
  /** The name in model entries, queues and answers. */
  name: z.string().regex(/^[a-z][a-z0-9-]*$/),
  /** The name as people write it. */
  title: z.string(),
  keyVariable: variable,
  /** False: without a key the provider is called without authentication. */
  isKeyRequired: z.boolean(),
  baseUrlVariable: variable,
  /** Null: the provider is off until the operator sets one. */
  baseUrl: z.url().nullable(),
  /** Names a file with further settings, which the provider's own folder reads; null for most providers. */
  settingsVariable: variable.nullable().default(null),
  /** The provider's other addresses, by purpose. */
  urls: z.record(z.string(), furtherUrl),
  /** The header with the caller's own key; null when callers cannot use their own keys. */
  callerKeyHeader: z.string().nullable(),
  /** Does the provider report the end of a job by webhook? */
  reports: z.boolean(),
  /** For which ends of a job does the provider say what it bills? docs/providers.md has the table. */
  statesCost: z.strictObject({ completed: z.boolean(), failed: z.boolean(), cancelled: z.boolean() }),
  /** Does it list its jobs, so that the job of a lost submit can be found? */
  listsJobs: z.boolean(),
  /** Does a download of an output need the key? Then outputs are always copied, as callers could not fetch them. */
  outputsNeedKey: z.boolean().default(false),
  /** A regular expression for endpoint names. Any other name would be refused, or lead to another address. */
  endpoint: z.string(),
  /** The model of this provider in VIDEO_MODEL_PRESETS. */
  presetModel: z.string().nullable(),
  /** Set by one provider: the model of `visgate generate` and of the launcher's example, unless another one is named. */
  defaultModel: z.string().nullable().default(null),
  /** The path at which the simulator speaks the provider's protocol. */
  simulatorPath: path,
});

export type ProviderManifest = z.infer<typeof providerManifest>;

/** The environment variable and the header that hold this provider's key. Their values are never logged. */
export function secretNamesOf({ keyVariable, callerKeyHeader }: ProviderManifest): string[] {
  return callerKeyHeader === null ? [keyVariable] : [keyVariable, callerKeyHeader];
}

/** The environment variables that set the limits of the provider account. */
export function limitVariablesOf({ name }: Pick<ProviderManifest, "name">) {
  const prefix = name.toUpperCase().replaceAll("-", "_");
  return {
    maxInFlight: `${prefix}_MAX_IN_FLIGHT`,
    maxInFlightPerModel: `${prefix}_MAX_IN_FLIGHT_PER_MODEL`,
    createsPerSecond: `${prefix}_CREATES_PER_SECOND`,
  } as const;
}
