#!/usr/bin/env bash
# LiteLLM writes `seconds` as a bare number for every video model of fal. fal documents the duration of Veo 3 as one of
# "4s", "6s", "8s" and that of Kling as "5" or "10", so the same argument is right for one model and wrong for the other.
# Nothing is refused before the (billed) submit.
set -euo pipefail
VERSION=1.110.2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check "litellm==$VERSION"
cat > probe.py <<'PY'
import json, os, threading
from http.server import BaseHTTPRequestHandler, HTTPServer

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
import litellm


class Server(BaseHTTPRequestHandler):
    """Accepts every submit, and prints the duration that it was sent."""

    def do_POST(self):
        sent = json.loads(self.rfile.read(int(self.headers["content-length"])))
        print(f"{self.path[1:]}: {json.dumps(sent.get('duration'))}", flush=True)
        body = json.dumps({"status": "IN_QUEUE", "request_id": "r1", "queue_position": 0}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
api_base = f"http://127.0.0.1:{server.server_port}"
for model, seconds in (("fal-ai/kling-video/v2.5-turbo/pro/text-to-video", "5"), ("fal-ai/veo3", "4")):
    litellm.video_generation(
        model=f"fal_ai/{model}", prompt="a bird", seconds=seconds, api_base=api_base, api_key="id:secret"
    )
server.shutdown()
PY
echo "litellm $VERSION, $(venv/bin/python --version)"
seen=$(venv/bin/python probe.py)
echo "$seen"
expected='fal-ai/kling-video/v2.5-turbo/pro/text-to-video: "5"
fal-ai/veo3: "4"'
if [ "$seen" != "$expected" ]; then
  echo "changed; it was:"
  echo "$expected"
  exit 1
fi
