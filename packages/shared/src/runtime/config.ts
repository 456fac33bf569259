/** Configuration: the environment, parsed once, frozen and passed down. A wrong value is an error at start. */
import { readFileSync } from "node:fs";
import { z } from "zod";
import { MAINTENANCE_QUEUE, WEBHOOKS_QUEUE } from "../queue/messages.js";
import { isRedisUrl, REDIS_URL_FORM } from "../store/connection/redis-url.js";
import { checkUrl, type UrlPolicy } from "./net/urls.js";
import {
  type Env,
  headerValue,
  httpUrl,
  type ProviderConfig,
  type ProviderSettings,
  type ProviderSource,
  providerConfig,
  providerFields,
} from "./provider-config.js";

/** The version in health and in the OpenAPI document. */
export const VERSION: string = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")).version;

const flag = z.stringbool({ truthy: ["true", "1"], falsy: ["false", "0"] });
const port = z.coerce.number().int().min(0).max(65_535);
const redisUrl = z.string().refine(isRedisUrl, REDIS_URL_FORM);
const list = z.string().transform((text) =>
  text
    .split(",")
    .map((item) => item.trim())
    .filter(Boolean),
);
/** Names out of a list. A wrong name is an error, since it would have no effect. */
const namesOf = (names: readonly string[]) => list.pipe(z.array(z.enum(names)));
const SECRET_LENGTH = 16;
/** Several secrets are separated by commas. A single one is taken as it is, with its spaces. */
const secretList = z
  .string()
  .transform((text) => (text.includes(",") ? list.parse(text) : [text]) as [string, ...string[]])
  .refine(
    (secrets) => secrets.length > 0 && secrets.every(({ length }) => length >= SECRET_LENGTH),
    "must have at least 16 characters; with commas, each part is a secret",
  );

/** Seven days: S3 refuses a presigned URL that is to be valid for longer. */
const MAX_PRESIGNED_SECONDS = 604_800;
/** These take what the caller says of its own trace. */
const PARENT_BASED = ["parentbased_always_on", "parentbased_always_off", "parentbased_traceidratio"] as const;

const commonFields = z.object({
  HOST: z.string().default("127.0.0.1"),
  PORT: port.default(8787),
  ACCEPT_REPLICAS: z.coerce.number().int().min(0).max(10).default(0),
  ACCEPT_REPLICAS_ON_DISK: flag.default(false),
  QUEUE_SHARDS: z.coerce.number().int().min(1).max(64).default(1),
  REDIS_URL: redisUrl.default("redis://127.0.0.1:6379"),
  PUBLIC_URL: httpUrl.optional(),
  LOG_LEVEL: z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).default("info"),
  DATA_DIR: z.string().default(".data"),
  METRICS_PORT: port.optional(),
  KEEP_ALIVE_SECONDS: z.coerce.number().min(1).max(3600).default(95),
  TRUSTED_PROXIES: z.coerce.number().int().min(0).max(10).default(0),

  VISGATE_API_KEY: z
    .string()
    .regex(/^vg-[\x21-\x7e]{16,}$/, "must start with vg- and have 16 more characters")
    .optional(),
  /** The first is used for all that is new; the others only for what they made. */
  VISGATE_SECRET: secretList,
  VISGATE_ADMIN_KEY: headerValue.min(32, "must have at least 32 characters").optional(),

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
  S3_DELIVERY: z.enum(["redirect", "proxy"]).default("redirect"),
  S3_URL_SECONDS: z.coerce.number().int().min(1).max(MAX_PRESIGNED_SECONDS).default(MAX_PRESIGNED_SECONDS),
  AWS_ACCESS_KEY_ID: headerValue.optional(),
  AWS_SECRET_ACCESS_KEY: headerValue.optional(),
  AWS_SESSION_TOKEN: headerValue.optional(),
  MAX_OUTPUT_BYTES: z.coerce
    .number()
    .int()
    .positive()
    .default(1024 ** 3),
  POSTERS: flag.default(true),
  SYNC_WAIT_SECONDS: z.coerce.number().min(0).max(600).default(100),
  LOCATE_SECONDS: z.coerce.number().min(0).max(3600).default(120),
  UNSETTLED_SECONDS: z.coerce.number().int().min(0).max(86_400).default(900),
  COOL_DOWN_SECONDS: z.coerce.number().min(0).max(3600).default(60),
  ALERT_ERROR_RATE: z.coerce.number().min(0).max(1).default(0.5),
  ALERT_QUEUE_AGE_SECONDS: z.coerce.number().min(0).max(86_400).default(300),
  ALERT_CLEAR_SECONDS: z.coerce.number().min(0).max(3600).default(60),
  UNKNOWN_HOLD_DAYS: z.coerce.number().min(0.01).max(365).default(7),
  CACHE_TTL_SECONDS: z.coerce.number().int().min(0).default(86_400),
  CACHE_SCOPE: z.enum(["org", "global"]).default("org"),
  CACHING_DIALECTS: list.default([]),
  RETENTION_DAYS: z.coerce.number().min(1).default(30),
  WORKER_CONCURRENCY: z.coerce.number().int().min(1).max(10_000).default(200),
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
  HIDE_PROMPTS: flag.default(false),

  /**
   * With one of the first two, tracing is on. OpenTelemetry reads these and its other variables itself; the ones below it
   * would silently replace by the default when they are wrong.
   */
  OTEL_EXPORTER_OTLP_ENDPOINT: httpUrl.optional(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: httpUrl.optional(),
  OTEL_SDK_DISABLED: flag.default(false),
  OTEL_EXPORTER_OTLP_PROTOCOL: z.enum(["http/protobuf", "http/json", "grpc"]).optional(),
  OTEL_TRACES_SAMPLER: z.enum(["always_on", "always_off", "traceidratio", ...PARENT_BASED]).optional(),
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).optional(),
  TRACEPARENT_TO_PROVIDERS: flag.default(false),
});

