"""The weekly report, its mail and its review, made by real processes from a week that was."""

import base64
import datetime
import io
import threading

import exchange_calendars
import pandas
import psycopg
import pytest
import requests
from bs4 import BeautifulSoup
from PIL import Image

from harness.amounts import money, percent
from harness.api import problem
from harness.browser import DESKTOP, PHONE, Reader
from harness.doubles import html_text, links_in, plain_text, wait_for
from harness.past import CLOSED, LAST, WEEK, newest_due_week, trip_day, trips_of, week_name, write_past
from harness.ports import free_port
from harness.waiting import wait_until

ANSWERS = {7: "Much as on paper.", 8: "No.", 9: "Yes, all of them.", 10: "Yes."}


@pytest.fixture(scope="module")
def looking_back(desks):
    desk = desks().set_up()
    write_past(desk.database)
    desk.start()
    wait_until(lambda: desk.mail.about(f"Weekly review, {WEEK}"), "the weekly mail", 120)
    return desk


def cells(node):
    return [" ".join(cell.get_text(" ", strip=True).split()) for cell in node.find_all(["th", "td", "dt", "dd"])]


def parts_of_page(html):
    """What stands under each heading: labelled values, and rows of tables."""
    found = {}
    soup = BeautifulSoup(html, "html.parser")
    for label in soup.select("span.label, td small"):
        label.decompose()
    for heading in soup.find_all("h2"):
        rows = found.setdefault(heading.get_text(strip=True), [])
        for node in heading.find_all_next(["h2", "tr", "dt"]):
            if node.name == "h2":
                break
            if node.name == "dt":
                rows.append((node.get_text(" ", strip=True), " ".join(node.find_next("dd").get_text(" ", strip=True).split())))
            elif node.find("td"):
                rows.append(tuple(cells(node)))
    return found


def plain_words(row):
    """Mail breaks addresses and dotted names apart, so that no reader makes a link of them."""
    return tuple(cell.replace("\u200b", "").replace("\u2060", "") for cell in row)


def test_the_mail_the_page_and_the_json_tell_the_same(looking_back):
    desk = looking_back
    mail = wait_for(desk.mail, f"Weekly review, {WEEK}")
    report = desk.api("read").read(f"/reports/weekly/{WEEK}")
    visitor = desk.visitor()
    visitor.log_in("alice", desk.pins["alice"])
    page = parts_of_page(visitor.get(f"/reports/weekly/{WEEK}").html)
    mailed = parts_of_page(html_text(mail))
    assert len(mailed) > 8 and set(mailed) <= set(page), set(mailed) ^ set(page)
    for title, rows in mailed.items():
        assert [plain_words(row) for row in rows] == page[title], title
    week, trades, decisions = report["performance"], report["trades"], report["decisions"]
    facts = dict(row for row in page["Performance"] if len(row) == 2)
    told = [facts["Starting value"], facts["Ending value"]]
    assert told == money(week["starting_value"], week["ending_value"])
    assert facts["Deepest below the high-water mark"] == percent(week["max_drawdown"])
    ended = dict(row for row in page["Round trips that ended"] if len(row) == 2)
    assert ended["Ended"] == str(trades["count"]) == "6" and ended["Win rate"] == percent(trades["win_rate"])
    counts = dict(row for row in page["Decisions"] if len(row) == 2)
    assert counts["Proposed"] == str(decisions["proposed"]) == "64"
    assert counts["Expired: nobody answered"] == str(decisions["expired"]) == "8"
    times = [int(row[1]) for row in page["Time to decide"]]
    assert times == [each["count"] for each in decisions["time_to_decide"]]
    assert sum(times) == decisions["approved"] + decisions["rejected"] == 40
    assert [row[0] for row in page["Time to decide"]][1:3] == ["5 s to 30 s", "30 s to 1 min"]
    assert times[0] >= decisions["hasty_approvals"] == sum(each["hasty_approvals"] for each in decisions["by_person"])
    blocked = dict(row for row in page["Why proposals were blocked"])
    assert blocked == {"Largest position in dollars": "8", "Repeated proposals": "8"}, "checks are named in words"
    # Of those who answer for the account nobody has a channel on this desk, so everybody got it; nobody chose otherwise,
    # so it is no news.
    assert "every channel got this one" not in html_text(mail)
    text = plain_text(mail)
    for words in (facts["Starting value"], facts["Ending value"], ended["Win rate"], counts["Time to decide, median"]):
        assert words in text
    assert f"{desk.url}/reviews/{WEEK}" in links_in(text)


