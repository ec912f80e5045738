"""Every error that a user or an operator can cause.

    MarsadError                 one sentence that names the thing and the way out; exit status 1
    ├── UsageError              the call was wrong; exit status 2
    │   ├── AddressInvalid      an address that cannot be used, whatever stands behind it
    │   ├── NameTaken           a source, channel, watchlist or term of that name exists
    │   ├── NameUnknown         no source, channel, watchlist or term of that name
    │   ├── TermInvalid         a watch term that cannot be looked for
    │   │   └── ExpressionInvalid  an expression that cannot be read, or would match nearly everything
    │   ├── LinkInvalid         a one-time link that was used, is too old, or never was one
    │   └── SettingInvalid      an environment variable that cannot be used
    ├── AddressRefused          the guard will not connect there
    ├── LoopbackDown            this machine cannot reach itself, so there can be no demo
    ├── DatabaseError           the database cannot be used as it is
    │   ├── DatabaseUnreachable no connection, or the file cannot be opened
    │   ├── SchemaTooNew        written by a newer marsad
    │   └── MigrationFailed     the schema could not be brought up to date; the old one stands
    ├── PortTaken               the web app cannot listen where it should
    ├── LeaseLost               another process took this work over; what it commits counts
    └── TransportError          a notification was not accepted; says whether trying again can help

Programming errors are not in this tree: they propagate.
"""

from __future__ import annotations

from enum import StrEnum


class MarsadError(Exception):
    """A failure that one sentence explains to the person who can mend it."""

    exit_status = 1


class UsageError(MarsadError):
    """The call was wrong; nothing was changed."""

    exit_status = 2


class AddressInvalid(UsageError):
    """An address that is not a plain http or https address."""


class NameTaken(UsageError):
    """The name exists; names are unique within their owner."""


class NameUnknown(UsageError):
    """Nothing has that name."""


class TermFault(StrEnum):
    """What is wrong with a name, spelling or excluded phrase, for sentences in any language."""

    TOO_LONG = "too_long"
    CONTROL_CHARACTER = "control_character"
    NO_LETTERS = "no_letters"
    SINGLE_LETTER = "single_letter"
    TOO_FREQUENT = "too_frequent"
    TOO_MANY = "too_many"
    """More spellings or phrases than anybody needs."""


class ExpressionFault(StrEnum):
    """What is wrong with an expression, for sentences in any language."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    TOO_DEEP = "too_deep"
    TOO_MANY_NAMES = "too_many_names"
    CONTROL_CHARACTER = "control_character"
    UNEXPECTED_CHARACTER = "unexpected_character"
    UNTERMINATED_QUOTE = "unterminated_quote"
    UNCLOSED_PARENTHESIS = "unclosed_parenthesis"
    UNOPENED_PARENTHESIS = "unopened_parenthesis"
    EMPTY_PARENTHESES = "empty_parentheses"
    NOTHING_BETWEEN = "nothing_between"
    """Two names or groups stand beside each other without an operator."""
    NOT_AN_OPERATOR = "not_an_operator"
    """The same, and one is an operator's word in small letters or in Arabic."""
    MINUS = "minus"
    DANGLING_OPERATOR = "dangling_operator"
    UNKNOWN_FIELD = "unknown_field"
    DANGLING_FIELD = "dangling_field"
    NESTED_FIELD = "nested_field"
    MISPLACED_MARK = "misplaced_mark"
    NEAR_DISTANCE = "near_distance"
    NEAR_SIDE = "near_side"
    NAME_WITHOUT_LETTERS = "name_without_letters"
    NAME_TOO_SHORT = "name_too_short"
    NAME_TOO_LONG = "name_too_long"
    ONLY_NEGATIVE = "only_negative"
    ONLY_SOURCE = "only_source"


class TermInvalid(UsageError):
    """A watch term that cannot be looked for.

    `subject` is the name, spelling or phrase that the sentence names, and `share` in about how many of all
    articles it stands, from 0 to 1, where that is the fault.
    """

    def __init__(
        self, message: str, *, kind: TermFault | ExpressionFault, subject: str = "", share: float = 0.0
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.subject = subject
        self.share = share


class ExpressionInvalid(TermInvalid):
    """An expression that cannot be read, or would match nearly everything.

    `position` is the code point of the expression, from 0, where the fault is; its length where something is
    missing at the end. `subject` is the piece of the expression that the sentence names, often empty.
    """

    kind: ExpressionFault

    def __init__(self, message: str, *, kind: ExpressionFault, position: int, subject: str = "") -> None:
        super().__init__(message, kind=kind, subject=subject)
        self.position = position


class LinkInvalid(UsageError):
    """A one-time link that was used, is too old, or never was one."""


class SettingInvalid(UsageError):
    """An environment variable that cannot be used."""


class AddressRefused(MarsadError):
    """The guard will not connect there; the text is the same whatever stands behind the address."""


class LoopbackDown(MarsadError):
    """This machine cannot reach itself at 127.0.0.1."""


class DatabaseError(MarsadError):
    """The database cannot be used as it is."""


class DatabaseUnreachable(DatabaseError):
    """No connection could be made."""


class SchemaTooNew(DatabaseError):
    """The schema was written by a newer marsad."""


class MigrationFailed(DatabaseError):
    """The schema could not be brought up to date; the old one stands."""


class PortTaken(MarsadError):
    """The web app cannot listen where it should."""


class LeaseLost(MarsadError):
    """Another process holds the work now; nothing of ours was stored."""


class TransportError(MarsadError):
    """A notification was not accepted.

    `permanent` says that the same attempt cannot succeed later; `retry_after` is the receiver's
    own wish in seconds; `gone` says that the receiver asked for no more (HTTP 410).
    """

    def __init__(
        self, message: str, *, permanent: bool = False, retry_after: float | None = None, gone: bool = False
    ) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.retry_after = retry_after
        self.gone = gone
