"""Whether this machine is online, told from what its fetches came to, so that it is said once and not a source.

One host that cannot be found may be that host's fault; several of them, with none reached in between, are not.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from marsad.types import FailureKind, FetchFailure, FetchResult

ENOUGH = 3
"""So many hosts out of reach mean that this machine is offline; where fewer are polled, all of them."""

OFFLINE = (
    "No network: no source can be reached. They are tried again every few minutes, and nothing is lost."
    " To see marsad at work without a network: make demo"
)
ONLINE = "The network is back."


@dataclass(frozen=True, slots=True)
class Connectivity:
    """What is known so far: hosts that were polled, and those out of reach since one was last reached.

    More than ENOUGH of either are not remembered.
    """

    polled: frozenset[str] = frozenset()
    out_of_reach: frozenset[str] = frozenset()
    told: bool = False


def plan_notice(before: Connectivity, host: str, result: FetchResult) -> tuple[Connectivity, str | None]:
    """Return what is known after a fetch, and what to say now: one sentence per outage, one at its end."""
    known = replace(before, polled=_with(before.polled, host))
    if _proves_network(result):
        known = replace(known, out_of_reach=frozenset(), told=False)
        return known, ONLINE if before.told else None
    if not (isinstance(result, FetchFailure) and result.offline):
        # The guard refused, or time was up: that says nothing.
        return known, None
    known = replace(known, out_of_reach=_with(before.out_of_reach, host))
    if before.told or len(known.out_of_reach) < len(known.polled):
        return known, None
    return replace(known, told=True), OFFLINE


def blame(known: Connectivity, result: FetchResult) -> FetchResult:
    """Return the result as the host's own failure, unless this machine is known to be offline.

    A name server that cannot answer for one domain (RFC 1035 §4.1.1, SERVFAIL) looks like none that answers.
    """
    if not isinstance(result, FetchFailure) or not result.offline or known.told:
        return result
    return replace(result, offline=False, kind=FailureKind.UNREACHABLE)


def _proves_network(result: FetchResult) -> bool:
    return not isinstance(result, FetchFailure) or result.status is not None


def _with(hosts: frozenset[str], host: str) -> frozenset[str]:
    return hosts if len(hosts) >= ENOUGH else hosts | {host}
