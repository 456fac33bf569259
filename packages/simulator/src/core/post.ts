const TIMEOUT_MS = 15_000;

export interface WebhookMessage {
  headers: Record<string, string>;
  body: string;
}

export type Verdict = "ok" | "retry" | "final";

/** Sends one webhook. A redirect is not followed and counts as a final failure. */
export async function post(url: string, { headers, body }: WebhookMessage, closing: AbortSignal): Promise<Verdict> {
  // Not AbortSignal.any: its parts may be garbage-collected, and the time limit would then never fire.
  const stopping = new AbortController();
  const stop = () => stopping.abort();
  const timer = setTimeout(stop, TIMEOUT_MS);
  closing.addEventListener("abort", stop);
  const { signal } = stopping;
  try {
    const response = await fetch(url, { method: "POST", headers, body, signal, redirect: "manual" });
    await response.body?.cancel();
    if (response.ok) return "ok";
    return response.status >= 300 && response.status < 400 ? "final" : "retry";
  } catch {
    return "retry";
  } finally {
    clearTimeout(timer);
    closing.removeEventListener("abort", stop);
  }
}
