"""Nobody answers: the proposal expires, says so, and cannot be decided any more. One minute is the shortest time."""

from datetime import datetime

import pytest

from harness.api import problem
from harness.waiting import wait_until


@pytest.mark.late
def test_nobody_answered(desk, expiring):
    seen = desk.wait_state(expiring["unanswered"]["id"], "expired", seconds=120)
    assert seen["decisions"] == [] and seen["order_id"] is None
    assert "reject" not in str(seen["reason"]).lower()
    decided = datetime.fromisoformat(seen["decided_at"].replace("Z", "+00:00"))
    deadline = datetime.fromisoformat(seen["expires_at"].replace("Z", "+00:00"))
    assert 0 <= (decided - deadline).total_seconds() < 60, "busy machines are slow, but the sweep comes soon"


@pytest.mark.late
def test_a_decision_after_the_deadline_is_refused(desk, expiring):
    answer = wait_until(lambda: expiring["answers"], "the late decision is answered", 120)[0]
    problem(answer, 409, "expired")
    assert desk.wait_state(expiring["late"]["id"], "expired")["decisions"] == []


@pytest.mark.late
def test_a_page_opened_before_the_deadline_says_it_is_over(desk, expiring):
    desk.wait_state(expiring["page"]["id"], "expired", seconds=120)
    form = expiring["form"]
    page = form.page.client.submit(form, form.button("approve"), pin=desk.pins["alice"])
    assert page.status == 409 and "expired" in page.text.lower() and "rejected" not in page.text.lower(), page
    page = desk.visitor().get(expiring["link"])
    assert page.status == 200 and "expired" in page.text.lower() and "rejected" not in page.text.lower(), page


@pytest.mark.late
def test_a_waiting_command_exits_with_4(expiring):
    out, err = expiring["command"].communicate(timeout=120)
    assert expiring["command"].returncode == 4, out.decode() + err.decode()
    assert "expired" in (out + err).decode().lower()


@pytest.mark.late
def test_the_first_message_is_not_repeated_as_a_rejection(desk, expiring):
    for message in desk.slack.about(expiring["unanswered"]["check_code"]):
        assert "rejected" not in message.body.decode().lower()
