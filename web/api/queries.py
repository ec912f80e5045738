"""What the API takes in an address's query: what is not named is refused, because a typing error hides there."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from pydantic import BaseModel, ConfigDict


class Strict(BaseModel):
    """Parameters of which none but the named ones may come (else 422)."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class _Nothing(Strict):
    pass


NoQuery = Annotated[_Nothing, Query()]
"""The parameter type of a route that takes no query."""
