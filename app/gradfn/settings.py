"""All that an operator can set, by environment variables: `gradfn settings` lists them."""

import difflib
import ipaddress
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator, AliasChoices, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, SettingsConfigDict

from gradfn.run.limits import Limits, setting

PREFIX = "GRADFN_"
OF_THE_BUILD = {"GRADFN_SKIP_BUNDLE"}  # hatch_build.py reads it
SHOWN_CHARACTERS = 60
ORIGIN = re.compile(r"https?://(\*\.)?[a-zA-Z0-9.-]+(:(\d{1,5}|\*))?")
NO_DEFAULT = "default_factory_not_called"  # for its default is made of another, which is wrong


class WrongSetting(Exception):
    """A variable in the environment is not what it must be; the message names it."""


def _networks(text: str) -> str:
    """As it is; ValueError when uvicorn would take a part of it for a name, and trust nobody."""
    for each in filter(None, map(str.strip, text.split(","))):
        if each != "*":
            ipaddress.ip_network(each)
    return text


def _origins(text: str) -> str:
    """As a Content-Security-Policy lists them; ValueError when one is no origin."""
    found = [each.strip() for each in text.split(",") if each.strip()]
    for each in found:
        if each != "*" and ORIGIN.fullmatch(each) is None:
            raise ValueError(f"{each!r} is no origin, such as https://course.example")
    return " ".join(found)


def _program(command: str) -> str:
    """As it is; ValueError when it could not be started."""
    if shutil.which(command) is None:
        raise ValueError("there is no such program")
    return command


def _variable(name: str) -> str:
    return f"{PREFIX}{name.upper()}"


class Settings(Limits, BaseSettings):
    """The limits, and what the server itself needs to know."""

    model_config = SettingsConfigDict(alias_generator=_variable, case_sensitive=True, frozen=True)

    host: str = setting(
        "127.0.0.1",
        "",
        "Interface to serve on; 0.0.0.0 is all of IPv4, :: all of IPv6.",
        min_length=1,  # uvicorn would take none for all of them
        validation_alias=AliasChoices("GRADFN_HOST", "HOST"),
    )
    port: int = setting(
        8000,
        "",
        "TCP port to serve on.",
        ge=1,
        le=65_535,
        validation_alias=AliasChoices("GRADFN_PORT", "PORT"),
    )
    local_unsafe: bool = setting(
        False, "", "Serve only this machine's user, where the kernel has no seccomp for a jail."
    )
    trusted_proxies: Annotated[str, AfterValidator(_networks)] = setting(
        "127.0.0.1",
        "",
        "Proxies whose X-Forwarded-For is believed: addresses, networks, with commas; `*` is all.",
    )
    embed_origins: Annotated[str, AfterValidator(_origins)] = setting(
        "",
        "",
        "Sites that may show /embed in a frame: `https://course.example`, with commas; `*` is all.",
    )
    drain_seconds: int = setting(
        5,
        "s",
        "Time for running programs when the server is told to end; it has ended 2 s later.",
        ge=0,
        le=3600,
    )
    dot: Annotated[str, AfterValidator(_program)] | None = setting(
        None,
        "",
        "A Graphviz `dot` to use instead of the one that comes with gradfn: a program, not a "
        "script, for it runs in a jail.",
    )
    log_format: Literal["text", "json"] = setting(
        "text", "", "How the log is written to stderr: `text` for people, `json` for machines."
    )
    log_level: Literal["debug", "info", "warning", "error"] = setting(
        "info", "", "The lowest level that is logged: `debug`, `info`, `warning`, `error`."
    )


@dataclass(frozen=True, slots=True)
class Row:
    """One setting as it is listed."""

    variable: str
    default: str
    unit: str
    meaning: str
    value: str


def read_settings() -> Settings:
    """The settings, as the environment has them; WrongSetting names every variable at fault."""
    wrong = list(_unknown())
    try:
        settings = Settings()
    except ValidationError as error:
        wrong += (
            _complaint(str(each["loc"][0]), each["msg"])
            for each in error.errors()
            if each["type"] != NO_DEFAULT
        )
    if wrong:
        raise WrongSetting("\n".join(wrong))
    return settings


def rows(settings: Settings) -> list[Row]:
    """Every setting with its default and its value."""
    return [
        Row(
            variable=_variable(name),
            default=_default(field),
            unit=_unit(field),
            meaning=field.description or "",
            value=_shown(getattr(settings, name)),
        )
        for name, field in Settings.model_fields.items()
    ]


def _unknown() -> Iterator[str]:
    """A limit with a slip of the pen would not be in force, and nobody would know."""
    known = {_variable(name) for name in Settings.model_fields}
    for variable in sorted(os.environ):
        if variable.upper().startswith(PREFIX) and variable not in known | OF_THE_BUILD:
            near = difflib.get_close_matches(variable.upper(), known, n=1)
            meant = f"; {near[0]} may be meant" if near else ""
            yield f"{variable} is no setting of gradfn{meant} (`gradfn settings` lists them)"


def _complaint(place: str, message: str) -> str:
    """`place` is a field's name, or the first of its variables where it has two."""
    variables = next(
        (_variables(name) for name in Settings.model_fields if place in [name, *_variables(name)]),
        [place],
    )
    variable = next((each for each in variables if each in os.environ), variables[0])
    text = os.environ.get(variable, "")
    shown = text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}…"
    message = message.removeprefix("Value error, ")
    return f"{variable} is {shown!r}: {message[0].lower()}{message[1:]}"


def _variables(name: str) -> list[str]:
    """What sets this field; the first that is set counts."""
    alias = Settings.model_fields[name].validation_alias
    return [*map(str, alias.choices)] if isinstance(alias, AliasChoices) else [_variable(name)]


def _default(field: FieldInfo) -> str:
    factory = field.default_factory
    return factory.__name__.replace("_", " ") if factory else _shown(field.default)


def _unit(field: FieldInfo) -> str:
    extra = field.json_schema_extra
    return str(extra["unit"]) if isinstance(extra, dict) else ""


def _shown(value: object) -> str:
    return "none" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
