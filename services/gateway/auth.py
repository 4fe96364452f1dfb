"""Who calls, and what they may do."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable

import msgspec

from guerdon.services.contract.errors import Forbidden, Unauthenticated
from guerdon.services.gateway.settings import ApiKey


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """An authenticated client."""

    name: str
    """Name of the API key, or ``local`` where none is needed."""
    rewards: frozenset[str] | None = None
    """Rewards it may ask for; None for all."""
    max_inflight_items: int | None = None
    """Items it may have in flight; None for the service's limit."""

    def check_allowed(self, rewards: Iterable[str]) -> None:
        """Raise Forbidden when a reward is not among those the caller may ask for."""
        if self.rewards is not None and (denied := sorted(set(rewards) - self.rewards)):
            raise Forbidden(f"the API key {self.name!r} may not use the reward {denied[0]!r}")


LOCAL = Caller(name="local")


class Authenticator:
    """Finds the caller of a token; without configured keys everybody is ``local``."""

    def __init__(self, keys: Iterable[ApiKey]) -> None:
        self._callers = [(_digest(key.secret.get_secret_value()), _caller(key)) for key in keys]

    @property
    def required(self) -> bool:
        """Whether a token is needed."""
        return bool(self._callers)

    def authenticate(self, token: str | None) -> Caller:
        """The caller of a token.

        Raises:
            Unauthenticated: a key is needed and none, or a wrong one, was sent.
        """
        if not self._callers:
            return LOCAL
        if not token:
            raise Unauthenticated("this service needs an API key: send 'Authorization: Bearer <key>'")
        digest = _digest(token)
        # Every key is compared, in constant time, so that timing tells nothing of which one came close.
        found = [caller for known, caller in self._callers if hmac.compare_digest(known, digest)]
        if not found:
            raise Unauthenticated("the API key is not one of this service's keys")
        return found[0]


def bearer_token(authorization: str | None, x_api_key: str | None) -> str | None:
    """The token of an ``Authorization: Bearer`` or ``X-API-Key`` header, or None."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip()
    return x_api_key


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()


def _caller(key: ApiKey) -> Caller:
    return Caller(
        name=key.name,
        rewards=None if key.rewards is None else frozenset(key.rewards),
        max_inflight_items=key.max_inflight_items,
    )
