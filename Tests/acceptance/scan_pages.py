"""wapiti against the pages: as a stranger and as two people, on a desk with trades of every kind."""

import argparse
import json
import os
import subprocess
import sys
from collections import Counter

from harness.database import DatabaseServer
from harness.desk import Desk

# What needs a helper on the Internet (ssrf, xxe, log4shell, ...) is left out, and what looks for products of others.
MODULES = (
    "backup,cookieflags,crlf,csp,csrf,exec,file,htaccess,http_headers,methods,permanentxss,redirect,shellshock,"
    "sql,timesql,upload,xss"
)
# What it says of every page and is not so, and why.
EXPLAINED = {
    "Secure Flag cookie": "the scan is over plain HTTP on loopback; over https the flag is set",
    "HTTP Strict Transport Security (HSTS)": "said over plain HTTP, where browsers ignore it",
    "Cross Site Request Forgery": "it knows tokens by their names, and ours is called nonce; EveryRouteTests proves it",
}


def is_explained(category, item):
    return category in EXPLAINED and ("Forgery" not in category or "nonce=" in item["http_request"])


def scan(desk, name, cookies, seconds):
    """The findings of one scan."""
    report = desk.directory / f"wapiti-{name}.json"
    command = [os.environ["WAPITI"], "-u", desk.url + "/", "--scope", "domain", "-m", MODULES, "-l", "2"]
    command += ["--flush-session", "--store-session", str(desk.directory / f"wapiti-{name}"), "--no-bugreport"]
    command += ["--store-config", str(desk.directory / "wapiti-config"), "-f", "json", "-o", str(report)]
    command += ["--max-scan-time", "120", "--max-attack-time", str(seconds), "--tasks", "8", "-d", "6"]
    command += ["-x", desk.url + "/logout", "--max-links-per-page", "60", "-v", "1", "--verify-ssl", "0"]
    for path in ("/", "/login", "/history", "/halts", "/settings", "/settings/people", "/settings/keys", "/deliveries"):
        command += ["-s", desk.url + path]
    if cookies:
        command += ["-C", "; ".join(f"{cookie.name}={cookie.value}" for cookie in cookies), "--drop-set-cookie"]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=3600, cwd=desk.directory, env=os.environ | {"HOME": str(desk.directory)}
    )
    if not report.exists():
        raise SystemExit(f"wapiti said nothing: {done.stdout[-2000:]} {done.stderr[-2000:]}")
    document = json.loads(report.read_text())
    found = []
    for kind in ("vulnerabilities", "anomalies"):
        for category, items in document[kind].items():
            found += [(kind, category, item) for item in items]
    return found, document["infos"]


def main():
    parser = argparse.ArgumentParser(prog="ops/wapiti")
    parser.add_argument("--seconds", type=int, default=30)
    options = parser.parse_args()
    server = DatabaseServer()
    desk, left = Desk(server.create()).set_up(), []
    try:
        desk.start()
        done = desk.propose("AAPL")
        desk.approve(done)
        waiting = [desk.propose(symbol, rationale="<b>why</b> not") for symbol in ("META", "NVDA", "TSLA")]
        before = [desk.api("read").proposal(each["id"])["state"] for each in waiting]
        for name in (None, "alice", "ada"):
            visitor = desk.visitor()
            if name:
                visitor.log_in(name, desk.pins[name])
            found, infos = scan(desk, name or "stranger", list(visitor.session.cookies) if name else [], options.seconds)
            print(f"as {name or 'a stranger'}: {infos.get('crawled_pages_nbr')} pages, {len(found)} findings", flush=True)
            for category, count in Counter(category for _, category, _ in found).items():
                print(f"  {category}: {count} ({EXPLAINED.get(category, 'not explained')})", flush=True)
            left += [(name, category, item) for _, category, item in found if not is_explained(category, item)]
        after = [desk.api("read").proposal(each["id"])["state"] for each in waiting]
        desk.scan_logs()
        log = (desk.directory / "server.log").read_text()
        faults = [line for line in log.splitlines() if '"level":"error"' in line]
    finally:
        desk.close()
        server.close()
    for name, category, item in left[:20]:
        print(f"{name}: {category}: {item['method']} {item['path']} {item.get('parameter')}: {item['info'][:300]}")
    print(f"proposals before {before}, after {after}; errors in the log: {len(faults)}", *faults[:5], sep="\n")
    sys.exit(1 if left or before != after or faults else 0)


if __name__ == "__main__":
    main()
