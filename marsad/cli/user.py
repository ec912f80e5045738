"""`marsad setup-link` and `marsad unblock`: the ways in that only the console opens."""

from __future__ import annotations

from marsad.cli.context import open_app, read_context_settings


def setup_link() -> None:
    """Print a new one-time link that sets up the first account; those printed before work to their own end.

    It works once, for 24 hours. Its address is MARSAD_PUBLIC_URL, else MARSAD_LISTEN.

    Example: marsad setup-link
    """
    from marsad.errors import UsageError
    from storage import accounts
    from web.server import shown_url

    settings = read_context_settings()
    url = settings.public_url or shown_url(*settings.listen)
    with open_app(settings) as app, app.database.write() as session:
        if not accounts.set_up_needed(session):
            raise UsageError(f"This installation is set up already; sign in at {url}/login.")
        token = accounts.new_set_up_link(session, now=app.clock(session))
    print(f"{url}/setup?token={token}")


def unblock() -> None:
    """Let everyone try to sign in again at once, after too many attempts failed.

    It forgets the failed attempts of every account, browser and address; no password changes.

    Example: marsad unblock
    """
    from storage import throttle, users

    with open_app() as app, app.write() as (session, owner, now):
        forgotten = throttle.forget_attempts(session)
        if forgotten:
            users.audit(
                session, now=now, user_id=owner, action="user.unblocked", subject="sign-in", counts=forgotten
            )
    print("Everyone can try to sign in again now." if forgotten else "No attempt to sign in had failed.")
