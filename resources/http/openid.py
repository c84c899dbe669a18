"""A provider of OpenID Connect: where its sign-in is, and whom it vouches for behind a code.

Asked by a client of its own rather than as an API of data: there is no budget, nothing is kept or tried
again, and whoever runs the platform names the provider, which often stands in their own network. Authlib
makes the requests of the protocol and joserfc looks at what is signed. Nothing of a token stands in an error.
"""

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote_plus, urlsplit

import httpx

from resources.errors import PermanentError, TransientError
from resources.setting_kinds import is_safe_way

if TYPE_CHECKING:
    from joserfc.jwk import KeySet

CONNECT_SECONDS, ANSWER_SECONDS = 5.0, 10.0
# What a provider tells of itself is asked again after so long; its keys also when one is met that is new.
KEPT_SECONDS = 600.0
# Clocks of two machines.
LEEWAY_SECONDS = 60
SCOPE = "openid email profile"
# Signatures of a key pair. None at all, or one by the client's secret, is no provider's.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
DISCOVERY = "/.well-known/openid-configuration"
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")

Why = Literal["code", "client", "token", "person"]


class ProviderAwayError(TransientError):
    """The provider does not answer, or not as one does."""


class NotVouchedError(PermanentError):
    """The provider vouches for nobody.

    Args:
        why: the code was used or is over; the provider does not take this client; what it signed is not fit;
            what it tells of the person is of somebody else.
    """

    def __init__(self, why: Why) -> None:
        super().__init__(f"The provider vouches for nobody: {why}.")
        self.why = why


@dataclass(frozen=True)
class Registered:
    """What the service is at the provider."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str


@dataclass(frozen=True)
class Vouched:
    """A person, as the provider tells of them; the subject is theirs for good, the address may change."""

    issuer: str
    subject: str
    email: str = field(repr=False)
    is_email_verified: bool
    name: str = field(repr=False)


class _RefusedError(Exception):
    """An error of the token endpoint. Its description is not read: Authlib's own class fails at an umlaut."""

    def __init__(self, error: object = None, description: object = None) -> None:
        super().__init__("refused")
        self.error = error


