/** The Helm chart, rendered by Helm itself, and its manifests checked by the schemas of Kubernetes. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv2020 } from "@redocly/ajv/dist/2020.js";
import { parseAllDocuments } from "yaml";
import { inRoot } from "../../scripts/lib/paths.mjs";
import { findHelm } from "../../scripts/lib/programs/helm.mjs";
import { findKubernetesSchemas, KUBERNETES_VERSIONS } from "../../scripts/lib/programs/kubernetes-schemas.mjs";

const CHART = inRoot("deploy/helm/visgate");

// biome-ignore lint/suspicious/noExplicitAny: tests read manifests freely; their schemas check the shapes
export type Manifest = any;

/** Undefined on a platform for which Helm is neither published in a registry nor installed. */
export const HELM = await findHelm();

function runHelm(args: string[], values: object) {
  const env = { PATH: process.env["PATH"] ?? "", HOME: tmpdir() };
  const options = { encoding: "utf8", env, input: JSON.stringify(values) } as const;
  const { status, stdout, stderr, error } = spawnSync(HELM ?? "", [...args, "--values", "-"], options);
  if (error) throw error;
  return { succeeded: status === 0, stdout, stderr };
}

export const lint = (values: object) => runHelm(["lint", "--strict", CHART], values);

/** The manifests of an installation. @throws Error with Helm's text when it refuses the values */
export function render(values: object): Manifest[] {
  const { succeeded, stdout, stderr } = runHelm(["template", "visgate", CHART, "--namespace", "media"], values);
  if (!succeeded) throw new Error(stderr);
  return parseAllDocuments(stdout).flatMap((document) => {
    for (const fault of [...document.errors, ...document.warnings]) throw fault;
    return document.toJS() ?? [];
  });
}

/** `base` with the values of `over` put over it. Lists are replaced, and null removes a value. */
export function withValues(base: Manifest, over: Manifest): Manifest {
  const isMap = (value: Manifest) => typeof value === "object" && value !== null && !Array.isArray(value);
  if (!isMap(base) || !isMap(over)) return over;
  const changed = Object.entries(over).map(([name, value]) => [name, withValues(base[name], value)]);
  return Object.fromEntries(
    Object.entries({ ...base, ...Object.fromEntries(changed) }).filter(([, value]) => value !== null),
  );
}

/** The smallest set of values. */
export const MINIMAL = {
  image: { repository: "registry.example.com/visgate" },
  publicUrl: "https://visgate.example.com",
  redis: { url: "redis://:$(REDIS_PASSWORD)@redis.example.com:6379" },
  secret: { values: { VISGATE_SECRET: "0123456789abcdef0123456789abcdef", REDIS_PASSWORD: "not-a-password" } },
  outputs: { s3: { bucket: "visgate-outputs" } },
  networkPolicy: { redis: { to: [{ ipBlock: { cidr: "10.20.0.0/24" } }] } },
};

