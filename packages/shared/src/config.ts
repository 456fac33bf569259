/** Configuration: the environment, parsed once, frozen, passed down. A wrong value ends the start, one line per fault. */
import { z } from "zod";
import { PROVIDER_NAMES, type ProviderName } from "./catalogue/providers.js";
import { type UrlPolicy, urlFault } from "./net/urls.js";

const flag = z.stringbool({ truthy: ["true", "1"], falsy: ["false", "0"] });
const port = z.coerce.number().int().min(0).max(65_535);
const httpUrl = z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, ""));
const redisUrl = z.url({ protocol: /^rediss?$/, error: "must look like redis://host:6379" });
const list = z.string().transform((text) =>
  text
    .split(",")
    .map((item) => item.trim())
    .filter(Boolean),
);
/** Names out of a closed set; a wrong one would silently do nothing. */
const namesOf = (names: [string, ...string[]]) => z.array(z.enum(names)).transform((given): string[] => given);
/** It travels in a header, or signs one. */
const providerKey = z.string().regex(/^[\x21-\x7e]+$/, "must be printable ASCII without spaces");
const secret = z.string().min(16, "must have at least 16 characters");

const FAL_QUEUE_URL = "https://queue.fal.run";
const FAL_PLATFORM_URL = "https://api.fal.ai/v1";

const fields = z.object({
  HOST: z.string().default("127.0.0.1"),
  PORT: port.default(8787),
  REDIS_URL: redisUrl.default("redis://127.0.0.1:6379"),
  PUBLIC_URL: httpUrl.optional(),
  LOG_LEVEL: z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).default("info"),
  DATA_DIR: z.string().default(".data"),
  METRICS_PORT: port.optional(),

  VISGATE_API_KEY: z
    .string()
    .regex(/^vg-[\x21-\x7e]{16,}$/, "must start with vg- and have 16 more characters")
    .optional(),
  VISGATE_SECRET: secret,

  FAL_KEY: providerKey.optional(),
  FAL_BASE_URL: httpUrl.default(FAL_QUEUE_URL),
  FAL_PLATFORM_URL: httpUrl.optional(),
  FAL_JWKS_URL: httpUrl.default("https://rest.fal.ai/.well-known/jwks.json"),
  REPLICATE_API_TOKEN: providerKey.optional(),
  REPLICATE_BASE_URL: httpUrl.default("https://api.replicate.com/v1"),
  RUNWAYML_API_SECRET: providerKey.optional(),
  RUNWAY_BASE_URL: httpUrl.default("https://api.dev.runwayml.com"),
  SIMULATED_PROVIDERS: list.pipe(z.array(z.enum(PROVIDER_NAMES))).default([]),
  CATALOGUE_FILE: z.string().optional(),

  OUTPUT_STORE: z.enum(["disk", "s3", "off"]).default("disk"),
  S3_BUCKET: z
    .string()
    .regex(/^[\w.-]{3,63}$/, "must be the name of a bucket")
    .optional(),
  S3_ENDPOINT: httpUrl.optional(),
  S3_REGION: z
    .string()
    .regex(/^[\w-]+$/, "must be the name of a region")
    .default("us-east-1"),
  AWS_ACCESS_KEY_ID: providerKey.optional(),
  AWS_SECRET_ACCESS_KEY: providerKey.optional(),
  AWS_SESSION_TOKEN: providerKey.optional(),
  MAX_OUTPUT_BYTES: z.coerce
    .number()
    .int()
    .positive()
    .default(1024 ** 3),
  SYNC_WAIT_SECONDS: z.coerce.number().min(0).max(600).default(100),
  LOCATE_SECONDS: z.coerce.number().min(0).max(3600).default(120),
  UNSETTLED_SECONDS: z.coerce.number().int().min(0).max(86_400).default(900),
  CACHE_TTL_SECONDS: z.coerce.number().int().min(0).default(86_400),
  CACHE_SCOPE: z.enum(["org", "global"]).default("org"),
  RETENTION_DAYS: z.coerce.number().min(1).default(30),
  WORKER_CONCURRENCY: z.coerce.number().int().min(1).max(10_000).default(200),
  WORKER_QUEUES: list.pipe(namesOf([...PROVIDER_NAMES, "webhooks", "maintenance"])).optional(),
  LOCK_DURATION_MS: z.coerce.number().int().min(1000).default(60_000),
  SUBMIT_TIMEOUT_MS: z.coerce.number().int().min(100).default(30_000),
  WEBHOOK_DISABLE_AFTER_SECONDS: z.coerce.number().positive().default(432_000),
  WEBHOOK_RETRY_SECONDS: list
    .transform((items) => items.map(Number))
    .pipe(z.array(z.number().positive()))
    .optional(),
  ALLOW_PRIVATE_URLS: flag.default(false),
  ALLOWED_PRIVATE_ORIGINS: list
    .pipe(z.array(z.url({ protocol: /^https?$/ }).transform((url) => new URL(url).origin)))
    .default([]),
  ALLOW_UNSAFE_REDIS: flag.default(false),
});

