"""The OpenAPI document: FastAPI's, with what it cannot know of the answers.

Errors are the `application/problem+json` they are, answers always have all their fields, and the
events of a live run have their schemas.
"""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter

from gradfn.model.stream import StreamEvents
from gradfn.web.samples import add_samples

REF = "#/components/schemas/"
EVENTS = "/api/v1/runs/{run_id}/events"


def openapi_of(app: FastAPI) -> dict[str, Any]:
    """The document for `/openapi.json`, made once."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title, version=app.version, summary=app.summary, routes=app.routes
        )
        operations = [each for path in document["paths"].values() for each in path.values()]
        for operation in operations:
            _name_problems(operation["responses"])
        _describe_stream(document)
        _require_all_fields(document, operations)
        add_samples(document)
        app.openapi_schema = document
    return app.openapi_schema


def _name_problems(responses: dict[str, Any]) -> None:
    # FastAPI files a model under the media type of the route's good answers.
    for status, response in responses.items():
        if int(status) >= 400:
            (model,) = [each for each in response["content"].values() if "schema" in each]
            response["content"] = {"application/problem+json": model}


def _describe_stream(document: dict[str, Any]) -> None:
    """The events of a live run, in the form that FastAPI and OpenAPI 3.2 have for them."""
    stream = TypeAdapter(StreamEvents).json_schema(ref_template=f"{REF}{{model}}")
    schemas = document["components"]["schemas"]
    schemas |= {**stream.pop("$defs"), **schemas, StreamEvents.__name__: stream}
    content = document["paths"][EVENTS]["get"]["responses"]["200"]["content"]
    content["text/event-stream"]["itemSchema"] = {
        "oneOf": [
            {
                "type": "object",
                "properties": {
                    "event": {"const": name},
                    "data": {
                        "type": "string",
                        "contentMediaType": "application/json",
                        "contentSchema": schema,
                    },
                },
                "required": ["event", "data"],
            }
            for name, schema in stream["properties"].items()
        ]
    }


def _require_all_fields(document: dict[str, Any], operations: list[dict[str, Any]]) -> None:
    """Every field of an answer is there, also one that has a default."""
    schemas = document["components"]["schemas"]
    asked = {name for each in operations for name in _names(each.get("requestBody"), schemas)}
    for name, schema in schemas.items():
        if name not in asked and "properties" in schema:
            schema["required"] = list(schema["properties"])


def _names(part: Any, schemas: dict[str, Any]) -> Iterator[str]:
    """The schemas that this part of the document refers to, and those that they refer to."""
    match part:
        case {"$ref": str(reference)}:
            name = reference.removeprefix(REF)
            yield name
            yield from _names(schemas[name], schemas)
        case dict():
            for each in part.values():
                yield from _names(each, schemas)
        case list():
            for each in part:
                yield from _names(each, schemas)
