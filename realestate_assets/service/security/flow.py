"""A sign-in that is under way at the provider: kept by the browser, which can neither read nor change it.

Nothing of it is kept here, so that whichever copy of the service the browser comes back to goes on with it.
"""

import base64
import hmac
import json
import secrets
from dataclasses import asdict, dataclass, field

from cryptography.fernet import Fernet, InvalidToken

from realestate_assets.app.secret import ServiceSecret

FLOW_SECONDS = 600
PURPOSE = "sign-in-flow"
# A cookie holds 4096 bytes; a longer address to go on to is left out.
MAX_FOLLOWING_BYTES = 1500


@dataclass(frozen=True)
class Flow:
    """What binds the answer of a provider to the browser that asked.

    Args:
        state: comes back with the code.
        nonce: stands in the ID token.
        verifier: of the code; its hash was sent.
        following: our address to go on to.
        tenant: short name of the one that was named.
    """

    state: str
    nonce: str
    verifier: str = field(repr=False)
    following: str
    tenant: str | None

    def is_of(self, state: str) -> bool:
        """Whether an answer belongs to it."""
        return hmac.compare_digest(self.state.encode(), state.encode("utf-8", "surrogateescape"))


def new(following: str, tenant: str | None) -> Flow:
    """A new one."""
    if len(following.encode()) > MAX_FOLLOWING_BYTES:
        following = "/"
    return Flow(
        secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48), following, tenant
    )


def sealed(secret: ServiceSecret, flow: Flow) -> str:
    """As the browser keeps it."""
    text = json.dumps(asdict(flow), ensure_ascii=False)
    return _fernet(secret).encrypt(text.encode()).decode()


def opened(secret: ServiceSecret, text: str) -> Flow | None:
    """What a browser kept; None where it is not ours, altered, or older than FLOW_SECONDS."""
    try:
        return Flow(**json.loads(_fernet(secret).decrypt(text.encode(), ttl=FLOW_SECONDS)))
    except (InvalidToken, ValueError, TypeError):
        return None


def _fernet(secret: ServiceSecret) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(secret.key(PURPOSE)))
