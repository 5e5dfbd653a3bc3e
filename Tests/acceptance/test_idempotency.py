"""The same request twice is one proposal."""

import threading
import uuid

from harness.api import problem


def test_the_same_again_is_the_same_proposal(desk):
    body, key = desk.draft("AAPL"), str(uuid.uuid4())
    first = desk.api("propose").propose(body, key=key)
    answer = desk.api("propose").request("POST", "/api/v1/proposals", body, headers={"Idempotency-Key": key})
    assert answer.status_code == 200
    assert answer.headers["Idempotency-Replayed"] == "true"
    assert answer.json()["id"] == first["id"]


def test_the_same_key_with_another_body_is_refused(desk):
    body, key = desk.draft("AAPL"), str(uuid.uuid4())
    desk.api("propose").propose(body, key=key)
    answer = desk.api("propose").request(
        "POST", "/api/v1/proposals", {**body, "qty": "4"}, headers={"Idempotency-Key": key}
    )
    problem(answer, 422, "idempotency-mismatch")


def test_two_bots_may_use_the_same_key(desk):
    desk.keys.setdefault("second-bot", desk.create_key("propose", "second-bot"))
    key = str(uuid.uuid4())
    ids = {desk.api(who).propose(desk.draft("AAPL"), key=key)["id"] for who in ("propose", "second-bot")}
    assert len(ids) == 2


def test_ten_at_once_are_one(desk):
    body, key = desk.draft("AAPL"), str(uuid.uuid4())
    start, answers = threading.Barrier(10), []

    def send():
        api = desk.api("propose")
        start.wait()
        answers.append(api.request("POST", "/api/v1/proposals", body, headers={"Idempotency-Key": key}))

    threads = [threading.Thread(target=send) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(answer.status_code for answer in answers) == [200] * 9 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1
