"""What accuracy a class of parts wants, and whether a measured position has it (`codes.md`).

Pure: metres and classes in, an answer out.
"""

from __future__ import annotations

# ±0.5 m for covers and poles, ±1.0 m for kiosks and shelters, ±10 m for bridges and car parks.
ALLOWED_M = {"A": 0.5, "B": 1.0, "C": 10.0}


def attained(accuracy_m: float | None) -> str:
    """The strictest class that a measurement satisfies; empty for none or an unknown accuracy."""
    if accuracy_m is None:
        return ""
    return next((name for name, metres in ALLOWED_M.items() if accuracy_m <= metres), "")


def is_good_enough(accuracy_m: float | None, wanted: str) -> bool:
    """Whether a measurement is as good as the class wants; one of unknown accuracy is not.

    A class without an accuracy class takes any.
    """
    if wanted not in ALLOWED_M:
        return True
    return accuracy_m is not None and accuracy_m <= ALLOWED_M[wanted]
