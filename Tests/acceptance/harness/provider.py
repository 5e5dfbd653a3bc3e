"""One server that plays Slack's webhooks, Slack's Web API and Discord, each room with a script of its own."""

import itertools
import json
import threading
import time
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from harness.doubles import Received, slack_answer
from harness.payloads import discord_faults, slack_faults

IDENTITIES = itertools.count(1)
HTML = {"Content-Type": "text/html"}
JSON = {"Content-Type": "application/json"}


class Call(Received):
    """One request: when it came, and when it was answered."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.at, self.answered_at = time.time(), None


class Room:
    """One destination: what came, what stands there to be read, and what is answered before the usual."""

    def __init__(self, script=()):
        self.script, self.calls, self.messages = list(script), [], {}
        # Messages that cannot be changed, and Slack's word for why.
        self.locked = {}

    def add(self, payload):
        """Slack takes a repeat with the same `client_msg_id` for the message that it has."""
        for identity, shown in list(self.messages.items()):
            if payload.get("client_msg_id") and shown.get("client_msg_id") == payload["client_msg_id"]:
                return identity
        identity = str(1_100_000_000_000_000_000 + next(IDENTITIES))
        self.messages[identity] = payload
        return identity

    def take(self, call):
        """What the script answers to this; None for the usual."""
        if not self.script or (isinstance(self.script[0], About) and not self.script[0].fits(call)):
            return None
        return self.script.pop(0)(call)

    def about(self, text):
        return [call for call in self.calls if text in call.body.decode()]

    def shown(self, text):
        """What a person reads there now about this."""
        return [payload for payload in list(self.messages.values()) if text in json.dumps(payload)]


class Held:
    """An answer that does not come until the test lets it: then as usual, or what is given."""

    def __init__(self, then=None):
        self.came, self.release, self.then = threading.Event(), threading.Event(), then

    def __call__(self, call):
        self.came.set()
        self.release.wait(300)
        return self.then(call) if self.then else None


class About:
    """An answer to what holds this text; anything else is answered as usual and leaves it waiting."""

    def __init__(self, text, answer):
        self.text, self.answer = text, answer

    def __call__(self, call):
        return self.answer(call)

    def fits(self, call):
        return self.text in call.body.decode()


def drop(call):
    """No answer at all: the connection ends."""
    return 0, {}, b""


def empty_bucket(seconds):
    """Discord takes this message, and says that the next has to wait."""

    def answer(call):
        status, headers, content = Provider.discord(call, call.room)
        limits = {"X-RateLimit-Limit": "5", "X-RateLimit-Remaining": "0", "X-RateLimit-Bucket": "b1"}
        return status, {**headers, **limits, "X-RateLimit-Reset-After": str(seconds)}, content

    return answer


def webhook_error(status, word, **headers):
    """A Slack webhook's: plain words. Headers are written with underscores."""
    return lambda call: (status, {**HTML, **named(headers)}, word.encode())


def api_error(word, status=200, **headers):
    """The Web API's: nearly always with status 200."""
    return lambda call: (status, {**JSON, **named(headers)}, json.dumps({"ok": False, "error": word}).encode())


def discord_error(status, code, message, **headers):
    body = json.dumps({"code": code, "message": message}).encode()
    return lambda call: (status, {**JSON, **named(headers)}, body)


def discord_limit(seconds, header):
    """Discord's figure in the body has a fraction, that in the header has none."""
    body = {"message": "You are being rate limited.", "retry_after": seconds, "global": False}
    headers = {"Retry-After": header, "X-RateLimit-Scope": "user", "X-RateLimit-Remaining": "0"}
    return lambda call: (429, {**JSON, **headers}, json.dumps(body).encode())


def until(seconds):
    """A limit that names the moment of its end."""

    def answer(call):
        call.until = int(time.time()) + seconds
        return 429, {**HTML, "Retry-After": formatdate(call.until, usegmt=True)}, b"rate_limited"

    return answer


def named(headers):
    return {name.replace("_", "-"): str(value) for name, value in headers.items()}


class Provider:
    """Rooms by their secret part: a webhook's path, a conversation's identity, a Discord webhook's token."""

    def __init__(self):
        self.rooms, self.faults = {}, []
        provider = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                call = Call(self.command, self.path, self.headers, body)
                status, headers, content = provider.answer(call)
                call.answered_at = time.time()
                if not status:
                    self.close_connection = True
                    return
                try:
                    self.send_response(status)
                    for name, value in {"Content-Length": str(len(content)), **headers}.items():
                        self.send_header(name, value)
                    self.end_headers()
                    self.wfile.write(content)
                except OSError:
                    self.close_connection = True

            do_PATCH = do_GET = do_POST

            def log_message(self, *arguments):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.1,), daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def answer(self, call):
        is_discord = call.path.startswith("/api/webhooks/")
        faults = discord_faults(call) if is_discord else slack_faults(call)
        self.faults += faults
        room = self.rooms.get(self.key(call, is_discord))
        if room is None or faults:
            self.faults.append(f"{call.method} {call.path}: {faults or 'no such room'}")
            return 400, HTML, b"invalid_payload"
        call.room = room
        room.calls.append(call)
        scripted = room.take(call)
        if scripted:
            return scripted
        return self.discord(call, room) if is_discord else self.slack(call, room)

    @staticmethod
    def key(call, is_discord):
        if is_discord:
            return call.path.partition("?")[0].split("/")[4]
        return call.path if call.path.startswith("/services/") else call.json["channel"]

    @staticmethod
    def slack(call, room):
        payload = call.json
        if call.path.startswith("/services/"):
            room.add(payload)
            return 200, HTML, b"ok"
        if call.path.endswith("chat.update"):
            known = payload["ts"] in room.messages
            word = room.locked.get(payload["ts"]) or (None if known else "message_not_found")
            if word:
                return slack_answer({"ok": False, "error": word})
            identity = room.messages[payload["ts"]].get("client_msg_id")
            room.messages[payload["ts"]] = {**payload, "client_msg_id": identity}
            return slack_answer({"ok": True, "channel": payload["channel"], "ts": payload["ts"]})
        return slack_answer({"ok": True, "channel": payload["channel"], "ts": room.add(payload)})

    @staticmethod
    def discord(call, room):
        if call.method == "PATCH":
            identity = call.path.partition("?")[0].rpartition("/")[2]
            if identity not in room.messages:
                return discord_error(404, 10008, "Unknown Message")(call)
            room.messages[identity] = call.json
        else:
            identity = room.add(call.json)
        return 200, JSON, json.dumps({"id": identity, "channel_id": "42", "type": 0}).encode()
