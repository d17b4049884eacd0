"""Another system that hears people's notices: it keeps what it took, and is away for a while."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cases.channels.webhook import new_secret, signature

HEARERS = ("duty-chief-1", "dispatcher-1", "department-s201", "acceptor-1", "official-1")


class Hearing:
    """A receiver of signed webhooks, one path a person; away, it answers 503 and takes nothing."""

    def __init__(self):
        self.taken = []  # (person, case, id of the notice), as they came
        self.is_away = False
        self.secrets = {name: new_secret() for name in HEARERS}
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        self.host = f"127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def handler(self):
        hearing = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(hearing.answer(self.path.strip("/"), self.headers, body))
                self.end_headers()

            def log_message(self, *words):
                """Nobody reads it."""

        return Handler

    def answer(self, person, headers, body):
        """The status; what is taken is kept."""
        if self.is_away:
            return 503
        signed = signature(
            secret=self.secrets[person], message_id=headers["Webhook-Id"],
            timestamp=int(headers["Webhook-Timestamp"]), body=body,
        )  # fmt: skip
        if headers["Webhook-Signature"] != signed:
            return 401
        said = json.loads(body)
        self.taken.append((person, said["case"], said["id"]))
        return 204

    def listen_to(self, site):
        """Let the site post what these people are told; its worker may reach this host by http."""
        for name, secret in self.secrets.items():
            site.inside("hear", name, f"http://{self.host}/{name}", secret)
        worker = site["worker"]
        worker.env = {**worker.env, "GRIDCITY_WEBHOOK_HOSTS": self.host}
        site.kill("worker")
        worker.start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
