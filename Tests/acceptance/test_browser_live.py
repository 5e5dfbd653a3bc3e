"""Pages that stay open while something happens elsewhere."""

import requests

from harness.browser import DESKTOP, PHONE, Reader


def opened(driver, desk, proposal, size=DESKTOP, who="alice"):
    reader = Reader(driver, desk, size)
    reader.log_in(who)
    return reader.open(f"/proposals/{proposal['id']}")


def test_a_decision_elsewhere_takes_the_form_away(desk, full_browser):
    proposal = desk.propose("META")
    reader = opened(full_browser, desk, proposal)
    reader.fill("[name=comment]", "still thinking")
    desk.api("bob").decide(proposal, "reject", comment="I was first")
    reader.wait(lambda: not reader.has("#decision"), "the form goes")
    assert "Rejected by bob" in reader.text and "I was first" in reader.text
    assert "nothing left to decide" in reader.text and "What you typed was not sent" in reader.text
    assert "Rejected by bob" in reader.find("#announce").get_attribute("textContent")
    assert not reader.has(".tobar") and not reader.complaints()


def test_what_is_typed_stays_while_the_page_changes(desk, full_browser):
    proposal, other = desk.propose("META"), desk.propose("AMD")
    reader = opened(full_browser, desk, proposal)
    reader.run("document.querySelector('#decision details').open = true")
    reader.fill("[name=comment]", "half a thought").fill("[name=qty]", "2")
    reader.run("window.unchanged = document.querySelector('[name=comment]')")
    desk.api("bob").decide(other, "reject")
    halt = desk.api("operate").send(
        "/halts", {"scope": "symbol", "target": "META", "reason": "a look at the news"}, status=(200, 201)
    )
    try:
        reader.wait(lambda: not reader.has("#decision"), "a halt cancels what waits")
        assert "Cancelled because trading was stopped" in reader.text
    finally:
        desk.api("oscar").send(f"/halts/{halt.get('id') or halt['halt']['id']}/clear", {"reason": "seen"})

    third = desk.propose("META")
    reader.open(f"/proposals/{third['id']}")
    reader.fill("[name=comment]", "half a thought")
    reader.run("window.unchanged = document.querySelector('[name=comment]')")
    newest = desk.propose("AMD", timeout_minutes=6)
    reader.wait(lambda: f"/proposals/{newest['id']}" in reader.driver.page_source, "the new one is listed")
    assert reader.run("return window.unchanged === document.querySelector('[name=comment]')")
    assert reader.find("[name=comment]").get_attribute("value") == "half a thought"


def test_the_receipt_follows_the_order(desk, full_browser):
    proposal = desk.propose("META")
    reader = opened(full_browser, desk, proposal, PHONE)
    reader.press("button[name=verdict][value=approve]")
    reader.wait_text("3 of 3")
    reader.wait(lambda: not reader.has("#revoke"), "what is sent cannot be taken back")


def test_the_inbox_shows_what_comes_and_goes(desk, full_browser):
    reader = Reader(full_browser, desk, DESKTOP)
    reader.log_in("bob")
    proposal = desk.propose("TSLA")
    card = f"a[href='/proposals/{proposal['id']}']"
    reader.wait(lambda: reader.has(card), "the new proposal is shown")
    desk.api("alice").decide(proposal, "reject")
    reader.wait(lambda: not reader.has(card), "the decided proposal goes")
    assert not reader.complaints()


def test_time_runs_out_while_the_page_is_open(desk, browsers):
    without, scripted = browsers("without"), browsers("with scripts")
    proposal = desk.propose("AMD", timeout_minutes=1)
    plain = opened(without, desk, proposal, PHONE)
    reader = opened(scripted, desk, proposal)
    left = reader.find("#ticket time").text
    reader.wait(lambda: reader.find("#ticket time").text != left, "the time counts down")
    reader.fill("[name=comment]", "nearly there")
    desk.wait_state(proposal["id"], "expired", 90)
    reader.wait(lambda: not reader.has("#decision"), "the form goes")
    assert "Expired: nobody answered in time" in reader.text and "rejected" not in reader.text.lower()
    plain.press("button[name=verdict][value=approve]")
    assert "did not count" in plain.text and "Expired: nobody answered" in plain.text
    assert not plain.has("button[name=verdict]")
    assert desk.api("read").proposal(proposal["id"])["decisions"] == []


