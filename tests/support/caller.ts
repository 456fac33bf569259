/** Calls the API and the simulator's control endpoint over real HTTP. */
import type { BillLine } from "../../packages/simulator/src/core/billing.js";

export interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests read answers freely; the contract tests check their shape
  body: any;
  ms: number;
}

export interface Caller {
  call(method: string, path: string, options?: { body?: unknown; headers?: Record<string, string> }): Promise<Answer>;
  generate(body: object, headers?: Record<string, string>): Promise<Answer>;
  /** Submits async. Returns the request id. */
  submit(body?: object, headers?: Record<string, string>): Promise<string>;
  status(id: string): Promise<Answer["body"]>;
  /** Long-polls until the request is terminal. */
  finished(id: string, timeoutMs?: number): Promise<Answer["body"]>;
}

export const PROMPT = "a bird flying over the sea";
/** Not cached, so that two submits are two requests. */
export const VEO = { model: "fal-ai/veo3", prompt: PROMPT, duration_seconds: 4, cache: "off" } as const;

export function createCaller(baseUrl: string, apiKey: string): Caller {
  const call: Caller["call"] = async (method, path, { body, headers = {} } = {}) => {
    const began = performance.now();
    const response = await fetch(`${baseUrl}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${apiKey}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.includes("json");
    const ms = performance.now() - began;
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text, ms };
  };
  const status = async (id: string) => (await call("GET", `/requests/${id}`)).body;
  return {
    call,
    status,
    generate: (body, headers = {}) => call("POST", "/videos/generate", { body, headers }),
    async submit(body = VEO, headers = {}) {
      const answer = await call("POST", "/videos/generate", { body, headers: { prefer: "respond-async", ...headers } });
      if (answer.status !== 202) throw new Error(`submit answered ${answer.status}: ${JSON.stringify(answer.body)}`);
      return answer.body.request_id;
    },
    async finished(id, timeoutMs = 60_000) {
      for (const deadline = Date.now() + timeoutMs; Date.now() < deadline; ) {
        const seconds = Math.max(1, Math.min(30, Math.round((deadline - Date.now()) / 1000)));
        const { body } = await call("GET", `/requests/${id}?wait=${seconds}`);
        if (body.status === "completed" || body.status === "failed") return body;
      }
      throw new Error(`request ${id} did not end: ${JSON.stringify(await status(id))}`);
    },
  };
}

/** What events and webhooks show of a request: all but what it was made from. */
export function withoutInput({ input: _, ...status }: Answer["body"]): object {
  return status;
}

/** A status without its URLs, which differ between two APIs without a common PUBLIC_URL. */
export function withoutUrls(status: object | null | undefined): object {
  return { ...status, output_url: null, output_urls: [], poster_url: null };
}

export interface Submit {
  seq: number;
  at: number;
  provider: string;
  endpoint: string;
  provider_request_id: string | null;
  body: Record<string, unknown>;
  outcome: string;
}

export interface SimulatorStats {
  submits: number;
  polls: number;
  cancels: number;
  webhooks: { sent: number; ok: number; false_sent: number; false_ok: number };
  /** Jobs by their state. `completed` jobs are billed in full, cancelled ones count as `failed` and are not billed. */
  jobs: Record<"queued" | "running" | "completed" | "failed", number>;
}

/** A job of the simulator. Times in ms since the epoch. */
export interface SimulatedJob {
  id: string;
  provider: string;
  endpoint: string;
  prompt: string;
  phase: "queued" | "running" | "done";
  submitted_at: number;
  ended_at: number | null;
}

export interface SimulatorControl {
  url: string;
  bills(): Promise<BillLine[]>;
  submits(): Promise<Submit[]>;
  jobs(): Promise<SimulatedJob[]>;
  stats(): Promise<SimulatorStats>;
  settings(settings: object): Promise<void>;
  reset(): Promise<void>;
}

export function createSimulatorControl(url: string): SimulatorControl {
  // biome-ignore lint/suspicious/noExplicitAny: its shapes are the simulator's, declared above
  const control = async (method: string, path: string, body?: object): Promise<any> => {
    const response = await fetch(`${url}/control/${path}`, { method, ...(body ? { body: JSON.stringify(body) } : {}) });
    if (!response.ok) throw new Error(`the simulator answered ${response.status}: ${await response.text()}`);
    return response.headers.get("content-type")?.includes("json") ? response.json() : null;
  };
  return {
    url,
    submits: () => control("GET", "requests"),
    bills: () => control("GET", "bills"),
    jobs: () => control("GET", "jobs"),
    stats: () => control("GET", "stats"),
    settings: (settings) => control("PUT", "settings", settings),
    async reset() {
      await control("DELETE", "settings");
      await control("POST", "reset");
    },
  };
}
