"""The spider that keeps the crawler open; requests come from the runner."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import scrapy

from spiders.guard import Guard


class ResidentSpider(scrapy.Spider):
    """Idles until the crawler is stopped; carries the guard and the deadline for the downloader's parts."""

    name = "resident"

    def __init__(self, *, guard: Guard, deadline: float, opened: asyncio.Event) -> None:
        super().__init__()
        self.guard = guard
        self.deadline = deadline
        self._opened = opened

    async def start(self) -> AsyncIterator[Any]:
        self._opened.set()
        await asyncio.Event().wait()
        yield None  # never reached; makes this the asynchronous generator that Scrapy wants
