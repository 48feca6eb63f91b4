"""The OpenAPI document: FastAPI's, with errors as the `application/problem+json` they are."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi


def openapi_of(app: FastAPI) -> dict[str, Any]:
    """The document for `/openapi.json`, made once."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title, version=app.version, summary=app.summary, routes=app.routes
        )
        for path in document["paths"].values():
            for operation in path.values():
                _name_problems(operation["responses"])
        app.openapi_schema = document
    return app.openapi_schema


def _name_problems(responses: dict[str, Any]) -> None:
    # FastAPI files a model under the media type of the route's good answers.
    for status, response in responses.items():
        if int(status) >= 400:
            (model,) = [each for each in response["content"].values() if "schema" in each]
            response["content"] = {"application/problem+json": model}
