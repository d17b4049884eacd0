"""How alike two names of classes are, for the assistant that proposes pairs between schemes.

Pure: plain strings in, a judgement out. Names are compared in three steps: as they are written;
in one spelling (width, brackets and their content, characters and words that transcriptions use
for each other); and by the runs of characters they share.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from functools import lru_cache

# The same thing written otherwise, as lists of classes of different years and cities have it.
SAME_SPELLING = (
    ("坐椅", "座椅"), ("座凳", "座椅"), ("通讯", "通信"), ("箅", "篦"), ("篦子", "箅子"),
    ("其它", "其他"), ("自来水", "供水"), ("上水", "供水"), ("噪声", "噪音"), ("帐篷", "账篷"),
    ("广告牌匾", "牌匾广告"), ("标示牌", "标志牌"), ("标识牌", "标志牌"), ("指示牌", "标志牌"),
    ("非机动车辆", "非机动车"), ("破裂", "破损"), ("动物尸体清理", "动物尸体"),
)  # fmt: skip
BRACKETS = re.compile(r"\(.*?\)|\[.*?\]|<.*?>")
JOINTS = re.compile(r"[\s、,.;:/·\-_|和及与或的]+")
# Below this share of common characters a name is no proposal, only noise to click away.
NEAR = 0.6
EXACT_SCORE, SPELLING_SCORE = 1.0, 0.95
MOST = 3


class Basis(StrEnum):
    """Why a pair is proposed."""

    EXACT = "exact"
    SPELLING = "spelling"
    NEAR = "near"


@dataclass(frozen=True, slots=True)
class Likeness:
    """One name that may mean the same, with how sure it is (0 … 1)."""

    key: int
    basis: Basis
    score: float


@lru_cache(maxsize=8192)
def spelled(name: str) -> str:
    """The name in one spelling; what stands in brackets is left out where anything remains."""
    text = unicodedata.normalize("NFKC", name).lower()
    text = JOINTS.sub("", BRACKETS.sub("", text)) or JOINTS.sub("", text)
    for other, ours in SAME_SPELLING:
        text = text.replace(other, ours)
    return text


def likeness(one: str, other: str) -> tuple[Basis, float] | None:
    """Why and how much two names are alike; None where they are not."""
    if unicodedata.normalize("NFKC", one).strip() == unicodedata.normalize("NFKC", other).strip():
        return Basis.EXACT, EXACT_SCORE
    first, second = spelled(one), spelled(other)
    if first == second:
        return Basis.SPELLING, SPELLING_SCORE
    # the ratio of an unordered pair: the library's own depends on which name comes first
    low, high = sorted((first, second))
    matcher = SequenceMatcher(None, low, high, autojunk=False)
    if matcher.real_quick_ratio() < NEAR or matcher.quick_ratio() < NEAR:  # cheap upper bounds
        return None
    score = round(matcher.ratio() * SPELLING_SCORE, 3)
    return (Basis.NEAR, score) if score >= NEAR else None


def same_name(one: str, other: str) -> bool:
    """Whether two names are the same, give or take their spelling."""
    found = likeness(one, other)
    return found is not None and found[0] != Basis.NEAR


def most_alike(name: str, others: Iterable[tuple[int, str]], most: int = MOST) -> list[Likeness]:
    """The names most like this one, best first; near ones only where none is the same."""
    found = [
        Likeness(key, *judged)
        for key, other in others
        if (judged := likeness(name, other)) is not None
    ]
    found.sort(key=lambda one: (-one.score, one.key))
    best = [one for one in found if one.basis != Basis.NEAR]
    if best:
        return [one for one in best if one.basis == best[0].basis][:most]
    return found[:most]
