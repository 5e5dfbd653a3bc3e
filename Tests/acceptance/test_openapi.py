"""The interface's description is valid, complete, and true."""

import re
import subprocess
import sys

import pytest
from openapi_spec_validator import validate

# fmt: off
DESCRIBED = [
    ("post", "/api/v1/proposals"), ("get", "/api/v1/proposals"), ("get", "/api/v1/proposals/{id}"),
    ("post", "/api/v1/proposals/{id}/withdraw"), ("post", "/api/v1/proposals/{id}/decisions"),
    ("post", "/api/v1/proposals/{id}/revoke"), ("get", "/api/v1/orders"), ("get", "/api/v1/orders/{id}"),
    ("post", "/api/v1/worker/sync"), ("post", "/api/v1/orders/{id}/claim"), ("post", "/api/v1/orders/{id}/reports"),
    ("get", "/api/v1/trading/status"), ("get", "/api/v1/trading/account"), ("post", "/api/v1/emergency-stop"),
    ("post", "/api/v1/emergency-resume"), ("post", "/api/v1/halts"), ("get", "/api/v1/halts"),
    ("get", "/api/v1/policy"), ("get", "/api/v1/events"), ("get", "/api/v1/audit"), ("get", "/api/v1/audit/checkpoint"),
    ("get", "/api/v1/reviews/{week}"), ("post", "/api/v1/reviews/{week}/answers"), ("post", "/api/v1/reviews/{week}/sign"),
    ("post", "/api/v1/alerts"), ("get", "/api/v1/alerts"), ("post", "/api/v1/alerts/{id}/ack"),
    ("get", "/healthz"), ("get", "/readyz"), ("get", "/metrics"),
]
# fmt: on


@pytest.fixture(scope="module")
def description(shared_desk):
    return shared_desk.api().get("/openapi.json").json()


def test_it_is_valid_openapi_3_1(description):
    assert description["openapi"].startswith("3.1")
    validate(description)


def test_it_describes_what_there_is(description):
    def shape(path):
        return re.sub(r"\{[^}]*\}", "{}", path)

    server = (description.get("servers") or [{"url": ""}])[0]["url"]
    prefix = "/api/v1" if server.rstrip("/").endswith("/api/v1") else ""
    there = {(method, shape(prefix + path)) for path, item in description["paths"].items() for method in item}
    there |= {(method, shape(path)) for path, item in description["paths"].items() for method in item}
    missing = [each for each in DESCRIBED if (each[0], shape(each[1])) not in there]
    assert not missing


@pytest.mark.parametrize("scope", ["read", "propose"])
def test_nothing_it_describes_can_break_the_server(desk, description, scope):
    """Few examples of every operation with a real key: no answer is a 5xx."""
    file = desk.file("openapi.json", desk.api().get("/openapi.json").text)
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "schemathesis.cli",
            "run",
            str(file),
            "--url",
            desk.url,
            "--header",
            f"Authorization: Bearer {desk.keys[scope]}",
            "--checks",
            "not_a_server_error",
            "--max-examples",
            "4",
            "--phases",
            "examples,fuzzing",
            "--generation-deterministic",
            "--exclude-path-regex",
            "/events|/hooks",
            "--request-timeout",
            "10",
            "--no-color",
            "--suppress-health-check",
            "all",
        ],
        cwd=desk.directory,
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-6000:]