class Provider:
    """Asks a provider.

    Args:
        registered: what the service is there.
    """

    def __init__(self, registered: Registered) -> None:
        self.registered = registered
        # As to a neighbour, no proxy of the machine's is asked for what is on it.
        is_here = urlsplit(registered.issuer).scheme == "http"
        self._http = httpx.Client(
            timeout=httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS),
            limits=httpx.Limits(max_keepalive_connections=0),
            follow_redirects=False,
            trust_env=not is_here,
        )
        self._told: tuple[float, dict[str, Any]] | None = None
        self._keys: tuple[float, KeySet] | None = None

    def metadata(self) -> dict[str, Any]:
        """What the provider tells of itself.

        Raises:
            ProviderAwayError: it does not answer, or is another one.
        """
        if self._told is None or time.monotonic() - self._told[0] > KEPT_SECONDS:
            told = self._json(self.registered.issuer.rstrip("/") + DISCOVERY)
            if told.get("issuer") != self.registered.issuer:
                raise ProviderAwayError("It calls itself by another name than OIDC_ISSUER.")
            if not all(isinstance(told.get(name), str) and is_safe_way(told[name]) for name in ENDPOINTS):
                raise ProviderAwayError("It does not tell where its sign-in is, or not by https.")
            self._told = (time.monotonic(), told)
        return self._told[1]

    def key_count(self) -> int:
        """How many keys it signs with.

        Raises:
            ProviderAwayError: it does not answer.
        """
        return len(self._key_set(is_new=True).keys)

    def sign_in_address(self, *, state: str, nonce: str, verifier: str, is_anew: bool = False) -> str:
        """Where a browser is sent to sign in.

        Args:
            state: comes back with the code.
            nonce: will stand in the ID token.
            verifier: of the code; its hash is sent.
            is_anew: have the person say who they are, whoever is signed in there.

        Raises:
            ProviderAwayError: the provider does not answer.
        """
        metadata = self.metadata()
        asked = {"state": state, "code_verifier": verifier, "nonce": nonce}
        if is_anew:
            # `prompt_values_supported` is of OpenID Connect's "Initiating User Registration"; every provider
            # knows `login`.
            known = metadata.get("prompt_values_supported") or ()
            asked["prompt"] = "select_account" if "select_account" in known else "login"
        address, _ = self._client().create_authorization_url(metadata["authorization_endpoint"], **asked)
        return str(address)

    def vouched(self, code: str, *, verifier: str, nonce: str) -> Vouched:
        """Whom the provider vouches for by a code, which is used up.

        Args:
            code: that the browser brought.
            verifier: whose hash was sent before.
            nonce: likewise, which the ID token must hold.

        Raises:
            NotVouchedError: nobody.
            ProviderAwayError: it does not answer.
        """
        token = self._token(code, verifier)
        claims = self._claims(token, nonce)
        if not claims.get("email") and isinstance(token.get("access_token"), str):
            claims = {**claims, **self._told_of_person(token["access_token"], claims["sub"])}
        email, name = claims.get("email"), claims.get("name")
        return Vouched(
            issuer=self.registered.issuer,
            subject=claims["sub"],
            email=email if isinstance(email, str) else "",
            # Some write it as a text.
            is_email_verified=claims.get("email_verified") in (True, "true"),
            name=name if isinstance(name, str) else "",
        )

    def _client(self) -> Any:
        from authlib.oauth2 import OAuth2Client

        client = OAuth2Client(
            self._http,
            client_id=self.registered.client_id,
            scope=SCOPE,
            redirect_uri=self.registered.redirect_uri,
            code_challenge_method="S256",
        )
        client.oauth_error_class = _RefusedError
        return client

    def _token(self, code: str, verifier: str) -> dict[str, Any]:
        told, known = self.metadata(), self.registered
        methods = told.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        more: dict[str, str] = {}
        auth: httpx.Auth = httpx.Auth()
        if "client_secret_basic" in methods or "client_secret_post" not in methods:
            # Encoded before, as RFC 6749 has it and Authlib has not: a secret may hold any sign.
            auth = httpx.BasicAuth(quote_plus(known.client_id), quote_plus(known.client_secret))
        else:
            more = {"client_id": known.client_id, "client_secret": known.client_secret}
        why: Why = "code"
        try:
            token = self._client().fetch_token(
                told["token_endpoint"],
                grant_type="authorization_code",
                code=code,
                code_verifier=verifier,
                auth=auth,
                **more,
            )
            return dict(token)
        except _RefusedError as error:
            why = "code" if error.error == "invalid_grant" else "client"
        except (httpx.HTTPError, ValueError) as error:
            raise ProviderAwayError(f"It takes no code: {type(error).__name__}.") from None
        raise NotVouchedError(why)

    def _claims(self, token: dict[str, Any], nonce: str) -> dict[str, Any]:
        from authlib.oidc.core import CodeIDToken
        from joserfc.errors import JoseError

        known = self.registered
        fit: dict[str, Any] = {
            "iss": {"essential": True, "value": known.issuer},
            "aud": {"essential": True, "value": known.client_id},
            "nonce": {"essential": True, "value": nonce},
            **{name: {"essential": True} for name in ("sub", "exp", "iat")},
        }
        about = {"nonce": nonce, "client_id": known.client_id, "access_token": token.get("access_token")}
        try:
            read = self._read(str(token.get("id_token", "")))
            claims = CodeIDToken(read.claims, read.header, fit, about)
            claims.validate(leeway=LEEWAY_SECONDS)
        except (JoseError, ValueError):
            raise NotVouchedError("token") from None
        return dict(claims)

    def _read(self, text: str) -> Any:
        from joserfc import jwt
        from joserfc.errors import BadSignatureError, InvalidKeyIdError

        offered = self.metadata().get("id_token_signing_alg_values_supported", ALGORITHMS)
        algorithms = [name for name in ALGORITHMS if name in offered]
        try:
            return jwt.decode(text, self._key_set(), algorithms=algorithms)
        except (BadSignatureError, InvalidKeyIdError):
            # It may have changed its keys since.
            return jwt.decode(text, self._key_set(is_new=True), algorithms=algorithms)

    def _key_set(self, *, is_new: bool = False) -> "KeySet":
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        if is_new or self._keys is None or time.monotonic() - self._keys[0] > KEPT_SECONDS:
            told: Any = self._json(self.metadata()["jwks_uri"])
            try:
                self._keys = (time.monotonic(), KeySet.import_key_set(told))
            except (JoseError, ValueError, KeyError, TypeError):
                raise ProviderAwayError("Its keys are none that can be read.") from None
        return self._keys[1]

    def _told_of_person(self, access_token: str, subject: str) -> dict[str, Any]:
        # Where an address stands in no ID token, as many providers have it for this kind of sign-in.
        endpoint = self.metadata().get("userinfo_endpoint")
        if not isinstance(endpoint, str) or not is_safe_way(endpoint):
            return {}
        told = self._json(endpoint, {"Authorization": f"Bearer {access_token}"})
        if told.get("sub") != subject:
            raise NotVouchedError("person")
        return {name: told[name] for name in ("email", "email_verified", "name") if name in told}

    def _json(self, url: str, headers: dict[str, str] | None = None) -> dict[str, Any]:
        try:
            response = self._http.get(url, headers={"Accept": "application/json", **(headers or {})})
            response.raise_for_status()
            told = response.json()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise ProviderAwayError(f"It does not answer as it should: {type(error).__name__}.") from None
        if not isinstance(told, dict):
            raise ProviderAwayError("It does not answer as it should: no object.")
        return told
