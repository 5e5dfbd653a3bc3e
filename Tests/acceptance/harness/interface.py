"""The interface's own description, as a judge is given it who knows what there is to talk about and lets nothing pass."""

import copy
import json
import subprocess
import sys

NOWHERE = "00000000-0000-0000-0000-000000000000"
METHODS = ("get", "post", "put", "patch", "delete")
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
# So many requests of random values for each operation, after its examples and every boundary of its description.
RANDOM = 3


def operations(description):
    """Each operation by its name: path, method, and what is said of it."""
    return {
        operation["operationId"]: (path, method, operation)
        for path, item in description["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    }


def resolved(description, schema):
    while "$ref" in schema:
        found = description
        for step in schema["$ref"].split("/")[1:]:
            found = found[step]
        schema = found
    return schema


def close(description, schema, seen):
    """Has every object that lists its members have no others."""
    if isinstance(schema, list):
        for each in schema:
            close(description, each, seen)
    if not isinstance(schema, dict) or id(schema) in seen:
        return
    seen.add(id(schema))
    if "$ref" in schema:
        close(description, resolved(description, schema), seen)
    if "properties" in schema:
        schema.setdefault("additionalProperties", False)
        close(description, list(schema["properties"].values()), seen)
    for key in ("items", "anyOf", "oneOf", "allOf", "additionalProperties"):
        close(description, schema.get(key), seen)


def strict(description):
    """A copy in which a member of an answer that is not described is a fault.

    Problems are left out: each kind has members of its own, which the description says.
    """
    description = copy.deepcopy(description)
    for _, _, operation in operations(description).values():
        for status, answer in operation["responses"].items():
            if status < "400":
                for content in resolved(description, answer).get("content", {}).values():
                    close(description, content.get("schema", {}), set())
    return description


def with_examples(description, bodies, places):
    """A copy with what there is on the desk: bodies by operation, and what stands in its path."""
    description = copy.deepcopy(description)
    for name, (_, _, operation) in operations(description).items():
        operation["parameters"] = [
            copy.deepcopy(resolved(description, each)) for each in operation.get("parameters", [])
        ]
        for parameter in operation["parameters"]:
            if parameter["name"] == "wait":
                # As long as it may be waited, but not by a test.
                parameter["schema"]["maximum"] = 1
            if parameter["in"] == "path" and name in places:
                parameter.pop("example", None)
                parameter["examples"] = examples([*places[name], NOWHERE])
        for content in operation.get("requestBody", {}).get("content", {}).values():
            if name in bodies:
                content["examples"] = examples(bodies[name])
    return description


def examples(values):
    return {f"n{number}": {"value": value} for number, value in enumerate(values)}


def judged(desk, description, key, names=None, random=RANDOM):
    """What schemathesis says: whether every answer was as described, and its words."""
    file = desk.file("openapi.json", json.dumps(description))
    command = [sys.executable, "-m", "schemathesis.cli", "run", str(file), "--url", desk.url]
    if key:
        command += ["--header", f"Authorization: Bearer {key}"]
    for name in names or []:
        command += ["--include-operation-id", name]
    command += ["--checks", ",".join(CHECKS), "--phases", "examples,coverage,fuzzing"]
    command += ["--max-examples", str(random), "--generation-deterministic", "--continue-on-failure"]
    command += ["--request-timeout", "60", "--no-color", "--suppress-health-check", "all", "--warnings", "off"]
    done = subprocess.run(command, cwd=desk.directory, capture_output=True, text=True, timeout=1800)
    return done.returncode == 0, done.stdout + done.stderr