def test_the_daily_mail_its_page_and_its_json_tell_the_same(looking_back):
    """Of a day on which two positions were closed; what the requirements want of a daily summary is in it."""
    desk = looking_back
    day = trip_day(LAST, 1)
    report = desk.api("read").read(f"/reports/daily/{day}")
    wanted = {"date", "starting_value", "ending_value", "daily_pnl", "daily_pnl_pct", "trades_executed", "win_rate"}
    wanted |= {"positions_closed", "open_positions", "cash_balance", "margin_used", "seven_days", "decisions"}
    assert wanted <= set(report)
    closed = report["positions_closed"]
    trips = trips_of(day)
    assert [trip["symbol"] for trip in closed] == [symbol for symbol, *_ in trips] and {"AAPL", "AMD"} <= {trip[0] for trip in trips}
    won = [exit > entry if direction == "long" else exit < entry for _, direction, _, entry, exit, _ in trips]
    assert report["wins"] == sum(won) and report["trades_executed"] == 2 * len(trips)
    fields = {"symbol", "direction", "entry_price", "exit_price", "realized_pnl", "opened_at", "closed_at", "r_multiple"}
    assert all(fields <= set(trip) and trip["r_multiple"] is None for trip in closed)
    week = report["seven_days"]
    assert week["total_trades"] >= week["wins"] > 0 and week["return_pct"] is not None
    visitor = desk.visitor()
    visitor.log_in("carol", desk.pins["carol"])
    page = parts_of_page(visitor.get(f"/reports/daily/{day}").html)
    shown = [row for row in page["Closed today"] if row[0] == "AAPL"][0]
    assert money(closed[0]["realized_pnl"])[0] in shown and "no stop given" in shown
    sent = [mail for mail in desk.mail.about("Daily summary")]
    assert sent, "the days that were missed were made up for"
    for mail in sent:
        day = mail["Subject"].split()[-1]
        page = parts_of_page(visitor.get(f"/reports/daily/{day}").html)
        mailed = parts_of_page(html_text(mail))
        assert len(mailed) > 4 and set(mailed) <= set(page)
        for title, rows in mailed.items():
            assert [plain_words(row) for row in rows] == page[title], (day, title)


def test_reports_at_the_command_line(looking_back):
    """A screenful each, the same numbers as the interface tells, checks in words, and no questions: they are the review's."""
    desk = looking_back
    date = str(LAST + datetime.timedelta(days=1))
    for kind, period in (("daily", date), ("weekly", WEEK)):
        told = desk.api("read").read(f"/reports/{kind}/{period}")
        printed = desk.client("report", kind, period, "--json", key=desk.tokens["carol"]).json
        assert {**printed, "as_of": None} == {**told, "as_of": None}
        text = desk.client("report", kind, period, key=desk.tokens["carol"]).out
        lines = text.splitlines()
        assert len(lines) < 40 and all(len(line) <= 130 for line in lines), text
        blocked = {each["code"] for each in told["decisions"]["blocked_by"]}
        assert blocked and not any(code in text for code in blocked) and "repeated proposals" in text
        assert not any(word in text for word in ("null", "None", "Optional"))
        assert f"/reports/{kind}/{period}" in lines[-1]
        if kind == "daily":
            assert money(told["ending_value"])[0] in text and "AAPL" in text and "−$57" in text
        else:
            assert money(told["performance"]["ending_value"])[0] in text and f"countersign review {WEEK}" in text
            assert "win rate?" not in text and "By strategy" in text
    desk.client("report", "daily", "yesterday", key=desk.tokens["carol"], code=1)
    desk.client("report", "weekly", WEEK, key=desk.keys["propose"], code=3)


def test_the_mail_carries_its_charts(looking_back):
    mail = wait_for(looking_back.mail, f"Weekly review, {WEEK}")
    soup = BeautifulSoup(html_text(mail), "html.parser")
    shown = {image["src"].removeprefix("cid:"): image["alt"] for image in soup.find_all("img")}
    parts = {part["Content-ID"].strip("<>"): part for part in mail.walk() if part.get_content_type() == "image/png"}
    assert set(shown) == set(parts) and len(parts) == 3, (shown, parts)
    for name, part in parts.items():
        picture = Image.open(io.BytesIO(part.get_content()))
        assert picture.width >= 1200 and len(set(picture.convert("L").resize((60, 30)).getdata())) > 3, name
        assert part.get_content_disposition() == "inline" and "table has the numbers" in shown[name]
    assert mail.get_content_type() == "multipart/alternative"


