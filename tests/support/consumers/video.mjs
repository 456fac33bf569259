/** A user's first program as a module: a video, its status, and both ways through the proxy. */
import { Client, VIDEO_MODEL_PRESETS } from "@visgate_ai/client";
import { proxyToVisgate } from "@visgate_ai/server-proxy";
import { GET } from "@visgate_ai/server-proxy/next";

const [prompt = ""] = process.argv.slice(2);
const client = new Client();
const result = await client.videos.generate(VIDEO_MODEL_PRESETS.fal, prompt);
const { status, outputUrl } = await client.requests.get(result.requestId);
const path = ["requests", result.requestId];
const request = new Request(`http://127.0.0.1/api/visgate/${path.join("/")}`);
const answers = await Promise.all([
  proxyToVisgate(request, { pathSegments: path }),
  GET(request, { params: Promise.resolve({ path }) }),
]);
const proxied = await Promise.all(answers.map(async (answer) => (await answer.json()).output_url));
const file = import.meta.resolve("@visgate_ai/client");
console.log(JSON.stringify({ node: process.version, file, status, urls: [result.videoUrl, outputUrl, ...proxied] }));
