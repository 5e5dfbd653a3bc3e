"""Proposals that nobody answers. A minute is the shortest time, so they are begun before the other tests."""

import subprocess
import threading
from datetime import UTC, datetime

from harness.program import binary, clean_environment
from harness.waiting import wait_until


def begin(desk):
    """Three for the tests to look at, one that a command waits for, one that is decided as it expires."""
    begun = {name: desk.propose("IWM", timeout_minutes=1) for name in ("unanswered", "late", "page")}
    begun["link"] = desk.review_link(begun["page"])
    begun["form"] = desk.visitor().get(begun["link"]).form("verdict")
    draft = desk.draft("IWM", timeout_minutes=1)
    file = desk.file("expiring.json", draft)
    environment = clean_environment(
        COUNTERSIGN_SERVER_URL=desk.url, COUNTERSIGN_API_KEY=desk.keys["propose"], HOME=desk.directory
    )
    begun["command"] = subprocess.Popen(
        [binary(), "propose", str(file), "--wait"],
        env=environment,
        cwd=desk.directory,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    # Other tests look whether anything was stored meanwhile.
    wait_until(
        lambda: draft["external_ref"] in str(desk.api("read").read("/proposals?symbol=IWM")), "it is proposed"
    )
    begun["answers"] = []
    threading.Thread(
        target=decide_at_the_deadline, args=(desk, begun["late"], begun["answers"]), daemon=True
    ).start()
    return begun


def decide_at_the_deadline(desk, proposal, answers):
    """The very moment it is over, whether or not anything has swept."""
    deadline = datetime.fromisoformat(proposal["expires_at"].replace("Z", "+00:00"))
    event = threading.Event()
    event.wait(max(0, (deadline - datetime.now(UTC)).total_seconds()) + 0.002)
    api = desk.api("alice")
    body = {"verdict": "approve", "order_hash": proposal["order_hash"]}
    answers.append(api.request("POST", f"/api/v1/proposals/{proposal['id']}/decisions", body))