type CommonFields = z.output<typeof commonFields>;

/** For `refine`: a variable that others require. It is checked after other faults too, so all are shown at once. */
function required(name: keyof CommonFields, when: (values: CommonFields) => boolean) {
  const isSet = (values: CommonFields) => values[name] !== undefined || !when(values);
  const options: { path: PropertyKey[]; when: () => boolean } = { path: [name], when: () => true };
  return [isSet, options] as const;
}

const ON_DISK_ALONE = {
  path: ["ACCEPT_REPLICAS_ON_DISK"],
  message: "needs ACCEPT_REPLICAS: how many replicas must have it on disk",
};
const isOnDiskAlone = (values: CommonFields) => values.ACCEPT_REPLICAS_ON_DISK && values.ACCEPT_REPLICAS === 0;

const withS3 = ({ OUTPUT_STORE }: CommonFields) => OUTPUT_STORE === "s3";

const schemaFor = (providers: readonly ProviderSource[]) => {
  const names = providers.map(({ manifest }) => manifest.name);
  return commonFields
    .extend({
      SIMULATED_PROVIDERS: namesOf(names).default([]),
      WORKER_QUEUES: namesOf([...names, WEBHOOKS_QUEUE, MAINTENANCE_QUEUE]).optional(),
    })
    .extend(providerFields(providers.map(({ manifest }) => manifest)) as object)
    .refine((values) => !isOnDiskAlone(values), ON_DISK_ALONE)
    .refine(...required("S3_BUCKET", withS3))
    .refine(...required("AWS_ACCESS_KEY_ID", (is) => withS3(is) && is.AWS_SECRET_ACCESS_KEY !== undefined))
    .refine(...required("AWS_SECRET_ACCESS_KEY", (is) => withS3(is) && is.AWS_ACCESS_KEY_ID !== undefined));
};

export interface Config extends Readonly<CommonFields> {
  readonly SIMULATED_PROVIDERS: readonly string[];
  /** Undefined: all queues. */
  readonly WORKER_QUEUES?: readonly string[] | undefined;
  /** The providers this server can talk to, by name; each has a queue of that name. */
  readonly providers: ReadonlyMap<string, ProviderConfig>;
}

/**
 * Parses the environment. An empty variable counts as unset, as in a .env file.
 * @throws Error with one line per fault, and without any value, which could be a secret
 */
export function parseConfig(env: Env, providers: readonly ProviderSource[]): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ""));
  const parsed = schemaFor(providers).safeParse(given);
  const lines = (parsed.error?.issues ?? []).map((issue) => `${issue.path.join(".")}: ${explain(issue, given)}`);
  const configs = new Map<string, ProviderConfig>();
  for (const provider of providers) {
    const settings = readSettings(provider, given);
    if (Array.isArray(settings)) lines.push(...settings);
    else if (parsed.success) configs.set(provider.manifest.name, providerConfig(provider, parsed.data, settings));
  }
  if (!parsed.success || lines.length > 0) throw new Error(`The configuration is wrong:\n${lines.join("\n")}`);
  return Object.freeze({ ...parsed.data, providers: configs });
}

/** The provider's settings, or the lines of their faults. */
function readSettings(provider: ProviderSource, env: Env): ProviderSettings | string[] {
  try {
    return provider.readSettings?.(env) ?? { value: null, origins: [] };
  } catch (error) {
    return (error instanceof Error ? error.message : String(error)).split("\n");
  }
}

function explain(issue: z.core.$ZodIssue, given: Record<string, unknown>): string {
  if (!Object.hasOwn(given, String(issue.path[0]))) return "is required";
  return issue.code === "invalid_type" && issue.expected === "number" ? "must be a number" : issue.message;
}

/** What must have a write before it counts. */
export const acceptanceOf = ({ ACCEPT_REPLICAS, ACCEPT_REPLICAS_ON_DISK }: Config) => ({
  acceptReplicas: ACCEPT_REPLICAS,
  acceptOnDisk: ACCEPT_REPLICAS_ON_DISK,
});

const WILDCARDS = new Set(["0.0.0.0", "::"]);

/** The URL at which callers reach this server, as in file and status URLs. For a wildcard host this is loopback. */
export function publicBase({ PUBLIC_URL, HOST, PORT }: Config): string {
  const host = WILDCARDS.has(HOST) ? "127.0.0.1" : HOST;
  return PUBLIC_URL ?? `http://${host.includes(":") ? `[${host}]` : host}:${PORT}`;
}

/** Which private addresses callers may use. */
export function urlPolicy(config: Config): UrlPolicy {
  return { allowPrivate: config.ALLOW_PRIVATE_URLS, allowedOrigins: new Set(config.ALLOWED_PRIVATE_ORIGINS) };
}

/**
 * The URL at which the provider reaches this server for reports; null when the provider is polled only. A real provider
 * needs a public https address: some ignore others silently, some refuse the submit. The simulator is on this machine.
 */
export function reportBase({ PUBLIC_URL }: Config, { manifest, simulated }: ProviderConfig): string | null {
  if (!manifest.reports || PUBLIC_URL === undefined) return null;
  const isPublic = checkUrl(PUBLIC_URL, { allowPrivate: false, allowedOrigins: new Set() }).fault === null;
  return simulated || isPublic ? PUBLIC_URL : null;
}
