"""Everything around the product that receives: Slack, Discord, a mail server, a worker's webhook."""

import email
import email.policy
import json
import re
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from aiosmtpd.controller import Controller

from harness.payloads import discord_faults, slack_faults
from harness.ports import free_port
from harness.waiting import wait_until

LINK = re.compile(r"https?://[^\s\"'<>|)\]]+")


class Received:
    """One request that came in."""

    def __init__(self, method, path, headers, body):
        self.method, self.path, self.headers, self.body = method, path, headers, body
        self.at = time.time()

    @property
    def json(self):
        return json.loads(self.body)


class Receiver:
    """An HTTP server that keeps what it is sent; `answer` says what it replies."""

    def __init__(self, answer=None):
        self.items = []
        self.script = []
        self.answer = answer or (lambda received: (200, {}, b"ok"))
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                received = Received(self.command, self.path, self.headers, body)
                status, headers, content = (
                    receiver.script.pop(0) if receiver.script else receiver.answer(received)
                )
                receiver.items.append(received)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_PATCH = do_PUT = do_GET = do_POST

            def log_message(self, *arguments):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, args=(0.1,), daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class SlackDouble(Receiver):
    """Answers an incoming webhook and the Web API as Slack does, and refuses what Slack would refuse."""

    def __init__(self):
        self.faults = []
        # The timestamps of messages that somebody deleted.
        self.gone = set()
        super().__init__(self.judge)

    def judge(self, received):
        faults = slack_faults(received)
        self.faults += faults
        if received.path.startswith("/api/"):
            return self.judge_call(received, faults)
        return (400, {}, b"invalid_blocks") if faults else (200, {"Content-Type": "text/html"}, b"ok")

    def judge_call(self, received, faults):
        """The Web API answers 200 to everything: only `ok` tells."""
        if not received.headers.get("Authorization", "").startswith("Bearer xoxb-"):
            return slack_answer({"ok": False, "error": "invalid_auth"})
        if faults:
            return slack_answer({"ok": False, "error": "invalid_blocks"})
        payload = received.json
        if received.path.endswith("chat.update") and payload["ts"] in self.gone:
            return slack_answer({"ok": False, "error": "message_not_found"})
        stamp = payload.get("ts") or f"1795201500.{len(self.items):06d}"
        return slack_answer({"ok": True, "channel": payload["channel"], "ts": stamp})

    def calls(self, method, text):
        return [item.json for item in self.about(text) if item.path.endswith(method)]

    def about(self, text):
        return [item for item in self.items if text in item.body.decode()]


class DiscordDouble(Receiver):
    """Answers a webhook as Discord does: 204, or with ?wait=true the message."""

    def __init__(self):
        self.faults = []
        super().__init__(self.judge)

    def judge(self, received):
        faults = discord_faults(received)
        self.faults += faults
        if faults:
            return 400, {"Content-Type": "application/json"}, b'{"code":50035,"message":"Invalid Form Body"}'
        message = {"id": str(1_100_000_000_000_000_000 + len(self.items)), "channel_id": "42", "type": 0}
        if "wait=true" in received.path or received.method == "PATCH":
            return 200, {"Content-Type": "application/json"}, json.dumps(message).encode()
        return 204, {}, b""

    def about(self, text):
        return [item for item in self.items if text in item.body.decode()]


class MailDouble:
    """A real SMTP server that keeps every message."""

    def __init__(self):
        self.messages = []
        self.refusals = []
        self.controller = Controller(self, hostname="127.0.0.1", port=free_port())
        self.controller.start()
        self.url = f"smtp://127.0.0.1:{self.controller.port}"

    async def handle_DATA(self, server, session, envelope):
        if self.refusals:
            return self.refusals.pop(0)
        message = email.message_from_bytes(
            envelope.original_content or envelope.content, policy=email.policy.default
        )
        message.envelope, message.at = envelope, time.time()
        self.messages.append(message)
        return "250 kept"

    def about(self, text):
        return [message for message in self.messages if text in str(message["Subject"]) + plain_text(message)]

    def close(self):
        self.controller.stop()


def slack_answer(document):
    return 200, {"Content-Type": "application/json; charset=utf-8"}, json.dumps(document).encode()


class WorkerWebhook(Receiver):
    """Stands before the worker: keeps what the server sends, and hands it on byte for byte."""

    def __init__(self, worker_url):
        self.worker_url = worker_url
        super().__init__(self.hand_on)

    def hand_on(self, received):
        request = urllib.request.Request(self.worker_url, received.body, method="POST")
        for name, value in received.headers.items():
            if name.lower() not in ("host", "content-length", "connection", "transfer-encoding"):
                request.add_header(name, value)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, {}, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, {}, error.read()
        except OSError:
            return 502, {}, b""

    def about(self, order_id):
        return [item for item in self.items if item.headers.get("webhook-id") == order_id]


def plain_text(message):
    part = message.get_body(preferencelist=("plain", "html"))
    return part.get_content() if part is not None else ""


def html_text(message):
    part = message.get_body(preferencelist=("html",))
    return part.get_content() if part is not None else ""


def links_in(text):
    return [link.rstrip(".,;") for link in LINK.findall(text)]


def wait_for(double, text, seconds=60):
    """The first message about `text`."""
    return wait_until(
        lambda: double.about(text), f"{type(double).__name__} has a message about {text}", seconds
    )[0]
