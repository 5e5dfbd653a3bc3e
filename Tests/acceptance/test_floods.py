"""Clients that mean ill, or are slow: whatever they do with their connections, somebody who asks properly is answered."""

import resource
import socket
import threading
import time

import pytest
import requests

from harness.waiting import wait_until


@pytest.fixture(scope="module")
def stormy(desks):
    """A server of its own, with nothing around it."""
    desk = desks().set_up(channels=False)
    desk.start_server()
    return desk


def is_answered(desk, seconds=30):
    answer = requests.get(desk.url + "/readyz", timeout=seconds)
    proposals = requests.get(
        desk.url + "/api/v1/proposals",
        headers={"Authorization": f"Bearer {desk.keys['read']}"},
        timeout=seconds,
    )
    return (answer.status_code, proposals.status_code) == (200, 200)


def connect(desk):
    return socket.create_connection(("127.0.0.1", desk.port), timeout=30)


def answer_of(link):
    """Everything until the server closes, or has nothing more to say."""
    link.settimeout(120)
    told = b""
    try:
        while data := link.recv(65536):
            told += data
            if b"\r\n\r\n" in told and b"Connection: close" not in told:
                break
    except (TimeoutError, ConnectionError):
        pass
    return told


HEAD = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n"
FLOODS = {
    "thousands of headers": HEAD + b"".join(b"X-%d: a\r\n" % n for n in range(20_000)) + b"\r\n",
    "one endless header": HEAD + b"X-Long: " + b"a" * 2_000_000 + b"\r\n\r\n",
    "an endless name": HEAD + b"X" * 2_000_000 + b": a\r\n\r\n",
    "an endless path": b"GET /" + b"a" * 2_000_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    "an endless query": b"GET /healthz?" + b"a=1&" * 500_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    "thousands of cookies": HEAD + b"Cookie: " + b"a=b; " * 200_000 + b"\r\n\r\n",
    "two lengths": HEAD.replace(b"GET", b"POST") + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "a length and chunks": HEAD.replace(b"GET", b"POST")
    + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /metrics HTTP/1.1\r\n\r\n",
    "a length below nought": HEAD.replace(b"GET", b"POST") + b"Content-Length: -1\r\n\r\n",
    "a length beyond reason": HEAD.replace(b"GET", b"POST") + b"Content-Length: 99999999999999999999\r\n\r\n",
    "no protocol": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500) + b"\r\n\r\n",
    "nothing but line ends": b"\r\n" * 100_000,
    "bare carriage returns": HEAD.replace(b"\r\n", b"\r") + b"\r\r",
    "a NUL in a header": HEAD + b"X-Nul: a\x00b\r\n\r\n",
    "a NUL in the path": b"GET /health\x00z HTTP/1.1\r\nHost: x\r\n\r\n",
    "another version": b"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
    "two hosts": HEAD + b"Host: evil.example\r\n\r\n",
}


@pytest.mark.parametrize("flood", FLOODS)
def test_a_request_that_is_none_harms_nobody(stormy, flood):
    links = [connect(stormy) for _ in range(8)]
    for link in links:
        try:
            link.sendall(FLOODS[flood])
        except (ConnectionError, TimeoutError):
            pass
    for link in links:
        try:
            link.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        status = answer_of(link)[9:12]
        assert not status.startswith(b"5") or status in (b"501", b"505"), status
        link.close()
    assert is_answered(stormy)


def drip(link, stopping):
    """A head that never ends, a byte at a time."""
    for byte in b"POST /api/v1/proposals HTTP/1.1\r\nHost: x\r\nX-Slow: " + b"a" * 10_000:
        if stopping.wait(0.5):
            return
        try:
            link.send(bytes([byte]))
        except OSError:
            return


def test_slow_requests_hold_up_nobody(stormy):
    links, stopping = [connect(stormy) for _ in range(150)], threading.Event()
    threads = [threading.Thread(target=drip, args=(link, stopping), daemon=True) for link in links]
    for thread in threads:
        thread.start()
    try:
        for _ in range(20):
            assert is_answered(stormy)
    finally:
        stopping.set()
        for thread in threads:
            thread.join(30)
        for link in links:
            link.close()
    assert is_answered(stormy)


def test_a_body_that_never_comes_holds_up_nobody(stormy):
    head = (
        f"POST /api/v1/proposals HTTP/1.1\r\nHost: 127.0.0.1:{stormy.port}\r\n"
        f"Authorization: Bearer {stormy.keys['propose']}\r\nContent-Length: 900000\r\n\r\n{{"
    ).encode()
    links = [connect(stormy) for _ in range(150)]
    for link in links:
        link.sendall(head)
    for _ in range(10):
        assert is_answered(stormy)
    for link in links:
        link.close()
    assert is_answered(stormy)
    assert stormy.api("read").read("/proposals")["items"] == []


def test_half_closed_connections_are_ended(stormy):
    """Whoever will send no more is answered or let go, in the middle of a request and after it; nothing stays behind."""
    for said in (HEAD + b"\r\n", HEAD + b"\r\n" + HEAD, b"GET /healthz HTTP/1.1\r\nHo", b"\x00", b""):
        links = [connect(stormy) for _ in range(100)]
        for link in links:
            link.sendall(said)
            link.shutdown(socket.SHUT_WR)
        for link in links:
            answer = answer_of(link)
            assert not answer or answer.startswith((b"HTTP/1.1 200 ", b"HTTP/1.1 400 ")), answer[:100]
            link.close()
        assert is_answered(stormy)


def test_answers_that_nobody_reads_hold_up_nobody(stormy):
    """Big answers asked for, again and again, and never taken."""
    links = []
    for _ in range(60):
        link = connect(stormy)
        link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        link.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 20)
        links.append(link)
    for _ in range(10):
        assert is_answered(stormy)
    for link in links:
        link.close()
    assert is_answered(stormy)


def resident(stormy):
    pid = stormy.processes["server"].child.pid
    with open(f"/proc/{pid}/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))


def test_ten_thousand_idle_connections(stormy):
    """Whoever asks properly is answered while they stand, and afterwards; each costs some kilobytes at most."""
    wanted = 10_000
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < wanted + 1000:
        pytest.skip(f"this machine allows {hard} open files")
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted + 1000, hard))
    before, links, turned_away = resident(stormy), [], 0
    try:
        for _ in range(wanted):
            try:
                links.append(connect(stormy))
            except OSError:
                turned_away += 1
            if len(links) % 1000 == 0:
                assert is_answered(stormy, 60)
        assert is_answered(stormy, 60)
        print(f"{len(links)} connections, {turned_away} turned away, {resident(stormy) - before} KiB more")
        assert resident(stormy) - before < 200 * 1024
    finally:
        for link in links:
            link.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    wait_until(lambda: is_answered(stormy, 60), "the server answers afterwards")
