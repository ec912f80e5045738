"""Sense: does a name of several meanings stand for the technology company, product, model, chip or person here?

`decide_sense` weighs what stands around one mention: cues for the field (شركة، رقائق، other names of the field)
against cues for whatever else bears the name (a river, a first name, a rocket). The cues are reviewed data,
`cues.toml`; `matching.sense.decision` tells how they are weighed.
"""

from matching.sense.context import Context
from matching.sense.decision import decide_sense
from matching.sense.values import SenseProfile, SenseVerdict

__all__ = ["Context", "SenseProfile", "SenseVerdict", "decide_sense"]
