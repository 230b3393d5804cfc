"""Who may look: on loopback this machine's own browser, elsewhere whoever brings the token.

A page on loopback can be reached by any site that the reader has open, through a name of its own
that leads to 127.0.0.1 (DNS rebinding); so a request must name this host. With a token, a browser
brings it once in the address (``?token=…``) and has a cookie from then on; a program sends
``Authorization: Bearer …``. Nothing that a page holds can run, or fetch, from elsewhere
(Content-Security-Policy).
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from collections.abc import Collection
from urllib.parse import urlencode, urlsplit

from flask import Flask, Response, redirect, request

COOKIE = "layerwise-dashboard"
LOCAL = ("localhost", "127.0.0.1", "::1")
SHORTEST_TOKEN = 16
A_MONTH = 30 * 24 * 3600


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server that listens on ``host``."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def guard(server: Flask, host: str, token: str | None, scripts: Collection[str]) -> None:
    """Refuse every request that may not look, and mark every answer as this page's alone.

    ``host``: where the server listens; ``token``: None where everybody who reaches it may look;
    ``scripts``: the hashes of the page's own inline scripts, as a policy has them.
    """
    names = {host.lower(), *LOCAL}
    policy = _policy(scripts)

    @server.before_request
    def admit() -> Response | tuple[str, int] | None:
        if token is None:
            if _host() in names:
                return None
            return f"This dashboard answers to {', '.join(sorted(names))} alone.\n", 403
        if _same(request.cookies.get(COOKIE), _mark(token)) or _same(_bearer(), token):
            return None
        if request.method == "GET" and _same(request.args.get("token"), token):
            return _welcome(token)
        return "This dashboard needs its token: open it with ?token=… at the address's end.\n", 401

    @server.after_request
    def mark(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = policy
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        return response


def _welcome(token: str) -> Response:
    """To the same page without the token, which then stands in no history and on no screenshot."""
    rest = [pair for pair in request.args.items(multi=True) if pair[0] != "token"]
    response = redirect(f"{request.path}?{urlencode(rest)}" if rest else request.path)
    assert isinstance(response, Response)
    response.set_cookie(
        COOKIE,
        _mark(token),
        max_age=A_MONTH,
        httponly=True,
        samesite="Strict",
        secure=request.is_secure,
    )
    return response


def _mark(token: str) -> str:
    """What the cookie holds: it opens this dashboard, and tells nobody the token."""
    return hmac.new(token.encode(), b"layerwise dashboard", hashlib.sha256).hexdigest()


def _host() -> str:
    """The name in the request's Host header, without its port; "" where it is no name."""
    try:
        return (urlsplit(f"//{request.headers.get('Host', '')}").hostname or "").lower()
    except ValueError:
        return ""


def _bearer() -> str | None:
    kind, _, given = request.headers.get("Authorization", "").partition(" ")
    return given.strip() if kind.lower() == "bearer" else None


def _same(given: str | None, expected: str) -> bool:
    """Compared in a time that tells nothing of where they differ."""
    return given is not None and hmac.compare_digest(given.encode(), expected.encode())


def _policy(scripts: Collection[str]) -> str:
    return (
        f"default-src 'none'; script-src 'self' {' '.join(scripts)}; connect-src 'self'; "
        "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
        "media-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
