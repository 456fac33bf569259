/** What `provider.json` says of a provider: plain data, which the launcher reads too, before anything is built. */
import { z } from "zod";

const variable = z.string().regex(/^[A-Z][A-Z0-9_]*$/);
/** A path at the simulator. */
const path = z.string().startsWith("/");

const furtherUrl = z.strictObject({
  /** The environment variable that sets it. */
  variable,
  default: z.url(),
  simulatorPath: path,
  /** The default holds only while the base URL is the default one too: the key must not go to another host unasked. */
  withDefaultBaseUrlOnly: z.boolean(),
});

export const providerManifest = z.strictObject({
  /** As in model entries, queues and answers. */
  name: z.string().regex(/^[a-z][a-z0-9-]*$/),
  /** As people write it. */
  title: z.string(),
  keyVariable: variable,
  /** False: a server that is set up without a key is called without one. */
  isKeyRequired: z.boolean(),
  baseUrlVariable: variable,
  /** Null: there is no provider until the operator sets one. */
  baseUrl: z.url().nullable(),
  /** Names a file with more than this describes, which the provider's own folder reads; null for most. */
  settingsVariable: variable.nullable().default(null),
  /** Other addresses of it, by what they are for. */
  urls: z.record(z.string(), furtherUrl),
  /** The header with a caller's own key; null when callers cannot use keys of their own. */
  callerKeyHeader: z.string().nullable(),
  /** Does it report by webhook that a job has ended? */
  reports: z.boolean(),
  /** Are its outputs behind the server's key? Then they are always copied: callers could not fetch them. */
  outputsNeedKey: z.boolean().default(false),
  /** A regular expression for the names of what is called there; anything else would be refused, or lead elsewhere. */
  endpoint: z.string(),
  /** Of VIDEO_MODEL_PRESETS. */
  presetModel: z.string().nullable(),
  /** Where the simulator speaks its protocol. */
  simulatorPath: path,
});

export type ProviderManifest = z.infer<typeof providerManifest>;

/** Names of environment variables and headers that hold this provider's key: they are never logged. */
export function secretNamesOf({ keyVariable, callerKeyHeader }: ProviderManifest): string[] {
  return callerKeyHeader === null ? [keyVariable] : [keyVariable, callerKeyHeader];
}