def test_a_lost_connection_is_said(own_desk, full_browser):
    desk = own_desk
    proposal = desk.propose("META")
    reader = opened(full_browser, desk, proposal)
    reader.wait(lambda: reader.run("return document.readyState") == "complete", "loaded")
    desk.processes["server"].stop()
    reader.wait_text("may be out of date")
    desk.start_server()
    reader.wait(lambda: not reader.find("#stale").is_displayed(), "the page is up to date again")
    full_browser.get_log("browser")


def test_streams_end_with_the_session_and_are_few(desk):
    visitor = desk.visitor()
    visitor.log_in("carol", desk.pins["carol"])
    streams = []
    try:
        for _ in range(12):
            streams.append(visitor.session.get(desk.url + "/live", stream=True, timeout=60))
        assert [each.status_code for each in streams] == [200] * 12
        assert visitor.session.get(desk.url + "/live", timeout=10).status_code == 429
        form = next(form for form in visitor.get("/").forms if form.action.endswith("/logout"))
        held = streams.pop()
        visitor.submit(form)
        list(held.iter_content(1024))  # ends by itself, or the time limit fails the test
    finally:
        for each in streams:
            each.close()
    assert requests.get(desk.url + "/live", timeout=10).status_code == 401


def test_streams_of_the_interface_end_with_the_key(desk):
    key = desk.create_key("read", "short-lived")
    stream = requests.get(
        desk.url + "/api/v1/events", headers={"Authorization": f"Bearer {key}"}, stream=True, timeout=60
    )
    assert stream.status_code == 200
    desk.command("key", "revoke", "short-lived")
    proposal = desk.propose("AMD")
    told = b"".join(stream.iter_content(1024))  # ends by itself, or the time limit fails the test
    assert proposal["id"].encode() not in told, "a revoked key still hears of proposals"


def test_alerts_come_and_go_and_the_menu_counts_them(desk, full_browser):
    def counted():
        return int(reader.find("#alert-count").get_attribute("textContent").split()[0] or 0)

    def alert(title):
        return desk.api("alert").send("/alerts", {"type": "feed_late", "title": title}, 201)

    first = alert("The first feed is late")
    reader = Reader(full_browser, desk, DESKTOP).log_in("alice").open("/alerts")
    reader.fill("#type", "half a wo")
    before = counted()
    second = alert("The second feed is late")
    reader.wait_text("The second feed is late")
    # Others may be raised on this desk meanwhile.
    reader.wait(lambda: counted() > before, "the menu counts it")
    assert reader.find("#type").get_attribute("value") == "half a wo"
    assert "for somebody to take note" in reader.find("#announce").get_attribute("textContent")
    for each in (first, second):
        desk.api("bob").send(f"/alerts/{each['id']}/ack", {"comment": f"on {each['title']}"}, 200)
    reader.wait_text("on The second feed is late")

    reader.open("/")
    third = alert("The third feed is late")
    reader.wait_text("to take note")
    desk.api("alert").send(f"/alerts/{third['id']}/resolve", {}, 200)
    reader.wait(lambda: "The third" not in reader.text, "it is over")
    for each in (first, second):
        desk.api("alert").send(f"/alerts/{each['id']}/resolve", {}, 200)
    assert not reader.complaints()


def test_the_page_of_risk_follows_what_waits_and_what_is_stopped(desk, full_browser):
    def set_aside():
        return reader.find("#risk .figures div:nth-child(4) strong").text

    reader = Reader(full_browser, desk, DESKTOP).log_in("alice").open("/risk")
    before = set_aside()
    proposal = desk.propose("META")
    reader.wait(lambda: set_aside() != before, "what waits is set aside")
    meanwhile = set_aside()
    halt = desk.api("operate").send(
        "/halts", {"scope": "symbol", "target": "META", "reason": "a look at the news"}, status=(200, 201)
    )
    reader.wait(lambda: reader.has("#halted .halted"), "the stop is shown")
    reader.wait(lambda: set_aside() != meanwhile, "a cancelled proposal needs nothing any more")
    desk.api("oscar").send(f"/halts/{halt.get('id') or halt['halt']['id']}/clear", {"reason": "seen"})
    reader.wait(lambda: not reader.has("#halted .halted"), "it is over")
    assert desk.api("alice").proposal(proposal["id"])["state"] == "cancelled"
    assert not reader.complaints()
