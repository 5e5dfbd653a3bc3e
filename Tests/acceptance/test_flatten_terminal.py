"""Getting out at a terminal: the stop comes at once, and closing positions is asked about, because it is not undone."""

import json

import pytest
from test_flatten import LOSING, broker, is_flat, policy_with, resume, status, trade, wait_command

from harness.program import clean_environment
from harness.terminal import AtTerminal
from harness.waiting import wait_until


@pytest.fixture
def holding(desks):
    desk = desks().set_up(channels=False).start()
    policy_with(desk, LOSING)
    trade(desk, "NVDA", "buy", 10, "100")
    return desk


def sit_down(desk, *arguments):
    environment = clean_environment(
        COUNTERSIGN_SERVER_URL=desk.url, COUNTERSIGN_API_KEY=desk.tokens["oscar"], HOME=desk.directory
    )
    return AtTerminal(arguments, environment, desk.directory)


def is_stopped(desk):
    return status(desk)["trading_state"] == "halted"


def test_the_stop_waits_for_no_answer_and_closing_does(holding):
    desk = holding
    person = sit_down(desk, "flatten", "--reason", "fire")
    wait_until(lambda: is_stopped(desk), "trading is stopped, though nobody has answered yet")
    assert not status(desk)["commands"] or all(
        command["kind"] != "flatten" for command in status(desk)["commands"]
    )
    no = person.type("no").result()
    assert no.code == 3 and "Trading is stopped." in no.out, no
    assert "would close: sell 10 NVDA" in no.err and "Type flatten to" in no.err, no
    assert "no position is closed. Trading stays stopped." in no.err
    assert is_stopped(desk) and len(broker(desk, "positions")) == 1
    # The end of the input is no consent either, and neither is half a word.
    for typed in ("", "flat", "flatten it"):
        assert sit_down(desk, "emergency-stop", "--flatten", "--reason", "fire").type(typed).result().code == 3
    assert len(broker(desk, "positions")) == 1


def test_the_word_closes_everything(holding):
    desk = holding
    yes = sit_down(desk, "emergency-stop", "--flatten", "--reason", "fire", "--json").type(" Flatten ").result()
    assert yes.code == 0, yes
    answer = json.loads(yes.out)
    assert answer["command"]["kind"] == "flatten" and "Trading is stopped." in yes.err
    wait_command(desk, answer["command"]["id"], "done")
    assert is_flat(desk)
    resume(desk)
    assert status(desk)["trading_state"] == "active"


def test_who_said_so_before_is_not_asked(holding):
    desk = holding
    stopped = sit_down(desk, "emergency-stop", "--reason", "fire").result()
    assert stopped.code == 0 and "Type" not in stopped.err, stopped
    foreseen = sit_down(desk, "flatten", "--reason", "fire", "--dry-run").result()
    assert foreseen.code == 0 and "Nothing was changed." in foreseen.out and "Type" not in foreseen.err
    assert len(broker(desk, "positions")) == 1
    said = sit_down(desk, "flatten", "--reason", "fire", "--yes").result()
    assert said.code == 0 and "Type" not in said.err, said
    wait_until(lambda: is_flat(desk), "everything is closed", 60)
