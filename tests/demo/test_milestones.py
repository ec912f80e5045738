"""What the demo tells at the terminal."""

from __future__ import annotations

from demo.milestones import Counts, Milestones


def test_the_first_of_each_kind_is_told_once_with_its_time() -> None:
    counts = iter([Counts(), Counts(matches=2), Counts(3, 1, 0), Counts(9, 8, 7)])
    time = iter([2.04, 3.5, 4.0, 5.4])
    told: list[str] = []
    milestones = Milestones(
        lambda: next(counts),
        elapsed=lambda: next(time),
        tell=told.append,
        describe_match=lambda: "Nvidia as إنفيديا",
    )
    for _ in range(4):
        milestones.look()
    assert told == [
        "After 2.0 s the first match: Nvidia as إنفيديا",
        "After 3.5 s the first mail: see /demo/mailbox",
        "After 4.0 s the first webhook: its signature holds; see /demo/webhooks",
    ]
    assert milestones.summary() == "After 5 s: 9 matches, 8 mails, 7 signed webhooks."


def test_one_of_each_makes_it_complete() -> None:
    assert Counts(1, 1, 1).complete
    assert not Counts(5, 5, 0).complete
