"""Transliteration: ranked Arabic spellings of any Latin name (`transliterate`)."""

from matching.transliteration.names import Candidate, transliterate

__all__ = ["Candidate", "transliterate"]
