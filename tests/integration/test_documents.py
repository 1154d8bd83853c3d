"""The documents made from the registry: OpenAPI, descriptions, the console; checked against what the server does."""

import json
import re

import jsonschema

from wire import Wire, once, post, request

METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}
SAMPLES = {"latitude": [41.0, -5.5], "longitude": [10.5, 83.25], "hours": [10.5, 23.0]}


def fetch(server, path):
    answer = once(server, request("GET", path))
    assert answer.status == 200, answer
    return answer.json()


def resolve(document, reference):
    assert reference.startswith("#/"), reference
    for part in reference[2:].split("/"):
        document = document[part.replace("~1", "/").replace("~0", "~")]
    return document


def walk(value, path=()):
    yield path, value
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in items:
        yield from walk(member, path + (key,))


def operations(document):
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method in METHODS:
                yield path, method, operation


# --- OpenAPI 3.1 ----------------------------------------------------------------------------------


def test_openapi_has_the_required_members(server):
    document = fetch(server, "/openapi.json")
    assert re.fullmatch(r"3\.1\.\d+", document["openapi"])
    assert document["info"]["title"] and document["info"]["version"]
    assert set(document) <= {"openapi", "info", "jsonSchemaDialect", "servers", "paths", "webhooks",
                             "components", "security", "tags", "externalDocs"}
    assert set(document["components"]) <= {"schemas", "responses", "parameters", "examples",
                                           "requestBodies", "headers", "securitySchemes", "links",
                                           "callbacks", "pathItems"}
    for kind in document["components"].values():
        assert all(re.fullmatch(r"[a-zA-Z0-9._-]+", name) for name in kind)
    tags = [tag["name"] for tag in document["tags"]]
    assert len(tags) == len(set(tags))
    seen = set()
    for path, method, operation in operations(document):
        assert path.startswith("/")
        assert operation["operationId"] not in seen
        seen.add(operation["operationId"])
        assert set(operation["tags"]) <= set(tags)
        parameters = [resolve(document, p["$ref"]) if "$ref" in p else p for p in operation["parameters"]]
        places = [(p["in"], p["name"]) for p in parameters]
        assert len(places) == len(set(places)), path
        assert {name for place, name in places if place == "path"} == set(re.findall(r"{(\w+)}", path))
        assert all(p["required"] is True for p in parameters if p["in"] == "path")
        assert all(("schema" in p) != ("content" in p) for p in parameters)
        assert "200" in operation["responses"]
        for response in operation["responses"].values():
            response = resolve(document, response["$ref"]) if "$ref" in response else response
            assert response["description"], path


def test_openapi_references_lead_somewhere(server):
    document = fetch(server, "/openapi.json")
    for path, value in walk(document):
        if path and path[-1] == "$ref":
            assert resolve(document, value), path


def schema_of(document, schema):
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "components": document["components"], **schema}


def test_openapi_schemas_are_schemas(server):
    document = fetch(server, "/openapi.json")
    schemas = list(document["components"]["schemas"].values())
    schemas += [value for path, value in walk(document["paths"]) if path and path[-1] == "schema"]
    for schema in schemas:
        jsonschema.Draft202012Validator.check_schema(schema)


def sample_request(conversion):
    """Inputs and required parameters that make sense; None where only a person knows any."""
    body = {}
    for field in conversion["inputs"]:
        if not field["optional"]:
            if field["datatype"] != "FP64":
                return None
            body[field["name"]] = SAMPLES.get(field["role"], [0.5, 0.25])
    for parameter in conversion["parameters"]:
        if not parameter["optional"]:
            if parameter["type"] == "epoch":
                body[parameter["name"]] = "J2000.0"
            elif parameter["type"] == "choice":
                body[parameter["name"]] = parameter["choices"][0]
            elif parameter["type"] == "number":
                body[parameter["name"]] = min(max(10.0, parameter.get("minimum", 0)), parameter.get("maximum", 10))
            else:
                return None
    return body