type Fields = z.output<typeof fields>;

/** For `refine`: a variable required because of others. Asked whatever else is wrong, so that all faults come at once. */
function required(name: keyof Fields, when: (values: Fields) => boolean) {
  const isThere = (values: Fields) => values[name] !== undefined || !when(values);
  const options: { path: PropertyKey[]; when: () => boolean } = { path: [name], when: () => true };
  return [isThere, options] as const;
}

const withS3 = ({ OUTPUT_STORE }: Fields) => OUTPUT_STORE === "s3";

const schema = fields
  .refine(...required("S3_BUCKET", withS3))
  .refine(...required("AWS_ACCESS_KEY_ID", (is) => withS3(is) && is.AWS_SECRET_ACCESS_KEY !== undefined))
  .refine(...required("AWS_SECRET_ACCESS_KEY", (is) => withS3(is) && is.AWS_ACCESS_KEY_ID !== undefined));

export type Config = Readonly<z.output<typeof schema>>;

/**
 * Parses the environment. An empty variable counts as unset, as in a .env file.
 * @throws Error whose message has one line per fault and no value that could be a secret.
 */
export function parseConfig(env: Record<string, string | undefined>): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ""));
  const parsed = schema.safeParse(given);
  if (parsed.success) return Object.freeze(parsed.data);
  const lines = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${explain(issue, given)}`);
  throw new Error(`The configuration is wrong:\n${lines.join("\n")}`);
}

function explain(issue: z.core.$ZodIssue, given: Record<string, unknown>): string {
  if (!Object.hasOwn(given, String(issue.path[0]))) return "is required";
  return issue.code === "invalid_type" && issue.expected === "number" ? "must be a number" : issue.message;
}

const WILDCARDS = new Set(["0.0.0.0", "::"]);

/** Where callers reach this server: file URLs and status URLs start with it. A wildcard host is reached on loopback. */
export function publicBase({ PUBLIC_URL, HOST, PORT }: Config): string {
  const host = WILDCARDS.has(HOST) ? "127.0.0.1" : HOST;
  return PUBLIC_URL ?? `http://${host.includes(":") ? `[${host}]` : host}:${PORT}`;
}

/** Which private addresses callers may name, if any. */
export function urlPolicy(config: Config): UrlPolicy {
  return { allowPrivate: config.ALLOW_PRIVATE_URLS, allowedOrigins: new Set(config.ALLOWED_PRIVATE_ORIGINS) };
}

export interface ProviderConfig {
  apiKey: string | null;
  baseUrl: string;
  /** Where fal lists requests; null for a provider that does so under its base URL or not at all. */
  platformUrl: string | null;
  simulated: boolean;
  /** Does it report by a webhook that a job has ended? */
  reports: boolean;
}

/** The providers this server can talk to, by name; each has a queue of that name. */
export function providerConfigs(config: Config): ReadonlyMap<ProviderName, ProviderConfig> {
  const { FAL_BASE_URL, REPLICATE_BASE_URL, RUNWAY_BASE_URL } = config;
  const given: Record<ProviderName, Omit<ProviderConfig, "simulated" | "platformUrl">> = {
    fal: { apiKey: config.FAL_KEY ?? null, baseUrl: FAL_BASE_URL, reports: true },
    replicate: { apiKey: config.REPLICATE_API_TOKEN ?? null, baseUrl: REPLICATE_BASE_URL, reports: true },
    runway: { apiKey: config.RUNWAYML_API_SECRET ?? null, baseUrl: RUNWAY_BASE_URL, reports: false },
  };
  const platformUrl = (name: ProviderName) => (name === "fal" ? falPlatformUrl(config) : null);
  const simulated = (name: ProviderName) => config.SIMULATED_PROVIDERS.includes(name);
  const configOf = (name: ProviderName): ProviderConfig => {
    return { ...given[name], platformUrl: platformUrl(name), simulated: simulated(name) };
  };
  return new Map(PROVIDER_NAMES.map((name) => [name, configOf(name)]));
}

/** A key for a queue elsewhere is not fal's, so it must not be sent to fal's own platform unless that is asked for. */
function falPlatformUrl({ FAL_BASE_URL, FAL_PLATFORM_URL: given }: Config): string | null {
  return given ?? (FAL_BASE_URL === FAL_QUEUE_URL ? FAL_PLATFORM_URL : null);
}

/**
 * This server as the provider reaches it for its reports; null to poll it. A real provider reports to public https
 * addresses only (fal drops others in silence, Replicate refuses the submit); a simulated one is on this machine.
 */
export function reportBase({ PUBLIC_URL }: Config, { reports, simulated }: ProviderConfig): string | null {
  if (!reports || PUBLIC_URL === undefined) return null;
  const isPublic = urlFault(PUBLIC_URL, { allowPrivate: false, allowedOrigins: new Set() }) === null;
  return simulated || isPublic ? PUBLIC_URL : null;
}
