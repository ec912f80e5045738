"""Hamza: write folded spellings as an editor would (انفيديا → إنفيديا).

A first alef carries its hamza by the vowel that is heard: أ for a, o and u, إ for e and i. Where both are in use
(أيباد, إيباد) it is إ: text that writes أ or a bare alef is then found as well, and not the other way round.
"""

from __future__ import annotations


def write_hamza(folded: str, latin: str) -> str:
    """Return a folded spelling of a Latin word with the hamza of its first letter."""
    if not folded.startswith("ا"):
        return folded
    rest = folded[1:]
    if rest.startswith("و"):
        return "أ" + rest
    if rest.startswith("ي") or latin[:1] not in tuple("aouhw"):
        return "إ" + rest
    return ("آ" if latin.startswith("aa") else "أ") + rest
