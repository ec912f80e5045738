"""What people did wrong, said in their language: by the kind of the error, because its own text is English."""

from __future__ import annotations

from markupsafe import Markup

from marsad.errors import (
    AddressInvalid,
    AddressRefused,
    MarsadError,
    NameTaken,
    NameUnknown,
    TermInvalid,
    TransportError,
)
from web.faults import say_fault
from web.translation import Language


def say_error(language: Language, error: MarsadError) -> Markup:  # noqa: PLR0911 (a table)
    """Return one sentence for the person who can mend it."""
    _ = language.gettext
    match error:
        case TermInvalid():
            return say_fault(language, error)
        case NameTaken():
            return _("This is there already.")
        case NameUnknown():
            return _("This is not there any more.")
        case AddressInvalid():
            return _("This address cannot be used. Check how it is written.")
        case AddressRefused():
            return _(
                "This address is not public, so marsad does not connect to it. "
                "Whoever runs this marsad can allow its network."
            )
        case TransportError():
            return _("The test was not accepted: %(reason)s", reason=str(error))
        case _:
            return _("This name cannot be used. Write 1 to 100 characters on one line, and no address.")


def status_of(error: MarsadError) -> int:
    """Return the HTTP status of a form that is shown again."""
    return 409 if isinstance(error, NameTaken) else 422
