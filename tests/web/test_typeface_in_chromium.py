"""Every name shows its letters in the page's typeface, whatever invisible characters stand beside it."""

from __future__ import annotations

import pytest

from tests.web.chromium import CHROMIUM, launch
from tests.web.conftest import serving
from web.app import create_app
from web.services import WebServices

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Debian's chromium is not installed")

INVISIBLE = "\u061c\u200b\u200c\u200d\u200e\u200f\u2060\u2066\u2067\u2068\u2069\u00ad\ufeff"


def test_no_name_vanishes_beside_a_joiner_or_a_direction_mark(services: WebServices) -> None:
    with serving(create_app(services)) as address, launch() as chromium:
        page = chromium.new_page()
        page.goto(f"{address}/login")
        widths = page.evaluate(
            """async ([characters, names]) => {
                await document.fonts.ready;
                const place = document.querySelector("main");
                const width = mark => mark.getBoundingClientRect().width;
                const measure = () => [...place.querySelectorAll("mark")].map(width);
                place.innerHTML = [...characters].flatMap(c => ["h1", "p"].map(tag =>
                    `<${tag} dir="rtl">قالت ${names.map(n => `${c}<mark>${n}</mark>${c} و`).join("")}</${tag}>`
                )).join("");
                measure();
                await document.fonts.ready;
                await new Promise(done => setTimeout(done, 300));
                return measure();
            }""",
            [INVISIBLE, ["Nvidia", "إنفيديا"]],
        )
    assert len(widths) == len(INVISIBLE) * 4
    assert min(widths) > 20
