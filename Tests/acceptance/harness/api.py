"""The HTTP interface as a bot, a worker or a script uses it."""

import uuid

import requests


class Api:
    """Requests with one key (or none); every answer is searched for secrets."""

    def __init__(self, base, key=None, watch=None):
        self.base, self.key, self.watch = base, key, watch
        self.session = requests.Session()

    def request(self, method, path, body=None, headers=None, raw=None, timeout=30, **options):
        headers = dict(headers or {})
        if self.key:
            headers.setdefault("Authorization", f"Bearer {self.key}")
        if raw is not None:
            headers.setdefault("Content-Type", "application/json")
            options["data"] = raw
        elif body is not None:
            options["json"] = body
        url = path if path.startswith("http") else self.base + path
        answer = self.session.request(
            method, url, headers=headers, timeout=timeout, allow_redirects=False, **options
        )
        if self.watch:
            self.watch(answer)
        return answer

    def get(self, path, status=200, **options):
        return expect(self.request("GET", path, **options), status)

    def post(self, path, body=None, status=200, **options):
        return expect(self.request("POST", path, body, **options), status)

    def read(self, path, **options):
        """The JSON behind a path of the API."""
        return self.get("/api/v1" + path, **options).json()

    def send(self, path, body=None, status=200, **options):
        return self.post("/api/v1" + path, {} if body is None else body, status, **options).json()

    def propose(self, body, status=201, key=None, **options):
        headers = {"Idempotency-Key": key or str(uuid.uuid4())}
        return self.send("/proposals", body, status, headers=headers, **options)

    def proposal(self, id, wait=None):
        return self.read(f"/proposals/{id}" + (f"?wait={wait}" if wait else ""), timeout=90)

    def decide(self, proposal, verdict="approve", status=200, **more):
        body = {"verdict": verdict, "order_hash": proposal["order_hash"], **more}
        return self.send(f"/proposals/{proposal['id']}/decisions", body, status)


def expect(answer, status):
    wanted = status if isinstance(status, (tuple, list, set)) else (status,)
    request = answer.request
    assert answer.status_code in wanted, (
        f"{request.method} {request.url}: {answer.status_code}, not {status}: {answer.text[:2000]}"
    )
    assert answer.headers.get("X-Request-Id"), f"{request.method} {request.url}: no X-Request-Id"
    return answer


def problem(answer, status, slug=None):
    """The problem document that an answer must be."""
    expect(answer, status)
    kind = answer.headers.get("Content-Type", "").split(";")[0]
    assert kind == "application/problem+json", f"{answer.request.url}: {kind}: {answer.text[:500]}"
    document = answer.json()
    assert document["status"] == answer.status_code
    assert document["type"].startswith("/problems/"), document
    assert document["title"] and document["detail"], document
    if slug:
        assert document["type"] == f"/problems/{slug}", document
    return document


def pointers(document):
    """Which fields a validation problem points at."""
    return {error["pointer"] for error in document["errors"]}
