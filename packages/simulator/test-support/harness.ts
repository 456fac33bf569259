import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFalClient, type FalClient } from "@fal-ai/client";
import { onTestFinished } from "vitest";
import { RENDER_CACHE_DIR } from "../../../tests/support/render-cache.js";
import type { Disaster } from "../src/core/disasters.js";
import type { Submit } from "../src/core/ledger.js";
import { type Simulator, type SimulatorOptions, startSimulator } from "../src/index.js";

export const VEO = "fal-ai/veo3";
export const VEO_IMAGE = "fal-ai/veo3/image-to-video";
export const KLING = "fal-ai/kling-video/v2.5-turbo/pro/text-to-video";
export const KLING_IMAGE = "fal-ai/kling-video/v2.5-turbo/pro/image-to-video";
export const FLUX = "fal-ai/flux/schnell";

/** The shortest film, because drawing takes time; only the tests of the media ask for others. */
export const SHORT = { prompt: "a bird flying over the sea", duration: "4s" } as const;

/** To draw frames takes most of the time of these tests. */
export const FRAMES_PER_SECOND = 4;

export interface Stats {
  submits: number;
  by_endpoint: Record<string, number>;
  replays: number;
  polls: number;
  results: number;
  cancels: number;
  uploads: number;
  webhooks: { sent: number; ok: number; false_sent: number; false_ok: number };
  jobs: { queued: number; running: number; completed: number; failed: number };
}

export interface Fixture {
  url: string;
  dataDir: string;
  fal: FalClient;
  http(path: string, init?: RequestInit): Promise<Response>;
  stats(): Promise<Stats>;
  requests(): Promise<Submit[]>;
  disasters(...list: Disaster[]): Promise<void>;
  settings(body: object): Promise<Response>;
  /** Polls like a caller until the job is COMPLETED. */
  finished(endpoint: string, requestId: string): Promise<Record<string, unknown>>;
  stop(): Promise<void>;
}

export async function temporaryDir(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "visgate-simulator-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

/** The unmodified client; its request hook sends the calls to `url`. */
export function falAt(url: string, credentials = "id:secret"): FalClient {
  return createFalClient({
    credentials,
    requestMiddleware: async (request) => {
      const { pathname, search } = new URL(request.url);
      return { ...request, url: `${url}/fal${pathname}${search}` };
    },
  });
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Asks again until there is an answer. */
export async function until<T>(ask: () => T | null | undefined | false | Promise<T | null | undefined | false>) {
  for (const deadline = Date.now() + 20_000; Date.now() < deadline; await pause(15)) {
    const answer = await ask();
    if (answer) return answer;
  }
  throw new Error("no answer within 20 s");
}

function driver(url: string): Pick<Fixture, "http" | "stats" | "requests" | "settings" | "disasters" | "finished"> {
  const http = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`${url}${path}`, { ...init, headers: { authorization: "Key id:secret", ...init.headers } });
  const settings = (body: object): Promise<Response> =>
    http("/control/settings", { method: "PUT", body: JSON.stringify(body) });
  const fal = falAt(url);
  return {
    http,
    settings,
    stats: async () => (await http("/control/stats")).json() as Promise<Stats>,
    requests: async () => (await http("/control/requests")).json() as Promise<Submit[]>,
    async disasters(...list) {
      const response = await settings({ disasters: list });
      if (!response.ok) throw new Error(await response.text());
    },
    finished: (endpoint, requestId) =>
      until(async () => {
        const status = await fal.queue.status(endpoint, { requestId });
        return status.status === "COMPLETED" && (status as unknown as Record<string, unknown>);
      }),
  };
}

export async function start(options: Partial<SimulatorOptions> = {}): Promise<Fixture> {
  const dataDir = options.dataDir ?? (await temporaryDir());
  const simulator: Simulator = await startSimulator({
    ...{ host: "127.0.0.1", port: 0, renderSeconds: 0.05, renderCacheDir: RENDER_CACHE_DIR },
    framesPerSecond: FRAMES_PER_SECOND,
    ...options,
    dataDir,
  });
  let stopped: Promise<void> | null = null;
  const stop = (): Promise<void> => {
    stopped ??= simulator.close();
    return stopped;
  };
  onTestFinished(stop);
  return { url: simulator.url, dataDir, fal: falAt(simulator.url), stop, ...driver(simulator.url) };
}
