/** deploy/helm/visgate, rendered by Helm. No cluster is needed, so nothing is installed. */
import { readFileSync } from "node:fs";
import { PROVIDERS } from "@visgate/providers";
import { MAINTENANCE_QUEUE, WEBHOOKS_QUEUE } from "@visgate/shared/queue";
import { parseConfig, VERSION } from "@visgate/shared/runtime";
import { DRAIN_DEADLINE_MS } from "@visgate/shared/runtime/process";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { inRoot } from "../scripts/lib/paths.mjs";
import {
  HELM,
  kubernetesChecks,
  lint,
  type Manifest,
  MINIMAL,
  render,
  VALUE_SETS,
  withValues,
} from "./support/chart.js";

const read = (file: string) => readFileSync(inRoot(file), "utf8");
const chartFile = (file: string) => parse(read(`deploy/helm/visgate/${file}`));
const ofKind = (manifests: Manifest[], kind: string) => manifests.filter((one) => one.kind === kind);
const nameOf = ({ kind, metadata }: Manifest) => `${kind} ${metadata.name}`;
const SETS = Object.entries(VALUE_SETS);

test("the chart has the version of the programs, and knows their queues", () => {
  expect(chartFile("Chart.yaml").appVersion).toBe(VERSION);
  const queues = [...PROVIDERS.map(({ manifest }) => manifest.name), WEBHOOKS_QUEUE, MAINTENANCE_QUEUE];
  expect([...chartFile("files/queues.yaml").queues].sort()).toEqual(queues.sort());
});

if (HELM === undefined) console.warn("The chart is not rendered: set HELM to the path of Helm 4.");

