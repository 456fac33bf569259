/** What a user of the AI SDK writes. Prints what came of each call as JSON; ai-sdk.test.ts checks that. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createGateway } from "@ai-sdk/gateway";
import { createReplicate } from "@ai-sdk/replicate";
import { generateImage, experimental_generateVideo as generateVideo, experimental_startVideo as startVideo } from "ai";

const { VISGATE_URL, VISGATE_API_KEY, IMAGE, OUT } = process.env;
const gateway = createGateway({ baseURL: `${VISGATE_URL}/ai-gateway`, apiKey: VISGATE_API_KEY });
const replicate = createReplicate({ baseURL: `${VISGATE_URL}/replicate/v1`, apiToken: VISGATE_API_KEY });
const stranger = createGateway({ baseURL: `${VISGATE_URL}/ai-gateway`, apiKey: "vg-0123456789abcdef0" });

const short = { aspectRatio: "9:16", duration: 4, generateAudio: false };
const poll = { intervalMs: 100 };
/** The SDK's own refuses private addresses, as that of the tests. */
const download = async ({ url }) => {
  const answer = await fetch(url);
  return { data: new Uint8Array(await answer.arrayBuffer()), mediaType: answer.headers.get("content-type") };
};

const CALLS = {
  waits: () => generateVideo({ model: gateway.video("fal-ai/veo3"), prompt: "a bird over the sea", ...short }),
  polls: () =>
    generateVideo({
      ...{ model: gateway.video("replicate/google/veo-3"), poll, duration: 4, resolution: "1280x720" },
      ...{ prompt: { text: "it moves", image: IMAGE }, providerOptions: { replicate: { negative_prompt: "rain" } } },
    }),
  pollsAgain: async () => {
    const call = { model: gateway.video("runway/gen4.5"), prompt: "the same", duration: 2, aspectRatio: "16:9", poll };
    await generateVideo(call);
    return generateVideo(call);
  },
  images: () => generateImage({ model: gateway.image("fal-ai/flux/schnell"), prompt: "a boat", size: "512x256", n: 2 }),
  shapedImage: () =>
    generateImage({ model: gateway.image("runway/gen4_image"), prompt: "a lighthouse", aspectRatio: "16:9", seed: 1 }),
  replicateVideo: () =>
    generateVideo({
      model: replicate.video("google/veo-3"),
      prompt: "a cloud",
      aspectRatio: "16:9",
      duration: 4,
      poll,
      download,
    }),
  replicateImage: () =>
    generateImage({ model: replicate.image("black-forest-labs/flux-schnell"), prompt: "a tree", aspectRatio: "16:9" }),
  wrongField: () => generateVideo({ model: gateway.video("fal-ai/veo3"), prompt: "x", aspectRatio: "7:5" }),
  unknownModel: () => generateVideo({ model: gateway.video("fal-ai/veo33"), prompt: "x" }),
  unknownImageModel: () => generateImage({ model: gateway.image("fal-ai/flux/schnel"), prompt: "x" }),
  wrongKey: () => stranger.getAvailableModels(),
  wrongReplicateField: () => generateVideo({ model: replicate.video("google/veo-3"), prompt: "x", duration: 99, poll }),
  failed: () => generateVideo({ model: gateway.video("fal-ai/veo3"), prompt: "this fails", ...short, maxRetries: 0 }),
  failedPoll: () =>
    generateVideo({ model: gateway.video("fal-ai/veo3"), prompt: "this fails, polled", ...short, poll }),
  failedImage: () =>
    generateImage({ model: gateway.image("fal-ai/flux/schnell"), prompt: "this fails, too", maxRetries: 0 }),
  failedReplicate: () =>
    generateVideo({ model: replicate.video("google/veo-3"), prompt: "this fails there", duration: 4, poll }),
  models: () => gateway.getAvailableModels(),
};

async function told(name, call) {
  try {
    const { videos, images, providerMetadata, models } = await call();
    const files = (videos ?? images ?? []).map((file, at) => {
      const path = join(OUT, `${name}-${at}`);
      writeFileSync(path, file.uint8Array);
      return { path, mediaType: file.mediaType };
    });
    return { files, gateway: providerMetadata?.gateway, models };
  } catch (error) {
    const { name: kind, message, statusCode, modelId, isRetryable } = error;
    return { error: { kind, message, statusCode, modelId, isRetryable } };
  }
}

const [what, count] = process.argv.slice(2);
const numbers = Array.from({ length: Number(count ?? 0) }, (_, number) => number);
const isDone = (results) => results.filter(({ status }) => status === "fulfilled").length;
if (what === "calls") {
  const entries = Object.entries(CALLS).map(async ([name, call]) => [name, await told(name, call)]);
  console.log(JSON.stringify(Object.fromEntries(await Promise.all(entries))));
} else if (what === "images") {
  const model = gateway.image("fal-ai/flux/schnell");
  const calls = numbers.map((number) => generateImage({ model, prompt: `image ${number}`, size: "256x256" }));
  console.log(JSON.stringify({ done: isDone(await Promise.allSettled(calls)) }));
} else {
  const model = gateway.video("fal-ai/veo3");
  const calls = numbers.map((number) => startVideo({ model, prompt: `this fails, call ${number}`, duration: 4 }));
  console.log(JSON.stringify({ done: isDone(await Promise.allSettled(calls)) }));
}
