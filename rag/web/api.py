"""The REST interface beside the page, and who may use either."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI, HTTPException, Request, Response
from fastapi.responses import JSONResponse
from fastapi_offline import FastAPIOffline
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel, ConfigDict, Field

from rag import __version__
from rag.errors import QuestionError, RagError, SourceError
from rag.web.desk import BusyError, Desk

MESSAGES = 200
"""Messages of a history that are taken."""


class Message(BaseModel):
    """One message of the conversation so far."""

    model_config = ConfigDict(extra="ignore")
    role: Literal["user", "assistant", "system"]
    content: str = Field(max_length=20_000)


class Asked(BaseModel):
    """A question, and what it follows."""

    model_config = ConfigDict(extra="forbid")
    question: str
    history: list[Message] = Field(default=[], max_length=MESSAGES)
    index: str = Field(default="", description="One of those served; the first if left out.")
    generator: str = Field(default="", description="One of those served; the first if left out.")


def build_api(desk: Desk, *, users: Mapping[str, str] | None = None, token: str = "") -> FastAPI:
    """The application that the page is mounted in.

    Args:
        desk: What is served.
        users: Password by name; with it every answer needs one of them (or the token).
        token: With it ``/api`` and ``/metrics`` need it as a bearer token (or one of the users).
    """
    app = FastAPIOffline(
        redoc_url=None,
        swagger_ui_parameters={"validatorUrl": None},  # it would ask a server on the internet
        title="有据 Youju",
        version=__version__,
        summary="Cited answers over Chinese government notices.",
    )
    allowed = [Depends(_guard(users or {}, token))]

    @app.exception_handler(RagError)
    def failed(request: Request, error: RagError) -> Response:
        status = 503 if isinstance(error, BusyError) else 500
        status = 422 if isinstance(error, QuestionError) else status
        headers = {"Retry-After": "2"} if status == 503 else None
        return JSONResponse({"detail": str(error)}, status, headers)

    @app.post("/api/ask", dependencies=allowed)
    def ask(asked: Asked) -> dict[str, Any]:
        """Answer one question; the same object as ``python -m rag ask --json``."""
        index = _one_of(desk.indexes, asked.index, "index")
        _one_of(desk.generators, asked.generator, "generator")
        history = [m.model_dump() for m in asked.history]
        return asdict(desk.ask(desk.bot(index, asked.generator), asked.question, history))

    @app.get("/api/notice", dependencies=allowed)
    def notice(id: str = "", index: str = "") -> dict[str, Any]:  # noqa: A002
        """A notice: its elements, sections, text and repairs; the first of the index by default."""
        notices = _one_of(desk.indexes, index, "index").notices
        if not notices:
            raise HTTPException(404, "The index holds passages without a whole notice.")
        return asdict(_one_of(notices, id, "notice"))

    @app.get("/healthz")
    def healthz() -> dict[str, str]:
        """Whether questions can be asked."""
        return {"status": "ok"}

    @app.get("/metrics", dependencies=allowed)
    def metrics() -> Response:
        """Counts and times for Prometheus."""
        return Response(generate_latest(desk.counts.registry), media_type=CONTENT_TYPE_LATEST)

    return app


def _one_of(choices: Mapping[str, Any], name: str, kind: str) -> Any:
    """The thing of that name, or the first."""
    if not name:
        return next(iter(choices.values()))
    if name not in choices:
        known = ", ".join(list(choices)[:20])
        raise HTTPException(404, f"There is no {kind} {name!r} here; there is: {known}.")
    return choices[name]


def _guard(users: Mapping[str, str], token: str) -> Callable[[Request], None]:
    """What checks that a request comes from somebody who may ask."""

    def check(request: Annotated[Request, "as it came"]) -> None:
        if not users and not token:
            return
        kind, _, given = request.headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer" and token and same(given.strip(), token):
            return
        if kind.lower() == "basic" and users:
            try:
                name, _, password = base64.b64decode(given).decode().partition(":")
            except ValueError:
                name = password = ""
            if is_user(users, name, password):
                return
        ways = "a user's name and password" if users else "the token as Authorization: Bearer"
        scheme = "Basic" if users else "Bearer"
        raise HTTPException(401, f"Give {ways}.", {"WWW-Authenticate": scheme})

    return check


def same(given: str, wanted: str) -> bool:
    """Whether two secrets are equal, in a time that does not tell where they differ."""
    return hmac.compare_digest(given.encode(), wanted.encode())


def is_user(users: Mapping[str, str], name: str, password: str) -> bool:
    """Whether that is one of the users with their password."""
    known = name in users
    return same(password, users.get(name, "")) and known


def read_users(path: Path) -> dict[str, str]:
    """Password by name, from a file with ``name:password`` on each line.

    Raises:
        SourceError: It cannot be read or has a line without either.
    """
    users: dict[str, str] = {}
    for number, line in enumerate(_read(path).splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        name, colon, password = line.strip().partition(":")
        if not (name and colon and password):
            raise SourceError(f"Line {number} of {path} is not name:password; mend it.")
        users[name] = password
    if not users:
        raise SourceError(f"{path} names nobody; put name:password on a line of it.")
    return users


def read_token(path: Path) -> str:
    """The API token in a file.

    Raises:
        SourceError: It cannot be read or holds less than 16 characters.
    """
    token = _read(path).strip()
    if len(token) < 16 or len(token.split()) > 1:
        raise SourceError(f"{path} holds no token; put one word of 16 or more characters in it.")
    return token


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{path} cannot be read ({error}); check the path.") from error
