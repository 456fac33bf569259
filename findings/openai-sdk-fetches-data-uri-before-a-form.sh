#!/usr/bin/env bash
# The official OpenAI SDK, given a `fetch` of the caller's, asks it for `data:,` before the first form (videos.create):
# it looks at the class of the answer to find out whether forms are supported. A fetch that counts, logs, limits or
# allows one request sees a request that nobody made; each new fetch function is asked again. With a `Response` property
# on the function the SDK does not ask.
set -euo pipefail
VERSION=6.49.0
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --no-audit --no-fund "openai@$VERSION" >/dev/null 2>&1
cat > probe.mjs <<'JS'
import { createServer } from "node:http";
import OpenAI from "openai";

const server = createServer((request, response) => {
  request.resume();
  request.on("end", () => response.setHeader("content-type", "application/json").end('{"id":"video_1","object":"video","status":"queued"}'));
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const baseURL = `http://127.0.0.1:${server.address().port}/v1`;

async function callsOf(decorate) {
  const calls = [];
  const counting = decorate((url, init) => {
    calls.push(`${init?.method ?? "GET"} ${String(url).replace(baseURL, "")}`);
    return fetch(url, init);
  });
  const client = new OpenAI({ apiKey: "k", baseURL, fetch: counting, maxRetries: 0 });
  await client.videos.create({ prompt: "a bird" });
  await client.videos.retrieve("video_1");
  return calls.join(", ");
}
console.log("a plain fetch:          ", await callsOf((one) => one));
console.log("with a Response on it:  ", await callsOf((one) => Object.assign(one, { Response })));
server.close();
JS
echo "openai $VERSION, node $(node --version)"
seen=$(node probe.mjs)
echo "$seen"
expected='a plain fetch:           GET data:,, POST /videos, GET /videos/video_1
with a Response on it:   POST /videos, GET /videos/video_1'
if [ "$seen" != "$expected" ]; then
  echo "changed; it was:"
  echo "$expected"
  exit 1
fi