describe.skipIf(HELM === undefined).each(SETS)("%s", async (_, values) => {
  const manifests = HELM === undefined ? [] : render(values);
  const deployments = ofKind(manifests, "Deployment");

  test("helm lint --strict finds nothing", () => {
    expect(lint(values)).toMatchObject({ succeeded: true });
  });

  test.each(await kubernetesChecks())("every manifest is valid in Kubernetes %s", (_version, check) => {
    expect(manifests.length).toBeGreaterThan(5);
    expect(manifests.flatMap(check)).toEqual([]);
    expect(new Set(manifests.map(nameOf)).size).toBe(manifests.length);
  });

  test("every selector selects the pods of one Deployment, or of all workers", () => {
    const selectorsOf = ({ kind, spec }: Manifest) => {
      if (kind === "Service") return [spec.selector];
      const spread = spec?.template?.spec.topologySpreadConstraints ?? [];
      const all = [spec?.selector, spec?.podSelector, ...spread.map((one: Manifest) => one.labelSelector)];
      return all.flatMap((one) => one?.matchLabels ?? []);
    };
    const selected = (labels: object) =>
      deployments.filter(({ spec }) => {
        const own = spec.template.metadata.labels;
        return Object.entries(labels).every(([name, value]) => own[name] === value);
      });
    for (const manifest of manifests) {
      for (const labels of selectorsOf(manifest)) {
        const isForWorkers = nameOf(manifest) === "NetworkPolicy visgate-worker";
        expect([nameOf(manifest), selected(labels).length]).toEqual([
          nameOf(manifest),
          isForWorkers ? (values.workerGroups?.length ?? 1) : 1,
        ]);
      }
    }
  });

  test("every reference leads to a manifest or a port of the chart", () => {
    const names = manifests.map(nameOf);
    for (const { spec } of [...ofKind(manifests, "HorizontalPodAutoscaler"), ...ofKind(manifests, "ScaledObject")])
      expect(names).toContain(`Deployment ${spec.scaleTargetRef.name}`);
    for (const { spec } of ofKind(manifests, "Service"))
      expect(spec.ports.map(({ targetPort }: Manifest) => targetPort)).toEqual(["http"]);
    for (const { spec } of ofKind(manifests, "Ingress"))
      expect(names).toContain(`Service ${spec.rules[0].http.paths[0].backend.service.name}`);
    for (const { spec } of deployments) {
      expect(names).toContain(`ServiceAccount ${spec.template.spec.serviceAccountName}`);
      const [container] = spec.template.spec.containers;
      const ports = container.ports.map(({ name }: Manifest) => name);
      for (const probe of ["startupProbe", "readinessProbe", "livenessProbe"])
        expect(ports).toContain(container[probe].httpGet.port);
      const { name } = container.envFrom[0].secretRef;
      expect(values.secret.existing ?? names.find((one) => one === `Secret ${name}`)).toBeTruthy();
    }
  });

  test("a number of replicas is set only where no autoscaler sets it", () => {
    const scaled = [...ofKind(manifests, "HorizontalPodAutoscaler"), ...ofKind(manifests, "ScaledObject")].map(
      ({ spec }) => spec.scaleTargetRef.name,
    );
    for (const { metadata, spec } of deployments)
      expect([metadata.name, "replicas" in spec]).toEqual([metadata.name, !scaled.includes(metadata.name)]);
  });

  test("every pod is as confined as the containers of docker-compose.yml", () => {
    for (const { spec } of deployments) {
      const pod = spec.template.spec;
      expect(pod).toMatchObject({ automountServiceAccountToken: false, enableServiceLinks: false });
      expect(pod.securityContext).toMatchObject({
        ...{ runAsNonRoot: true, runAsUser: 1000, runAsGroup: 1000 },
        seccompProfile: { type: "RuntimeDefault" },
      });
      expect(pod.containers).toHaveLength(1);
      const [container] = pod.containers;
      expect(container.securityContext).toEqual({
        ...{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
        capabilities: { drop: ["ALL"] },
      });
      expect(container.volumeMounts.map(({ mountPath }: Manifest) => mountPath)).toEqual(["/tmp", "/data"]);
      expect(read("Dockerfile")).toContain(`USER ${pod.securityContext.runAsUser}:${pod.securityContext.runAsGroup}`);
    }
  });

  test("every program gets settings that it accepts and knows", () => {
    const secret = { ...values.secret.values, VISGATE_SECRET: "0123456789abcdef" };
    const known = new Set([...read(".env.example").matchAll(/^#([A-Z0-9_]+)=/gm)].map(([, name]) => name));
    for (const { metadata, spec } of deployments) {
      const [{ env, command }] = spec.template.spec.containers;
      const given = env.map(({ name, value }: Manifest) => [name, value.replaceAll(/\$\((\w+)\)/g, "a-password")]);
      expect(given.map(([name]: string[]) => name).filter((name: string) => !known.has(name))).toEqual([]);
      const config = parseConfig({ ...secret, ...Object.fromEntries(given) }, PROVIDERS);
      const group = values.workerGroups?.find(({ name }: Manifest) => metadata.name === `visgate-worker-${name}`);
      expect(config.WORKER_QUEUES).toEqual(group?.queues);
      expect(config).toMatchObject({ HOST: "0.0.0.0", PORT: 8787, METRICS_PORT: 9464, DATA_DIR: "/data" });
      expect(config).toMatchObject({ PUBLIC_URL: values.publicUrl, OUTPUT_STORE: values.outputs.store ?? "s3" });
      expect(read("docker-compose.yml")).toContain(`command: ${JSON.stringify(command).replaceAll(",", ", ")}`);
    }
  });

  test("Kubernetes waits for the drain of a program before it kills it", () => {
    for (const { spec } of deployments) {
      const { terminationGracePeriodSeconds, containers } = spec.template.spec;
      const pauseSeconds = Number(containers[0].lifecycle?.preStop.exec.command[1] ?? 0);
      expect(terminationGracePeriodSeconds).toBeGreaterThanOrEqual(pauseSeconds + DRAIN_DEADLINE_MS / 1000 + 3);
    }
  });
});

describe.skipIf(HELM === undefined)("documents", () => {
  const blockOf = (document: string, begin: string) => {
    const block = [...read(document).matchAll(/```yaml\n([\s\S]*?)```/g)].find(([, text]) => text?.startsWith(begin));
    return parse(block?.[1] ?? "");
  };

  test("docs/operations.md: its values are enough", () => {
    expect(ofKind(render(blockOf("docs/operations.md", "image:")), "Deployment")).toHaveLength(2);
  });

  test("docs/scale.md: its ScaledObject asks the same as that of the chart", () => {
    const values = { keda: { enabled: true, prometheusAddress: "http://prometheus:9090" } };
    const [scaled] = ofKind(render(withValues(MINIMAL, values)), "ScaledObject");
    const byQuery = ({ spec }: Manifest) =>
      new Map(spec.triggers.map(({ metadata }: Manifest) => [metadata.query, metadata]));
    expect(byQuery(scaled)).toEqual(byQuery(blockOf("docs/scale.md", "apiVersion: keda.sh")));
  });

  test("a group with queues is scaled by these alone", () => {
    const [scaled] = ofKind(render(withValues(VALUE_SETS["all on"], {})), "ScaledObject");
    for (const { metadata } of scaled.spec.triggers) expect(metadata.query).toMatch(/\{state="\w+",queue=~"fal"\}/);
  });
});

describe.skipIf(HELM === undefined)("wrong values", () => {
  const group = (more: object) => ({ workerGroups: [{ name: "one", replicas: 1, ...more }] });
  test.each<[what: string, over: object, fault: RegExp]>([
    ["no replicas of the API", { api: { replicas: 0 } }, /'\/api\/replicas': minimum: got 0, want 1/],
    ["no Redis", { redis: { url: "" } }, /'\/redis\/url': '' does not match pattern '\^\(rediss\?/],
    ["Redis over HTTP", { redis: { url: "http://redis:6379" } }, /'\/redis\/url': .* does not match pattern/],
    ["no image", { image: { repository: "" } }, /'\/image\/repository': minLength/],
    ["no public URL", { publicUrl: "" }, /'\/publicUrl': '' does not match pattern/],
    [
      "no secret",
      { secret: { values: { VISGATE_SECRET: null } } },
      /'\/secret\/values': missing property 'VISGATE_SECRET'/,
    ],
    ["two secrets", { secret: { existing: "keys" } }, /'\/secret\/values': maxProperties/],
    ["no bucket", { outputs: { s3: { bucket: "" } } }, /'\/outputs\/s3\/bucket': minLength/],
    ["no volume", { outputs: { store: "disk" } }, /'\/outputs\/claim': minLength/],
    ["an unknown name", { apis: {} }, /additional properties 'apis' not allowed/],
    ["an unknown name below", { api: { replica: 3 } }, /'\/api': additional properties 'replica' not allowed/],
    [
      "a number as a variable",
      { env: { FAL_MAX_IN_FLIGHT: 40 } },
      /'\/env\/FAL_MAX_IN_FLIGHT': got number, want string/,
    ],
    ["a variable of the chart", { env: { PORT: "80" } }, /env: PORT is set by another value/],
    ["KEDA without Prometheus", { keda: { enabled: true } }, /'\/keda\/prometheusAddress': '' does not match pattern/],
    ["an Ingress without a host", { ingress: { enabled: true } }, /'\/ingress\/host': minLength/],
    ["no way to Redis", { networkPolicy: { redis: { to: [] } } }, /'\/networkPolicy\/redis\/to': minItems/],
    ["no workers", { workerGroups: [] }, /'\/workerGroups': minItems/],
    ["a group without replicas", group({ replicas: 0 }), /'\/workerGroups\/0\/replicas': minimum/],
    ["an unknown queue", group({ queues: ["falai"] }), /falai is not a queue; the queues are fal, /],
    [
      "a queue without workers",
      group({ queues: ["fal", "runway", "replicate", "webhooks", "maintenance"] }),
      /no group serves the queue openai-videos/,
    ],
    [
      "two groups of one name",
      {
        workerGroups: [
          { name: "a", replicas: 1 },
          { name: "a", replicas: 1 },
        ],
      },
      /two groups have the name a/,
    ],
  ])("%s: is refused with the place of the fault", (_, over, fault) => {
    expect(() => render(withValues(MINIMAL, over))).toThrow(fault);
  });
});
