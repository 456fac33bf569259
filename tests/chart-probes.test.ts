/** The routes that Kubernetes asks (deploy/helm/visgate) are routes of the programs, and say what the chart takes them for. */
import { serveMetrics } from "@visgate/shared/runtime/process";
import { Registry } from "prom-client";
import { describe, expect, onTestFinished, test } from "vitest";
import { freePort } from "../scripts/lib/processes/ports.mjs";
import { BASE, useTestApi } from "./support/api.js";
import { HELM, type Manifest, MINIMAL, render } from "./support/chart.js";
import { until } from "./support/until.js";

const { server, api } = useTestApi();

/** By kind of probe, the paths that Kubernetes asks a program for. */
function pathsOf(program: string): Record<"startup" | "readiness" | "liveness", string> {
  const deployment = render(MINIMAL).find(
    ({ kind, metadata }: Manifest) => kind === "Deployment" && metadata.name === `visgate-${program}`,
  );
  const [container] = deployment.spec.template.spec.containers;
  const pathOf = (probe: string) => container[probe].httpGet.path;
  return {
    startup: pathOf("startupProbe"),
    readiness: pathOf("readinessProbe"),
    liveness: pathOf("livenessProbe"),
  };
}

const statusOf = async (path: string) => (await api.call("GET", `${BASE}${path}`, { key: null })).status;

describe.skipIf(HELM === undefined)("probes", () => {
  test("API: a pod starts when it takes generations, and stays while Redis is away", async () => {
    const { startup, readiness, liveness } = pathsOf("api");
    for (const path of [startup, readiness, liveness]) expect([path, await statusOf(path)]).toEqual([path, 200]);
    await server.takeDown();
    await until("the API to notice", async () => (await statusOf(startup)) === 503);
    for (const path of [readiness, liveness]) expect([path, await statusOf(path)]).toEqual([path, 200]);
  });

  test("worker: all probes ask the metrics server", async () => {
    const port = await freePort();
    const metrics = await serveMetrics(new Registry(), { host: "127.0.0.1", port, keepAliveMs: 1000 });
    onTestFinished(() => metrics.close());
    for (const path of Object.values(pathsOf("worker-all")))
      expect((await fetch(`http://127.0.0.1:${port}${path}`)).status).toBe(200);
  });
});
