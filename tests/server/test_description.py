"""The description of the API for programs is true."""

from __future__ import annotations

import json
import re

import pytest

from tests.server.conftest import picture

pytest.importorskip("starlette", reason="needs the extra serve")


@pytest.fixture(scope="module")
def document(server):
    return server.get("/openapi.json").json


def resolved(document, schema):
    while "$ref" in schema:
        place = document
        for word in schema["$ref"].removeprefix("#/").split("/"):
            place = place[word]
        schema = place
    return schema


def test_it_names_every_address_and_method(document):
    from srcli.server.app import routes

    served = {
        (re.sub(r":\w+", "", route.path), method)
        for route in routes()
        for method in (route.methods or set()) - {"HEAD"}
        if route.path not in ("/", "/static/{path:path}", "/openapi.json")
    }
    described = {
        (path, method.upper())
        for path, methods in document["paths"].items()
        for method in methods
        if method != "parameters"
    }
    assert described == served


def test_every_reference_leads_somewhere(document):
    for name in re.findall(r'"\$ref": "(.*?)"', json.dumps(document)):
        assert resolved(document, {"$ref": name})


def test_a_job_has_what_is_described(server, document):
    job = server.post("/v1/jobs?scale=2", picture(), Prefer="wait=60").json
    schemas = document["components"]["schemas"]
    assert set(schemas["Job"]["required"]) == set(job)
    assert set(schemas["Output"]["properties"]) == set(job["output"])
    assert all(set(schemas["Pane"]["required"]) == set(pane) for pane in job["panes"])


@pytest.mark.parametrize(("path", "schema"), [("/v1/limits", "Limits"), ("/v1/models", "Models")])
def test_lists_have_what_is_described(path, schema, server, document):
    assert set(document["components"]["schemas"][schema]["required"]) == set(server.get(path).json)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/v1/jobs/none", None),
        ("POST", "/v1/jobs", b"no picture"),
        ("POST", "/v1/jobs?scale=99", picture()),
        ("PATCH", "/v1/jobs", None),
        ("POST", "/picture", b"{}"),
    ],
)
def test_problems_have_what_is_described(method, path, body, server, document):
    answer = server.request(method, path, body)
    described = document["components"]["schemas"]["Problem"]
    assert answer.headers["content-type"] == "application/problem+json"
    assert set(described["required"]) <= set(answer.json) <= set(described["properties"])
    assert answer.json["status"] == answer.status


def test_settings_are_those_that_are_read(document):
    from srcli.server.wishes import READERS

    assert set(document["components"]["parameters"]) == {*READERS, "name", "id", "prefer"}
