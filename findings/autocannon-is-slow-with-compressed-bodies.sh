#!/usr/bin/env bash
# Autocannon makes text of the bodies that it gets. For bytes that are no UTF-8, as every compressed body, this takes it
# about ten times as long as for ASCII of the same length. A server of 15 kB of gzip then rests while autocannon works:
# its requests per second and its latency are those of the load generator. A client that drops the bytes gets about as
# many answers of either kind.
set -euo pipefail
VERSION=9.0.0
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --no-audit --no-fund "autocannon@$VERSION" >/dev/null 2>&1
cat > server.mjs <<'JS'
import { createServer } from "node:http";
import { randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";

const packed = gzipSync(randomBytes(15_000));
const text = Buffer.alloc(packed.length, "a");
const server = createServer(({ url }, response) => {
  const [body, type] = url === "/gzip" ? [packed, { "Content-Encoding": "gzip" }] : [text, {}];
  response.writeHead(200, { "Content-Length": body.length, ...type }).end(body);
});
server.listen(0, "127.0.0.1", () => process.send(server.address().port));
JS
cat > probe.mjs <<'JS'
import { fork } from "node:child_process";
import { once } from "node:events";
import { Agent, request } from "node:http";
import autocannon from "autocannon";

const server = fork("./server.mjs");
const [port] = await once(server, "message");
const url = (path) => `http://127.0.0.1:${port}/${path}`;
const [connections, seconds] = [16, 3];

async function byAutocannon(path) {
  const { requests } = await autocannon({ url: url(path), connections, duration: seconds });
  return requests.total / seconds;
}

async function byDropping(path) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const until = performance.now() + seconds * 1000;
  let total = 0;
  await Promise.all(
    Array.from({ length: connections }, async () => {
      for (; performance.now() < until; total += 1) {
        const [response] = await once(request(url(path), { agent }).end(), "response");
        await once(response.resume(), "end");
      }
    }),
  );
  agent.destroy();
  return total / seconds;
}

const faults = [];
for (const [name, load, isRight] of [
  ["autocannon", byAutocannon, (ratio) => ratio > 3],
  ["a client that drops the bytes", byDropping, (ratio) => ratio < 2],
]) {
  await load("text");
  const [text, gzip] = [await load("text"), await load("gzip")];
  console.log(`${name}: ${Math.round(text)} answers of text a second, ${Math.round(gzip)} of gzip, ${(text / gzip).toFixed(1)}x`);
  if (!isRight(text / gzip)) faults.push(name);
}
server.kill();
if (faults.length > 0) {
  console.log(`changed: ${faults.join(", ")}`);
  process.exit(1);
}
JS
echo "autocannon $VERSION, node $(node --version)"
node probe.mjs