def test_the_mail_fits_a_phone(looking_back, full_browser):
    """Nothing to scroll sideways, not even a table: every letter of it lies within the window."""
    desk = looking_back
    mail = wait_for(desk.mail, f"Weekly review, {WEEK}")
    html = html_text(mail)
    assert "<style" not in html
    for part in mail.walk():
        if part.get_content_type() == "image/png":
            picture = base64.b64encode(part.get_content()).decode()
            html = html.replace("cid:" + part["Content-ID"].strip("<>"), f"data:image/png;base64,{picture}")
    address = desk.file("mail.html", html).as_uri()
    reader = Reader(full_browser, desk)
    for size, room in ((PHONE, "phone"), (DESKTOP, "desktop")):
        for dark in (False, True):
            reader.resize(size).light(dark).driver.get(address)
            wide = reader.driver.execute_script(
                """return [...document.body.querySelectorAll('*')].filter(node => node.scrollWidth > node.clientWidth + 1
                       && node.clientWidth > 0 || node.getBoundingClientRect().right > window.innerWidth + 1)
                   .map(node => node.outerHTML.slice(0, 120))"""
            )
            assert wide == [], wide
            assert reader.widths()[0] <= size[0], reader.widths()
            reader.picture(f"{room}-mail-weekly" + ("-dark" if dark else ""))


def test_charts_are_shown_to_who_may_read_the_report(looking_back):
    desk = looking_back
    address = f"{desk.url}/reports/weekly/{WEEK}/equity.svg"
    stranger = requests.get(address, allow_redirects=False, timeout=30)
    assert stranger.status_code == 303 and "svg" not in stranger.text
    visitor = desk.visitor()
    visitor.log_in("carol", desk.pins["carol"])
    light, dark = (visitor.session.get(address + query, timeout=60) for query in ("", "?shade=dark"))
    assert light.headers["Content-Type"] == dark.headers["Content-Type"] == "image/svg+xml"
    assert light.text != dark.text and "Equity" in light.text and "<script" not in light.text
    assert visitor.session.get(f"{desk.url}/reports/weekly/{WEEK}/passwd.svg", timeout=30).status_code == 404
    assert visitor.session.get(address + "?shade=%60id%60", timeout=30).status_code == 422


def test_a_report_goes_out_without_the_plotting_program(desks):
    """Where it is missing the report says so, on the page and in the mail."""
    desk = desks().set_up()
    write_past(desk.database, 8)
    desk.start_broker()
    desk.start_server(COUNTERSIGN_PLOT_PROGRAM="/nonexistent/gnuplot")
    mail = wait_for(desk.mail, f"Weekly review, {WEEK}", 120)
    assert not [part for part in mail.walk() if part.get_content_maintype() == "image"]
    assert "The chart could not be drawn" in html_text(mail)
    visitor = desk.visitor()
    visitor.log_in("alice", desk.pins["alice"])
    page = visitor.get(f"/reports/weekly/{WEEK}")
    assert "There is no chart" in page.text and not page.soup.select("figure.chart")