def test_requests_and_answers_fit_their_schemas(server):
    document = fetch(server, "/openapi.json")
    converted = 0
    with Wire(server) as wire:
        for conversion in fetch(server, "/v1/conversions")["conversions"]:
            operation = document["paths"]["/v1/convert/" + conversion["name"]]["post"]
            body = sample_request(conversion)
            if body is None:
                continue
            asked = operation["requestBody"]["content"]["application/json"]["schema"]
            jsonschema.validate(body, schema_of(document, asked), jsonschema.Draft202012Validator)
            answer = wire.ask(post("/v1/convert/" + conversion["name"], body))
            if answer.status != 200:
                given = document["components"]["schemas"]["Error"]
            else:
                given = operation["responses"]["200"]["content"]["application/json"]["schema"]
                converted += 1
            jsonschema.validate(answer.json(), schema_of(document, given), jsonschema.Draft202012Validator)
    assert converted >= 8


def test_every_documented_get_answers(server):
    document = fetch(server, "/openapi.json")
    with Wire(server) as wire:
        for path, method, operation in operations(document):
            if method == "get":
                answer = wire.ask(request("GET", path.replace("{name}", "radec_to_xyz").replace("{version}", "1")))
                assert answer.status == 200, (path, answer)
                (kind,) = operation["responses"]["200"]["content"]
                assert answer.get("Content-Type").split(";")[0] == kind, path


def test_ranges_and_defaults_are_those_in_force(server):
    """What a description says is refused, is refused; what it says is the default, may be said."""
    with Wire(server) as wire:
        for conversion in fetch(server, "/v1/conversions")["conversions"]:
            body = sample_request(conversion)
            if body is None:
                continue
            path = "/v1/convert/" + conversion["name"]
            plain = wire.ask(post(path, body))
            said = dict(body)
            for parameter in conversion["parameters"]:
                if "default" in parameter:
                    said[parameter["name"]] = parameter["default"]
            answer = wire.ask(post(path, said))
            # Some parameters may be given only beside others, whatever their value.
            assert answer.body == plain.body or answer.get("X-Error-Code") == "conflict", (conversion["name"], answer)
            for field in conversion["inputs"]:
                if "minimum" in field and not field["optional"]:
                    answer = wire.ask(post(path, dict(body, **{field["name"]: field["minimum"] - 1})))
                    assert answer.status == 400 and answer.json()["field"] == field["name"], answer
                    assert answer.get("X-Error-Code") == "out_of_range"


# --- the console ----------------------------------------------------------------------------------


def test_console_needs_nothing_from_elsewhere(server):
    page = once(server, request("GET", "/"))
    text = page.body.decode()
    policy = page.get("Content-Security-Policy")
    assert "default-src 'none'" in policy and "unsafe" not in policy
    files = re.findall(r'<(?:script|link)[^>]*?(?:src|href)="([^"]*)"', text)
    files = [name for name in files if not name.startswith("data:")]
    assert len(files) >= 3
    for name in files:
        assert name.startswith("/") and not name.startswith("//")
        answer = once(server, request("GET", name))
        assert answer.status == 200 and len(answer.body) > 1000
        assert not re.findall(r"https?://(?!www\.w3\.org)", answer.body.decode()), name
    assert not re.findall(r"<script(?![^>]*src=)|\son\w+=|\sstyle=", text), "inline code, which the policy forbids"


def test_console_finds_the_metrics_it_shows(server):
    once(server, post("/v1/convert/radec_to_xyz", {"ra": 1, "dec": 2}))
    script = once(server, request("GET", "/console.js")).body.decode()
    wanted = set(re.findall(r'"((?:astrolabe|process)_\w+)"', script))
    assert len(wanted) > 8
    typed = set(re.findall(r"^# TYPE (\S+)", once(server, request("GET", "/metrics")).body.decode(), re.M))
    assert {re.sub("_bucket$", "", name) for name in wanted} <= typed
