/** A user's first program as a CommonJS script: a video, its status, and both ways through the proxy. */
const { Client, VIDEO_MODEL_PRESETS } = require("@visgate_ai/client");
const { proxyToVisgate } = require("@visgate_ai/server-proxy");
const { GET } = require("@visgate_ai/server-proxy/next");

async function main([prompt = ""]) {
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
  const file = require.resolve("@visgate_ai/client");
  console.log(JSON.stringify({ node: process.version, file, status, urls: [result.videoUrl, outputUrl, ...proxied] }));
}

void main(process.argv.slice(2));
