const TIMEOUT_MS = 15_000;

export interface WebhookMessage {
  headers: Record<string, string>;
  body: string;
}

export type Verdict = "ok" | "retry" | "final";

/** Sends one webhook. A redirect is not followed, and ends it. */
export async function post(url: string, { headers, body }: WebhookMessage, closing: AbortSignal): Promise<Verdict> {
  const signal = AbortSignal.any([closing, AbortSignal.timeout(TIMEOUT_MS)]);
  try {
    const response = await fetch(url, { method: "POST", headers, body, signal, redirect: "manual" });
    await response.body?.cancel();
    if (response.ok) return "ok";
    return response.status >= 300 && response.status < 400 ? "final" : "retry";
  } catch {
    return "retry";
  }
}
