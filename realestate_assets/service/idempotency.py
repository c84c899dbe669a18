"""POST with an `Idempotency-Key`: done once, answered alike for a day, also where the answer was lost.

A key belongs to a user. Under way elsewhere is 409; the same key with another request is 422. What failed for
a reason of ours (5xx) was not done and may be sent again. Answers may hold secrets: they lie encrypted.
"""

import asyncio
import hashlib
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.dialects.postgresql import insert
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from realestate_assets.app.requests import IdempotentRequest
from realestate_assets.service.parts import Parts
from realestate_assets.service.problems import ProblemError
from realestate_assets.service.security.principal import Principal

HEADER, REPLAYED = "Idempotency-Key", "Idempotent-Replayed"
KEEP = timedelta(hours=24)
# A process that ended in the middle of a request leaves it open; after so long it may be tried again.
GIVEN_UP = timedelta(minutes=5)
MAX_KEY, MAX_BODY = 200, 10_000_000
NONCE_BYTES = 12

Row = IdempotentRequest


class Idempotency:
    """Runs a request once a key.

    Args:
        parts: of the service.
    """

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self._cipher = AESGCM(parts.secret.key("idempotent-answers"))

    async def run(
        self,
        app: ASGIApp,
        scope: Scope,
        receive: Receive,
        send: Send,
        principal: Principal | None,
        headers: Headers,
    ) -> None:
        """Run a request, or give the answer that it got before.

        Raises:
            ProblemError: 409, 413 or 422, as the module says.
        """
        key = headers.get(HEADER)
        if scope["method"] != "POST" or key is None or principal is None:
            await app(scope, receive, send)
            return
        if not 1 <= len(key) <= MAX_KEY:
            raise ProblemError(422, "idempotency-key", f"{HEADER} has 1 to {MAX_KEY} characters.")
        body = await _whole(receive)
        asked = f"{scope['path']}?{scope['query_string'].decode('latin-1')}".encode()
        request_hash = hashlib.sha256(len(asked).to_bytes(4, "big") + asked + body).digest()
        key_hash = hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()
        before = await run_in_threadpool(self._reserve, principal, key_hash, request_hash)
        if before is not None:
            await before(scope, receive, send)
            return
        await self._first(app, scope, body, send, lambda status, kind, answer: self._settle(
            principal, key_hash, status, kind, answer
        ))  # fmt: skip

    async def _first(
        self,
        app: ASGIApp,
        scope: Scope,
        body: bytes,
        send: Send,
        settle: Callable[[int, str, bytes], None],
    ) -> None:
        status, kind, pieces, held = 500, "", bytearray(), []

        async def keep(message: Message) -> None:
            nonlocal status, kind
            if message["type"] == "http.response.start":
                status = message["status"]
                kind = Headers(raw=message["headers"]).get("content-type", "")
            elif message["type"] == "http.response.body":
                pieces.extend(message.get("body", b""))
            held.append(message)

        try:
            await app(scope, _again(body), keep)
        except BaseException:
            await run_in_threadpool(settle, 500, "", b"")
            raise
        # Kept before it is sent: who has the answer finds it again.
        await run_in_threadpool(settle, status, kind, bytes(pieces))
        for message in held:
            await send(message)

    def _reserve(self, principal: Principal, key_hash: bytes, request_hash: bytes) -> Response | None:
        now = datetime.now(UTC)
        with self.parts.transaction(principal.tenant_id, principal.user_id) as session:
            over = sa.or_(
                Row.begun_at < now - KEEP, sa.and_(Row.answered_at.is_(None), Row.begun_at < now - GIVEN_UP)
            )
            mine = sa.and_(Row.user_id == principal.user_id, Row.key_hash == key_hash)
            session.execute(sa.delete(Row).where(mine, over))
            row = {
                "tenant_id": principal.tenant_id, "user_id": principal.user_id, "key_hash": key_hash,
                "request_hash": request_hash, "begun_at": now,
            }  # fmt: skip
            is_new = session.execute(
                insert(Row).values(row).on_conflict_do_nothing().returning(Row.key_hash)
            ).first()
            if is_new:
                return None
            found = session.scalars(sa.select(Row).where(mine)).one_or_none()
        if found is None or found.answered_at is None:
            raise ProblemError(409, "request-under-way", "The request with this key is under way; try again.")
        if bytes(found.request_hash) != request_hash:
            raise ProblemError(422, "idempotency-key", "This key was used for another request.")
        assert found.status is not None and found.body_sealed is not None
        sealed = bytes(found.body_sealed)
        answer = self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], key_hash)
        headers = {REPLAYED: "true"} | ({"Content-Type": found.content_type} if found.content_type else {})
        return Response(answer, found.status, headers)

    def _settle(self, principal: Principal, key_hash: bytes, status: int, kind: str, answer: bytes) -> None:
        mine = sa.and_(Row.user_id == principal.user_id, Row.key_hash == key_hash)
        with self.parts.transaction(principal.tenant_id, principal.user_id) as session:
            if status >= 500 or status == 429:
                session.execute(sa.delete(Row).where(mine))
                return
            nonce = os.urandom(NONCE_BYTES)
            sealed = nonce + self._cipher.encrypt(nonce, answer, key_hash)
            answered = {
                "answered_at": sa.func.now(), "status": status, "content_type": kind, "body_sealed": sealed,
            }  # fmt: skip
            session.execute(sa.update(Row).where(mine).values(answered))


async def _whole(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ProblemError(400, "bad-request", "The request broke off.")
        body.extend(message.get("body", b""))
        if len(body) > MAX_BODY:
            raise ProblemError(413, "too-large", f"A request with {HEADER} has up to {MAX_BODY:,} bytes.")
        if not message.get("more_body"):
            return bytes(body)


def _again(body: bytes) -> Receive:
    given = False

    async def receive() -> Message:
        nonlocal given
        if given:
            # Nothing more comes; what listens for the caller's leave waits until the answer is there.
            await asyncio.Event().wait()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive
