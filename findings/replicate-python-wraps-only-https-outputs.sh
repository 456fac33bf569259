#!/usr/bin/env bash
# The official `replicate` package for Python makes a FileOutput of an output by the scheme of its URL: of `https:`, not
# of `http:`. Code that reads `output.read()` works in production and fails at a local server, where `run()` returns a
# plain string for the same prediction.
set -euo pipefail
VERSION=1.0.7
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check "replicate==$VERSION"
cat > probe.py <<'PY'
import json, threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import replicate

output = None


class Server(BaseHTTPRequestHandler):
    """Answers every submit with a prediction that has succeeded."""

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        prediction = {
            "id": "p1", "model": "owner/model", "version": "hidden", "status": "succeeded", "input": {}, "output": output,
            "logs": "", "error": None, "metrics": {}, "created_at": None, "started_at": None, "completed_at": None,
            "urls": {"get": f"{base}/v1/predictions/p1", "cancel": f"{base}/v1/predictions/p1/cancel"},
        }
        body = json.dumps(prediction).encode()
        self.send_response(201)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), Server)
base = f"http://127.0.0.1:{server.server_port}"
threading.Thread(target=server.serve_forever, daemon=True).start()
client = replicate.Client(api_token="r8_any", base_url=base)
for output in ("https://example.com/film.mp4", "http://127.0.0.1:1/film.mp4"):
    print(f"{output.split(':')[0]}: {type(client.run('owner/model', input={})).__name__}")
server.shutdown()
PY
echo "replicate $VERSION, $(venv/bin/python --version)"
seen=$(venv/bin/python probe.py)
echo "$seen"
expected='https: FileOutput
http: str'
if [ "$seen" != "$expected" ]; then
  echo "changed; it was:"
  echo "$expected"
  exit 1
fi