def test_servers_that_come_back_make_up_for_what_was_missed_once(desks):
    """Two servers start after days without any: each report is made and sent once, the oldest first."""
    desk = desks().set_up()
    desk.command("policy", "apply", desk.file("shared.json", {"preset": "guarded-5k", "reports": {"routes": [{"shared": True}]}}))
    write_past(desk.database, 8)
    desk.start_broker()
    port, newest = free_port(), newest_due_week()
    desk.start_server()
    desk.start_server("second", port)
    with desk.database.connect() as session:

        def rows(query):
            return session.execute(query).fetchall()

        # The newest week is the last that is made, each in a transaction of its own.
        wait_until(
            lambda: rows(f"SELECT FROM reports WHERE kind = 'weekly' AND period = '{week_name(newest)}'"),
            "the reports that were missed",
            120,
        )
        made = rows("SELECT data::jsonb ->> 'kind', data::jsonb ->> 'period' FROM journal WHERE kind = 'report.made' ORDER BY id")
        kept = rows("SELECT kind, period FROM reports ORDER BY kind, period")
        sent = rows("SELECT subject, count(*), count(DISTINCT channel_id) FROM deliveries WHERE subject LIKE 'report:%' GROUP BY 1")
    assert len(made) == len(set(made)) and sorted(made) == kept
    for kind in ("daily", "weekly"):
        periods = [period for each, period in made if each == kind]
        assert periods == sorted(periods), "the oldest first"
    weeks = [period for kind, period in kept if kind == "weekly"]
    assert weeks[-1] == week_name(newest) and 2 <= len(weeks) <= 4 and CLOSED in weeks
    assert sum(kind == "daily" for kind, _ in kept) >= 5
    # The route names the two channels that belong to nobody, and not alice's mail.
    assert {(subject, messages, channels) for subject, messages, channels in sent} == {
        (f"report:{kind}:{period}", 2, 2) for kind, period in kept
    }
    assert not desk.mail.about("Weekly review")
    visitor = desk.visitor()
    visitor.log_in("carol", desk.pins["carol"])
    assert "every report to channels that belong to nobody" in visitor.get("/settings/policy").text


def save(desk, name, answers, week=WEEK, versions=None, status=200):
    versions = versions or {}
    body = [{"number": n, "answer": text, "version": versions.get(n, 0)} for n, text in answers.items()]
    return desk.api(name).request("POST", f"/api/v1/reviews/{week}/answers", {"answers": body}), status