/** Every choice that changes manifests, in as few sets as possible. */
export const VALUE_SETS: Record<string, Manifest> = {
  minimal: MINIMAL,
  "all on": withValues(MINIMAL, {
    image: { digest: `sha256:${"0123456789abcdef".repeat(4)}`, pullSecrets: [{ name: "registry" }] },
    redis: { url: "rediss+cluster://:$(REDIS_PASSWORD)@10.20.0.1:6379,10.20.0.2:6379" },
    secret: { values: { VISGATE_API_KEY: "vg-0123456789abcdef", FAL_KEY: "fal-key" } },
    outputs: { s3: { endpoint: "https://s3.internal.example.com:9000", region: "eu-central-1" } },
    env: { FAL_MAX_IN_FLIGHT: "40", ACCEPT_REPLICAS: "1" },
    api: { trustedProxies: 1, service: { type: "LoadBalancer", annotations: { "example.com/internal": "true" } } },
    ingress: {
      ...{ enabled: true, className: "nginx", host: "visgate.example.com", tlsSecret: "visgate-tls" },
      annotations: { "nginx.ingress.kubernetes.io/proxy-read-timeout": "60" },
    },
    workerGroups: [
      { name: "fal", queues: ["fal"], replicas: 4, maxReplicas: 40, env: { WORKER_CONCURRENCY: "400" } },
      { name: "others", queues: ["replicate", "runway", "openai-videos"], replicas: 1, resources: {} },
      { name: "own", queues: ["webhooks", "maintenance"], replicas: 2 },
    ],
    worker: { strategy: "RollingUpdate" },
    keda: { enabled: true, prometheusAddress: "http://prometheus.monitoring:9090" },
    networkPolicy: {
      apiFrom: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "ingress-nginx" } } }],
      metricsFrom: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "monitoring" } } }],
      s3: { to: [{ ipBlock: { cidr: "10.30.0.0/24" } }], ports: [9000] },
      blocked: ["52.1.2.0/24", "2a01:4f8::/32"],
      extraEgress: [{ to: [{ podSelector: { matchLabels: { app: "videos" } } }], ports: [{ port: 8000 }] }],
    },
    serviceAccount: { annotations: { "eks.amazonaws.com/role-arn": "arn:aws:iam::123456789012:role/visgate" } },
    podAnnotations: { "example.com/team": "media" },
    nodeSelector: { "kubernetes.io/arch": "amd64" },
    tolerations: [{ key: "media", operator: "Exists", effect: "NoSchedule" }],
  }),
  "all off": withValues(MINIMAL, {
    secret: { existing: "visgate-keys", values: { VISGATE_SECRET: null, REDIS_PASSWORD: null } },
    outputs: { store: "disk", claim: "outputs" },
    api: { replicas: 1, autoscaling: { enabled: false } },
    networkPolicy: { enabled: false },
    topologyKeys: [],
  }),
};

/** A check of manifests by the schemas of one version of Kubernetes: faults as text. */
export type Check = (manifest: Manifest) => string[];

export async function kubernetesChecks(): Promise<[version: string, check: Check][]> {
  const folder = await findKubernetesSchemas();
  return KUBERNETES_VERSIONS.map((version) => [version, createCheck(join(folder, version))]);
}

function createCheck(folder: string): Check {
  const read = (file: string) => JSON.parse(readFileSync(join(folder, file), "utf8"));
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
  ajv.addSchema(read("_definitions.json"), "https://kubernetes.io/api/_definitions.json");
  ajv.addSchema(SCALED_OBJECT, "scaledobject-keda-v1alpha1.json");
  return (manifest) => {
    const name = schemaOf(manifest);
    const validate = ajv.getSchema(name) ?? ajv.addSchema(read(name), name).getSchema(name);
    if (validate?.(manifest) === true) return [];
    return (validate?.errors ?? []).map((error) => `${manifest.kind} ${error.instancePath} ${error.message}`);
  };
}

/** `apps/v1` and `Deployment` → `deployment-apps-v1.json`, as the schemas are named. */
function schemaOf({ apiVersion, kind }: Manifest): string {
  const [version, group = ""] = String(apiVersion).split("/").reverse();
  return `${[kind.toLowerCase(), group.split(".")[0], version].filter(Boolean).join("-")}.json`;
}

const object = (required: string[], properties: object) => ({
  ...{ type: "object", additionalProperties: false, required, properties },
});
const TEXT = { type: "string" };

/** What the chart uses of KEDA's ScaledObject, after its CRD. Kubernetes' own schemas do not have it. */
const SCALED_OBJECT = object(["apiVersion", "kind", "metadata", "spec"], {
  ...{ apiVersion: { const: "keda.sh/v1alpha1" }, kind: { const: "ScaledObject" }, metadata: { type: "object" } },
  spec: object(["scaleTargetRef", "triggers"], {
    scaleTargetRef: object(["name"], { name: TEXT }),
    ...{ minReplicaCount: { type: "integer" }, maxReplicaCount: { type: "integer" } },
    triggers: {
      ...{ type: "array", minItems: 1 },
      items: object(["type", "metadata"], {
        type: { const: "prometheus" },
        metadata: object(["serverAddress", "query", "threshold"], {
          serverAddress: TEXT,
          query: TEXT,
          threshold: TEXT,
        }),
      }),
    },
  }),
});
