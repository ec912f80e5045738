"""The HTML mail in a real browser: right to left, on a phone too, and it loads nothing from anywhere."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from datetime import UTC, datetime
from email import message_from_bytes
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from marsad.types import Alert
from notifiers.message import compose, open_templates

BROWSER = shutil.which("chromium")
MEASURE = """<script>
const title = document.querySelector("h1"), words = title.querySelector("bdi").firstChild;
const first = document.createRange();
first.setStart(words, 0);
first.setEnd(words, words.data.indexOf(" "));
document.body.insertAdjacentHTML("beforeend", "<pre id=measured></pre>");
document.getElementById("measured").textContent = JSON.stringify({
  direction: getComputedStyle(title).direction,
  startsAtTheRight: first.getBoundingClientRect().right > title.getBoundingClientRect().right - 4,
  overflows: document.documentElement.scrollWidth > window.innerWidth,
  loaded: performance.getEntriesByType("resource").length,
  marked: [...document.querySelectorAll("mark")].map(mark => mark.textContent),
});
</script>"""


@pytest.mark.skipif(BROWSER is None, reason="Debian's chromium is not installed (.ci/run installs it)")
@pytest.mark.parametrize("width", [500, 1200])
def test_the_mail_reads_from_the_right_and_fits(alert: Alert, tmp_path: Path, width: int) -> None:
    measured = measure(alert, tmp_path, width)
    assert measured["direction"] == "rtl"
    assert measured["startsAtTheRight"]
    assert not measured["overflows"]
    assert measured["loaded"] == 0
    assert measured["marked"] == [match.spelling for match in alert.matches]


def measure(alert: Alert, folder: Path, width: int) -> dict[str, Any]:
    mail = compose(
        alert,
        recipient="reader@desk.example",
        sender="marsad@alerts.example",
        sender_name="",
        channel="mail",
        now=datetime(2026, 11, 22, tzinfo=UTC),
        templates=open_templates(),
    )
    (html,) = [p for p in message_from_bytes(mail).walk() if p.get_content_type() == "text/html"]
    content = html.get_payload(decode=True)
    assert isinstance(content, bytes)
    page = folder / "mail.html"
    page.write_text(content.decode().replace("</body>", f"{MEASURE}</body>"), encoding="utf-8")
    assert BROWSER is not None
    shown = subprocess.run(
        [
            BROWSER,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            f"--user-data-dir={folder / 'profile'}",
            f"--window-size={width},900",
            "--dump-dom",
            page.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout
    found = re.search(r'<pre id="measured">(.*?)</pre>', shown, re.DOTALL)
    assert found is not None
    facts: dict[str, Any] = json.loads(unescape(found[1]))
    return facts
