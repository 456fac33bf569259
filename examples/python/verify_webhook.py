"""A receiver that registers itself, verifies each event, and ends after the first one."""

import one_line_errors  # noqa: F401
import os
from http.server import BaseHTTPRequestHandler, HTTPServer

from visgate_sdk import Client, WebhookVerificationError, verify_webhook


class Receiver(BaseHTTPRequestHandler):
    secret = ""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        try:
            event = verify_webhook(body, self.headers, self.secret)
        except WebhookVerificationError:
            self.send_response(401)
            self.end_headers()
            return
        self.send_response(204)  # any 2xx within 15 s
        self.end_headers()
        print(event.type, event.data.request_id, event.data.output_url)


# The address on this machine to which `npm start` may send webhooks; it prints another port when this one is in use.
port = int(os.environ.get("WEBHOOK_PORT", "8788"))

with Client() as client, HTTPServer(("127.0.0.1", port), Receiver) as server:
    url = f"http://127.0.0.1:{port}/hook"
    endpoint = client.webhook_endpoints.create(url, events=["request.completed"])
    Receiver.secret = endpoint.secret  # shown only once: store it
    client.videos.generate(model="fal-ai/veo3.1/fast", prompt="a webhook in the wind", wait=False)
    server.handle_request()
    client.webhook_endpoints.delete(endpoint.id)