def test_words_of_two_people_at_once_are_kept(looking_back):
    """Of many who save at once, one is first; everybody else is told by whom they were overtaken, and may save again."""
    desk = looking_back
    results = []

    def write(name):
        answer, _ = save(desk, name, {7: f"{name} thinks so."})
        results.append((name, answer))

    threads = [threading.Thread(target=write, args=(name,)) for name in ("alice", "bob", "oscar", "ada")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winners = [name for name, answer in results if answer.status_code == 200]
    assert len(winners) == 1, results
    for name, answer in results:
        if name not in winners:
            told = problem(answer, 409)
            assert told["answers"][0]["by"] == winners[0] and told["answers"][0]["answer"] == f"{winners[0]} thinks so."
    loser = next(name for name, _ in results if name not in winners)
    assert save(desk, loser, {7: ANSWERS[7]}, versions={7: 1})[0].status_code == 200
    review = desk.api("read").read(f"/reviews/{WEEK}")
    assert [each["by"] for each in review["questions"][6]["revisions"]] == [winners[0], loser]


def test_the_review_on_its_page(looking_back, plain_browser):
    desk = looking_back
    reader = Reader(plain_browser, desk, DESKTOP)
    reader.log_in("oscar").open(f"/reviews/{CLOSED}")
    for number, text in ANSWERS.items():
        reader.fill(f"#answer_{number}", text)
    reader.press("button[value=answer]")
    assert "Close the week" in reader.text
    for size, room in ((PHONE, "phone"), (DESKTOP, "desktop")):
        for dark in (False, True):
            reader.resize(size).light(dark).picture(f"{room}-review" + ("-dark" if dark else ""))
        page, window = reader.widths()
        assert page <= window
    reader.find("#decision-continue").click()
    reader.fill("#pin", "0000000000").press("button[value=sign]")
    assert "Wrong PIN" in reader.text and reader.find("#decision-continue").is_selected()
    reader.fill("#pin", desk.pins["oscar"]).press("button[value=sign]")
    assert "Continue, decided by oscar" in reader.text and not reader.has("textarea")
    reader.picture("desktop-review-closed")


def test_signing_at_the_command_line(looking_back):
    """Wrong PIN, wrong person, stale code, then right; a second time is refused; Stop halts trading."""
    desk = looking_back
    answered = desk.api("read").read(f"/reviews/{WEEK}")["questions"]
    versions = {each["number"]: each.get("version", 0) for each in answered}
    assert save(desk, "alice", ANSWERS, versions=versions)[0].status_code == 200
    review = desk.client("review", WEEK, "--json", key=desk.tokens["carol"]).json
    shown = desk.client("review", WEEK, key=desk.tokens["carol"]).out
    assert ANSWERS[9] in shown and review["check_code"] in shown
    code = review["check_code"]
    sign = ("review", "sign", WEEK, "--decision", "stop", "--check-code", code, "--pin-stdin")
    pin = desk.pins["oscar"]
    assert pin not in str(sign)
    desk.client(*sign, key=desk.tokens["carol"], stdin=desk.pins["carol"], code=3)
    desk.client(*sign, key=desk.tokens["alice"], stdin=desk.pins["alice"], code=3)
    desk.client(*sign, key=desk.tokens["oscar"], stdin="1111111111", code=1)
    stale = [word if word != code else "000000" for word in sign]
    desk.client(*stale, key=desk.tokens["oscar"], stdin=pin, code=3)
    assert desk.api("read").read("/trading/status")["trading_state"] == "active"
    pending = desk.propose("NVDA")
    assert "Stop" in desk.client(*sign, key=desk.tokens["oscar"], stdin=pin).out
    desk.client(*sign, key=desk.tokens["ada"], stdin=desk.pins["ada"], code=3)
    status = desk.api("read").read("/trading/status")
    assert status["trading_state"] == "halted" and status["halts"][0]["cause"] == "review"
    assert desk.api("read").proposal(pending["id"])["state"] == "cancelled"
    problem(save(desk, "alice", {7: "Later."}, versions={7: 9})[0], 409)
    kinds = {"review.answered", "review.revised", "review.signed", "halt.opened"}
    with desk.database.connect() as session:
        found = {row[0] for row in session.execute("SELECT DISTINCT kind FROM journal")}
    assert kinds <= found, found


def test_the_database_refuses_with_the_applications_own_role(looking_back):
    desk = looking_back
    week = desk.api("read").read(f"/reviews/{CLOSED}")
    assert week["state"] == "closed"
    with desk.database.connect() as session:
        session.execute("SET ROLE countersign_app") if has_role(session) else None
        for statement, code in (
            (
                f"""INSERT INTO review_answers (week, question, version, answer, user_id)
                    SELECT '{CLOSED}', 7, 2, 'x', id FROM users WHERE name = 'ada'""",
                "CS050",
            ),
            (
                f"""INSERT INTO review_signatures (week, decision, review_hash, user_id, method)
                    SELECT '{CLOSED}', 'continue', '{"0" * 64}', id, 'pin' FROM users WHERE name = 'ada'""",
                "CS050",
            ),
            ("UPDATE review_answers SET answer = 'x'", None),
            ("UPDATE review_signatures SET decision = 'adjust'", None),
            ("DELETE FROM review_signatures", None),
            ("UPDATE reports SET document = '{}'", None),
        ):
            with pytest.raises(psycopg.Error) as refused:
                session.execute(statement)
            assert refused.value.sqlstate == code or (code is None and refused.value.sqlstate in ("CS001", "42501"))


def has_role(session):
    return session.execute(
        """SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = 'countersign_app'
           AND pg_has_role(current_user, oid, 'MEMBER'))"""
    ).fetchone()[0]


def entry(proposal, bars, first):
    """Where a buy for the day would have been entered, and at what price: the rule once more, in other words."""
    if proposal["type"] == "market":
        bar = next((bar for bar in bars if first <= bar["day"] <= first + datetime.timedelta(days=30)), None)
        return bar and (bar, bar["o"])
    bar = next((bar for bar in bars if bar["day"] == first), None)
    if bar is None:
        return None
    if proposal["type"] in ("stop", "stop_limit") and bar["h"] < proposal["trigger"]:
        return None
    if proposal["type"] == "stop":
        return bar, max(bar["o"], proposal["trigger"])
    return (bar, proposal["limit"]) if bar["l"] <= proposal["limit"] else None


def settle(proposal, bars, first, covered):
    """What a proposal would have made. None where it is not known yet."""
    entered = entry(proposal, bars, first)
    is_market = proposal["type"] == "market"
    if entered is None:
        last_try = first + datetime.timedelta(days=30 if is_market else 0)
        return ("not_entered", None) if covered >= last_try else None
    bar, price = entered
    if bar["l"] <= proposal["stop"]:
        return "stop", (min(price, proposal["stop"]) - price) * proposal["qty"]
    if is_market and bar["h"] >= proposal["target"]:
        return "target", (max(price, proposal["target"]) - price) * proposal["qty"]
    last_day = bar["day"] + datetime.timedelta(days=30)
    after = [each for each in bars if bar["day"] < each["day"] <= last_day]
    for each in after:
        if each["l"] <= proposal["stop"]:
            return "stop", (min(each["o"], proposal["stop"]) - price) * proposal["qty"]
        if each["h"] >= proposal["target"]:
            return "target", (proposal["target"] - price) * proposal["qty"]
    if covered < last_day:
        return None
    return "time", ((after or [bar])[-1]["c"] - price) * proposal["qty"]


def first_day(calendar, kind, created, decided):
    """The first session that ends after it was made; for one at the market the first that opens after it was decided."""
    sessions = calendar.sessions_in_range(created.date(), created.date() + datetime.timedelta(9))
    if kind == "market":
        return next(each.date() for each in sessions if calendar.session_open(each) >= pandas.Timestamp(decided))
    minute = pandas.Timestamp(created) - pandas.Timedelta(minutes=5)
    return next(each.date() for each in sessions if calendar.session_close(each) >= minute)


def looked_back_on(desk):
    """What was not traded: how each would have ended by the rule here and as the server has it, and the bars of each symbol.

    None while there is more to come: the server settles one symbol after the other, each by itself.
    """
    with desk.database.connect() as session:
        session.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        rows = session.execute(
            """SELECT p.symbol, p.created_at, p.decided_at, p.type, p.qty, p.limit_price, p.stop_price,
                   p.stop_loss_stop_price, p.take_profit_limit_price, p.state, h.outcome, h.pnl
               FROM proposals p LEFT JOIN hindsights h ON h.proposal_id = p.id
               WHERE p.client_order_id LIKE 'cs-past-%'"""
        ).fetchall()
        covered = dict(session.execute("SELECT symbol, covered_until FROM bar_series").fetchall())
        stored = session.execute("SELECT symbol, day, open, high, low, close FROM daily_bars ORDER BY day").fetchall()
    if set(covered) != {row[0] for row in rows} or None in covered.values():
        return None
    bars = {symbol: [] for symbol in covered}
    for symbol, day, o, h, l, c in stored:
        bars[symbol].append(dict(day=day, o=o, h=h, l=l, c=c))
    calendar = exchange_calendars.get_calendar("XNYS")
    judged = []
    for symbol, created, decided, kind, qty, limit, trigger, stop, target, state, outcome, pnl in rows:
        first = first_day(calendar, kind, created, decided)
        proposal = {"type": kind, "qty": qty, "limit": limit, "trigger": trigger, "stop": stop, "target": target}
        expected = settle(proposal, bars[symbol], first, covered[symbol]) or (None, None)
        if expected[0] and not outcome:
            return None
        judged.append(((symbol, kind, created, first), state == "released", expected, (outcome, pnl)))
    return judged, bars


def test_what_was_not_traded_is_judged_on_the_brokers_bars(looking_back):
    """Asked for by the server, brought by the worker, settled, and equal to what the rule gives on the same bars here."""
    desk = looking_back
    judged, bars = wait_until(lambda: looked_back_on(desk), "bars came and all whose end they tell is settled", 180)
    figures = desk.api("read").read("/reports/weekly/current")["hindsight"]
    assert len(judged) == 128
    headers = {"APCA-API-KEY-ID": "PKACCEPTANCE", "APCA-API-SECRET-KEY": desk.broker_secret()}
    told = requests.get(
        f"{desk.simulator}/v2/stocks/bars",
        params={"symbols": ",".join(bars), "timeframe": "1Day", "start": "2020-01-01"},
        headers=headers,
        timeout=30,
    ).json()["bars"]
    for symbol, known in bars.items():
        assert {str(bar["day"]) for bar in known} <= {each["t"][:10] for each in told[symbol]}
    for which, _, expected, known in judged:
        assert known == expected, (which, expected)
    outcomes = {known[0] for *_, known in judged}
    kinds = {(which[1], is_released) for which, is_released, *_ in judged}
    assert {"not_entered", "stop"} <= outcomes, outcomes
    assert {kind for kind, _ in kinds} == {"limit", "market", "stop", "stop_limit"} and len(kinds) > 6, kinds
    entered = [pnl for *_, (_, pnl) in judged if pnl is not None]
    assert figures["total"]["entered"] == len(entered) and figures["total"]["won"] == sum(p > 0 for p in entered)
    if len(entered) >= figures["sample_limit"]:
        assert float(figures["total"]["total"]) == pytest.approx(float(sum(entered)))
    else:
        assert figures["total"]["total"] is None and figures["total"]["standing"] == "insufficient"
