"""The languages of the web app: gettext catalogues, numbers and times as each language writes them.

English sentences stand in the source; `locale/<code>/LC_MESSAGES/marsad.po` translates them and is compiled
in memory when the program starts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Literal

from babel.dates import format_datetime
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from markupsafe import Markup, escape

CATALOGUES = Path(__file__).parent / "locale"

# Babel puts these marks into Arabic dates; beside Latin digits they move what stands next to them.
_MARKS = dict.fromkeys(map(ord, "\u200e\u200f\u061c"))
_LONGEST_AGE = 7 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Language:
    """One language: its sentences, and how it writes numbers and times (Latin digits, UTC)."""

    code: Literal["ar", "en"]
    dir: Literal["rtl", "ltr"]
    name: str
    """What its own speakers call it."""
    translations: NullTranslations = field(repr=False, compare=False)

    def gettext(self, message: str, /, **values: object) -> Markup:
        """Translate a sentence; each `%(name)s` in it takes a value, which is escaped unless it is Markup."""
        text = escape(self.translations.gettext(message))
        return text % values if values else text

    def ngettext(self, one: str, many: str, n: int, /, **values: object) -> Markup:
        """Translate a sentence that counts something; `%(n)s` in it is the number."""
        return escape(self.translations.ngettext(one, many, n)) % {"n": self.number(n), **values}

    def number(self, value: float) -> str:
        """Write a number with the language's own separators."""
        return format_decimal(value, locale=self.code, numbering_system="latn").translate(_MARKS)

    def moment(self, at: datetime) -> str:
        """Write a moment in full, such as `22 November 2026, 13:16 UTC`."""
        pattern = "d MMMM y، HH:mm 'UTC'" if self.code == "ar" else "d MMMM y, HH:mm 'UTC'"
        return format_datetime(at.astimezone(UTC), pattern, locale=self.code).translate(_MARKS)

    def day(self, at: datetime) -> str:
        """Write a day, such as `22 November 2026`."""
        return format_datetime(at.astimezone(UTC), "d MMMM y", locale=self.code).translate(_MARKS)

    def duration(self, seconds: float) -> Markup:
        """Write a length of time by its largest unit, such as `5 minutes`."""
        whole = max(int(seconds), 0)
        if whole < 60:
            return self.ngettext("%(n)s second", "%(n)s seconds", whole)
        if whole < 3600:
            return self.ngettext("%(n)s minute", "%(n)s minutes", whole // 60)
        if whole < 86400:
            return self.ngettext("%(n)s hour", "%(n)s hours", whole // 3600)
        return self.ngettext("%(n)s day", "%(n)s days", whole // 86400)

    def ago(self, at: datetime, now: datetime) -> Markup:
        """Write how long ago or ahead a moment is, as `<time>` with the exact UTC time; a far one as its day."""
        seconds = (now - at).total_seconds()
        if abs(seconds) > _LONGEST_AGE:
            shown = escape(self.day(at))
        elif abs(seconds) < 60:
            shown = self.gettext("just now") if seconds >= 0 else self.gettext("in a moment")
        else:
            shown = self._past(seconds) if seconds > 0 else self._future(-seconds)
        exact = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        # A direction of its own: it may stand in a line that runs the other way.
        return Markup('<time datetime="{}" title="{}" dir="{}">{}</time>').format(
            exact, self.moment(at), self.dir, shown
        )

    def _past(self, seconds: float) -> Markup:
        if seconds < 3600:
            return self.ngettext("%(n)s minute ago", "%(n)s minutes ago", int(seconds // 60))
        if seconds < 86400:
            return self.ngettext("%(n)s hour ago", "%(n)s hours ago", int(seconds // 3600))
        return self.ngettext("%(n)s day ago", "%(n)s days ago", int(seconds // 86400))

    def _future(self, seconds: float) -> Markup:
        if seconds < 3600:
            return self.ngettext("in %(n)s minute", "in %(n)s minutes", int(seconds // 60))
        if seconds < 86400:
            return self.ngettext("in %(n)s hour", "in %(n)s hours", int(seconds // 3600))
        return self.ngettext("in %(n)s day", "in %(n)s days", int(seconds // 86400))


def noop(message: str) -> str:
    """Mark a sentence for translation that is translated where it is shown."""
    return message


@cache
def languages() -> dict[str, Language]:
    """Return the languages by their code, the default first."""
    return {
        "ar": Language("ar", "rtl", "العربية", _read_catalogue("ar")),
        "en": Language("en", "ltr", "English", NullTranslations()),
    }


def choose_language(*wishes: str | None, accepted: str | None = None) -> Language:
    """Return the first wish that is a language, else what a browser accepts (RFC 9110 §12.5.4), else Arabic."""
    known = languages()
    for wish in (*wishes, *_accepted(accepted or "")):
        if wish in known:
            return known[wish]
    return known["ar"]


def _accepted(header: str) -> list[str]:
    """Return the primary subtags of an Accept-Language header, best first; one with q=0 is refused."""
    weighed = []
    for item in header[:500].split(","):
        tag, _, parameters = item.strip().partition(";")
        try:
            weight = float(parameters.strip().removeprefix("q=")) if parameters.strip() else 1.0
        except ValueError:
            weight = 0.0
        if weight > 0:
            weighed.append((-weight, tag.strip().partition("-")[0].lower()))
    return [tag for _, tag in sorted(weighed, key=lambda pair: pair[0])]


def _read_catalogue(code: str) -> GNUTranslations:
    with (CATALOGUES / code / "LC_MESSAGES" / "marsad.po").open("rb") as file:
        catalogue = read_po(file, locale=code)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return GNUTranslations(compiled)
