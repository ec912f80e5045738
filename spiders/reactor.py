"""Twisted's reactor inside a running asyncio loop: started once in a process, stopped at its end."""

from __future__ import annotations

import asyncio
import logging
import sys


def start_reactor() -> None:
    """Install the asyncio reactor on the running loop and start it, once; later calls do nothing.

    Must run before anything imports `twisted.internet.reactor`, which installs another kind.
    Raises RuntimeError when the process has a reactor of another kind, or one on another loop.
    """
    from twisted.internet.asyncioreactor import AsyncioSelectorReactor
    from twisted.internet.main import installReactor

    loop = asyncio.get_running_loop()
    if "twisted.internet.reactor" not in sys.modules:
        installReactor(AsyncioSelectorReactor(loop))  # type: ignore[no-untyped-call]
    from twisted.internet import reactor

    if getattr(reactor, "_asyncioEventloop", None) is not loop:
        raise RuntimeError("Twisted's reactor in this process does not run on this asyncio loop.")
    if not reactor.running:
        _route_logging()
        reactor.startRunning(installSignalHandlers=False)


async def stop_reactor() -> None:
    """End what would keep the process alive: the reactor's threads. Call it when no Fetcher is open."""
    if "twisted.internet.reactor" not in sys.modules:
        return
    from twisted.internet import reactor

    if getattr(reactor, "threadpool", None) is not None:
        await asyncio.to_thread(reactor.threadpool.stop)


def _route_logging() -> None:
    """Send Twisted's log to the standard library's, and keep both it and Scrapy to what an operator needs."""
    from twisted.python.log import PythonLoggingObserver

    PythonLoggingObserver("twisted").start()  # type: ignore[no-untyped-call]
    for name, level in (
        ("twisted", logging.WARNING),
        ("scrapy", logging.WARNING),
        # Limits and missing robots.txt are ordinary here and become part of the fetch's result.
        ("scrapy.core.downloader.handlers.http11", logging.ERROR),
        ("scrapy.downloadermiddlewares.robotstxt", logging.CRITICAL),
    ):
        logging.getLogger(name).setLevel(level)
