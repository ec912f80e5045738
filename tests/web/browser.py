"""A browser without a screen: it keeps cookies as browsers do, and sends forms with their token."""

from __future__ import annotations

import re
from html import unescape

import httpx

from web.csrf import FIELD

SESSION_COOKIE = "__Host-marsad"
DEVICE_COOKIE = "__Host-marsad-device"
_TOKEN = re.compile(rf'name="{FIELD}" value="([^"]+)"')


class Browser(httpx.Client):
    """Speaks real HTTP to the app; redirects are not followed unless asked for."""

    def __init__(self, base_url: str, **headers: str) -> None:
        super().__init__(
            base_url=base_url,
            headers={"Accept-Language": "en", **headers},
            timeout=30,
            trust_env=False,
            event_hooks={"request": [self._add_cookies]},
        )

    @property
    def session_token(self) -> str | None:
        """The session cookie's value."""
        return self.cookies.get(SESSION_COOKIE)

    def token_on(self, page: str) -> str:
        """The CSRF token of the first form on a page."""
        found = _TOKEN.search(self.get(page).text)
        assert found is not None, f"no form on {page}"
        return unescape(found[1])

    def send_form(self, path: str, *, page: str | None = None, **fields: str | list[str]) -> httpx.Response:
        """Send a form as the one on `page` (default: `path`) would be sent."""
        return self.post(path, data={FIELD: self.token_on(page or path), **fields})

    def _add_cookies(self, request: httpx.Request) -> None:
        # Browsers send Secure cookies to http://127.0.0.1 too; Python's own jar would not.
        if kept := [f"{cookie.name}={cookie.value}" for cookie in self.cookies.jar]:
            request.headers["Cookie"] = "; ".join(kept)
