/** GET /diagnostics, which the client has no method for: it is the operator's, not an application's. */
import { VisgateError } from "@visgate_ai/client";
import type { Session } from "../session.js";

/** As the API documents it. */
export interface Diagnostics {
  version: string;
  time: string;
  accepting: boolean;
  redis: {
    version: string | null;
    settings: { append_only: string; append_fsync: string; eviction_policy: string } | null;
    safe: boolean;
    message: string;
    clock_ahead_ms: number | null;
  };
  queues: Record<string, { waiting: number; active: number; delayed: number; workers: number | null }>;
  providers: { provider: string; configured: boolean; simulated: boolean }[];
}

export interface Timed {
  diagnostics: Diagnostics;
  /** This machine's clock when it asked, and when it had the answer. */
  askedAt: number;
  answeredAt: number;
}

const DEFAULT_BASE_URL = "http://127.0.0.1:8787";
const API_PATH = "/api/v1";
const TIME_LIMIT_MS = 5000;

/** @throws VisgateError whatever but a 200 was answered */
export async function readDiagnostics({ io, apiKey, baseUrl }: Session): Promise<Timed> {
  const askedAt = io.now();
  const response = await io.fetch(`${apiBase(baseUrl)}/diagnostics`, {
    headers: { authorization: `Bearer ${apiKey}` },
    signal: AbortSignal.timeout(TIME_LIMIT_MS),
  });
  const body = await response.json();
  if (response.ok) return { diagnostics: body as Diagnostics, askedAt, answeredAt: io.now() };
  const { error, message } = body as { error: string; message: string };
  throw new VisgateError({ errorCode: error, message, statusCode: response.status });
}

/** The gateway's address as the client understands it. */
export function apiBase(baseUrl = DEFAULT_BASE_URL): string {
  const base = baseUrl.replace(/\/+$/, "");
  return base.endsWith(API_PATH) ? base : base + API_PATH;
}
