/** A user's TypeScript program with the documented calls of our packages. It is compiled and never run. */
import {
  Client,
  type GenerationRequest,
  type ImageResult,
  type RequestStatus,
  VIDEO_MODEL_PRESETS,
  type VideoResult,
  VisgateError,
  verifyWebhook,
} from "@visgate_ai/client";
import { proxyToVisgate } from "@visgate_ai/server-proxy";
import * as next from "@visgate_ai/server-proxy/next";

/** True when both types are identical. `any` is identical only to `any`. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

type Documented = {
  id: string;
  videoUrl: string;
  model: string;
  provider: string;
  cost: number;
  cacheHit: boolean;
  latencyMs: number;
  createdAt: string;
};
export const result: { [Name in keyof Documented]: Same<VideoResult[Name], Documented[Name]> } = {
  ...{ id: true, videoUrl: true, model: true, provider: true },
  ...{ cost: true, cacheHit: true, latencyMs: true, createdAt: true },
};
export const statuses: Same<RequestStatus["status"], "pending" | "processing" | "completed" | "failed"> = true;
export const presets: Same<(typeof VIDEO_MODEL_PRESETS)["runway"], "runway/gen4_turbo"> = true;

export async function videos(imageUrl: string, signal: AbortSignal): Promise<RequestStatus[]> {
  const client = new Client({
    apiKey: "vg-…",
    baseUrl: "http://127.0.0.1:8787",
    timeout: 120_000,
    maxRetries: 2,
    fetch,
  });
  const waited: VideoResult = await client.videos.generate(VIDEO_MODEL_PRESETS.fal, "a sunset");
  const options = { durationSeconds: 5, params: { seed: 7 }, metadata: { order: "7" }, callbackId: "mine" };
  await client.videos.generate("runway/gen4_turbo", "a sunset", {
    ...{ ...options, imageUrl, signal, webhookUrl: "https://example.com/hook", idempotencyKey: "order-7" },
    onProgress: ({ status, progress }) => console.log(status, progress?.toFixed(2)),
  });
  const request: GenerationRequest<VideoResult> = await client.videos.generate(waited.model, "a sunset", {
    preferAsync: true,
  });
  const again: VideoResult = await request.wait({ timeout: 60_000 });
  // @ts-expect-error an async call returns before the video exists
  request.videoUrl;
  // @ts-expect-error there is no such option
  await client.videos.generate("fal-ai/veo3", "a sunset", { durationSecond: 5 });
  return Promise.all([waited.requestId, request.requestId, again.id].map((id) => client.requests.get(id)));
}

export async function otherCalls(client: Client): Promise<string> {
  const { images, cost }: ImageResult = await client.images.generate("fal-ai/flux/schnell", "a cat", { numImages: 2 });
  for await (const { requestId, status } of await client.requests.list({ mediaType: "image" })) {
    if (status === "completed") await client.requests.delete(requestId);
  }
  for await (const { status, queuePosition } of client.requests.events("id")) console.log(status, queuePosition);
  const { models } = await client.models.list({ provider: "fal", featured: true });
  return `${images.join()} ${cost.toFixed(2)} ${models[0]?.limits.durationsSeconds.join()} ${(await client.health()).status}`;
}

export function describeError(error: unknown): string | null {
  return error instanceof VisgateError ? `${error.errorCode} ${error.statusCode} ${error.requestId}` : null;
}

export async function POST(request: Request): Promise<Response> {
  const event = await verifyWebhook(await request.text(), request.headers, ["whsec_…"], { toleranceSeconds: 60 });
  if (event.type === "budget.threshold") return new Response(`${event.data.subject}: ${event.data.thresholdPercent} %`);
  if (event.type === "alert.opened" || event.type === "alert.closed") return new Response(event.data.message);
  console.log(event.type === "request.failed" ? event.data.errorCode : event.data.outputUrl);
  return proxyToVisgate(request, { pathSegments: ["requests", event.data.requestId] });
}

export const GET: (request: Request, context: { params: Promise<{ path: string[] }> }) => Promise<Response> = next.GET;

/** Options may be `undefined`, also with `exactOptionalPropertyTypes`. */
export async function undefinedOptions(imageUrl: string | undefined, preferAsync: boolean): Promise<string> {
  const client = new Client({ apiKey: undefined, falKey: undefined });
  const options = { imageUrl, durationSeconds: undefined, signal: undefined, preferAsync };
  const made = await client.videos.generate("fal-ai/veo3", "a sunset", options);
  await client.requests.list({ status: undefined, limit: 5 });
  return "videoUrl" in made ? made.videoUrl : made.requestId;
}
