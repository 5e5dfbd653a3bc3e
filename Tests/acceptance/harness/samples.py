"""A desk with something on every page: what the pictures show and the accessibility judge looks at."""

from dataclasses import dataclass, field

from harness.desk import Desk
from harness.past import CLOSED, WEEK, write_past
from harness.waiting import wait_until

POLICY = {
    "preset": "guarded-5k",
    "limits": {
        "max_new_positions_per_day": 20,
        "max_new_positions_per_week": 40,
        "max_open_positions": 20,
        "duplicate_window_seconds": None,
        "min_confidence": 40,
    },
}

RATIONALE = (
    "Breaks out of a three-week range on twice its usual volume.\n"
    "Earnings are five weeks away; the stop stands below the range."
)


SETTINGS = ("", "people", "keys", "channels", "policy")


@dataclass
class Samples:
    """The desk, and the proposals by what became of them."""

    desk: Desk
    proposals: dict = field(default_factory=dict)
    alerts: dict = field(default_factory=dict)

    def paths(self):
        """Every page for people who are logged in."""
        of = {name: f"/proposals/{proposal['id']}" for name, proposal in self.proposals.items()}
        order = self.desk.api("read").proposal(self.proposals["filled"]["id"])["order_id"]
        return {
            "inbox": "/",
            **{f"proposal-{name}": path for name, path in of.items()},
            "order": f"/orders/{order}",
            "orders": "/orders",
            "history": "/history",
            "history-empty": "/history?symbol=NONE",
            "deliveries": "/deliveries",
            "halts": "/halts",
            "risk": "/risk",
            "alerts": "/alerts",
            "alerts-none": "/alerts?type=none_of_this",
            **{f"alert-{name}": f"/alerts/{id}" for name, id in self.alerts.items()},
            "positions": "/positions",
            "reports": "/reports",
            "report-weekly": f"/reports/weekly/{WEEK}",
            "review": f"/reviews/{WEEK}",
            "review-closed": f"/reviews/{CLOSED}",
            **{f"settings{name and '-' + name}": f"/settings{name and '/' + name}" for name in SETTINGS},
            "missing": "/proposals/nothing",
        }


    def admin_paths(self):
        """What only admins and auditors see, and more of it than others do."""
        channel = self.desk.command("channel", "list", "--json").json
        person = self.desk.command("user", "list", "--json").json
        first = {
            folder: (listed["items"] if isinstance(listed, dict) else listed)[0]["id"]
            for folder, listed in (("channels", channel), ("people", person))
        }
        return {
            **{f"admin-{name}": f"/settings/{name}" for name in SETTINGS if name},
            **{f"one-of-{folder}": f"/settings/{folder}/{id}" for folder, id in first.items()},
        }


def sample_desk(database):
    desk = Desk(database, policy=POLICY, cash="100000").set_up()
    write_past(database)
    desk.start(worker=False)
    desk.start_worker(COUNTERSIGN_WORKER_ID="desk-worker")
    desk.wait_synced()
    desk.keys["propose"] = desk.create_key("propose", "dee-bot")
    return Samples(desk)


def review(desk):
    """The last week is answered and waits for its signature; the one before it is closed."""
    wait_until(lambda: desk.api("read").read("/reviews/current")["week"] == WEEK, "the weekly reports, the newest last", 120)
    wait_until(lambda: desk.api("read").read(f"/reviews/{WEEK}")["state"] == "open", "its review")
    answers = [
        "A little worse: fills come two to four basis points behind what paper showed.",
        "Smaller in the morning: both losses came from positions that were opened before ten.",
        "Yes. What was blocked this week was blocked rightly.",
        "Yes, as long as somebody looks at the requests in time; eight ran out unanswered.",
    ]
    for week in (WEEK, CLOSED):
        items = [{"number": 7 + place, "answer": text, "version": 0} for place, text in enumerate(answers)]
        desk.api("bob").send(f"/reviews/{week}/answers", {"answers": items})
    revised = [{"number": 8, "answer": answers[1] + " After ten they may stay as they are.", "version": 1}]
    desk.api("alice").send(f"/reviews/{WEEK}/answers", {"answers": revised})
    review = desk.api("read").read(f"/reviews/{CLOSED}")
    signing = {"decision": "adjust", "review_hash": review["review_hash"], "pin": desk.pins["oscar"]}
    desk.api("oscar").send(f"/reviews/{CLOSED}/sign", {**signing, "comment": "Fewer positions before ten."})


def fill(samples):
    """Proposals in every state that people meet, with messages that went out and one that did not."""
    desk, made = samples.desk, samples.proposals
    review(desk)

    def propose(symbol, qty, **changes):
        price = desk.ask(symbol)
        return desk.propose(
            symbol,
            qty=str(qty),
            reference_price=f"{price * 0.998:.2f}",
            **{
                "stop_loss": {"stop_price": f"{price * 0.92:.2f}"},
                "rationale": RATIONALE,
                "external_ref": None,
                **changes,
            },
        )

    made["filled"] = propose("AAPL", 12, signal_id="brk-0412")
    desk.api("alice").decide(made["filled"], comment="Small enough, and the stop is where it should be.")
    desk.wait_order(made["filled"]["id"], "filled")
    made["rejected"] = propose("AMD", 20, confidence=48)
    desk.api("bob").decide(made["rejected"], "reject", comment="No news behind it.")
    made["withdrawn"] = propose("MSFT", 8, strategy="pairs")
    desk.api("propose").send(f"/proposals/{made['withdrawn']['id']}/withdraw")
    too_large = desk.draft("TSLA", qty="90")
    made["blocked"] = desk.api("propose").propose(too_large)
    made["pending"] = propose("NVDA", 40, catalyst_score=61, timeout_minutes=27, stop_loss=None)
    made["other"] = propose("GOOGL", 9, strategy="pairs", timeout_minutes=4)
    made["third"] = propose("META", 5, timeout_minutes=19)
    raise_alerts(samples)
    return samples


def raise_alerts(samples):
    """One that waits, one that somebody looks after, and one that is over."""
    api = samples.desk.api("alert")
    for name, priority, kind, title, detail in (
        ("raised", "critical", "data_feed_late", "Quotes for NVDA are 40 s late", "The feed's own clock is right."),
        ("acknowledged", "high", "model_drift", "The model sees what it was not trained on", "PSI 0.31, 0.25 is the limit."),
        ("over", "info", "backup_done", "The backup took longer than usual", ""),
    ):
        body = {"type": kind, "priority": priority, "title": title, "detail": detail, "evidence": {"seconds": 40}}
        samples.alerts[name] = api.send("/alerts", body, 201)["id"]
    path = f"/alerts/{samples.alerts['acknowledged']}/ack"
    samples.desk.api("bob").send(path, {"comment": "Retraining tonight."})
    api.send(f"/alerts/{samples.alerts['over']}/resolve", {"reason": "done"})
