"""How far and how high a text binds, by its title.

江苏省…条例 and 苏州市…通知 do not bind elsewhere: who asks without naming a place wants what holds
for all of the country before what one province or town has made of it. A law stands above
regulations, rules and interpretations (立法法, on 法律的效力): who names none of them wants the law
first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from rag.text import fold

ELSEWHERE = 0.75
"""What the score of a passage counts that holds for a place that was not named."""

BELOW = 0.8
"""What the score of a passage counts that does not stand in a law, where laws are found too."""

PROVINCES = (
    "北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东"
    "|海南|四川|贵州|云南|陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门"
)
_AREA = (  # 保护区, 城市: no places of their own
    "(?<![护胜发验济园库灾地社牧林矿山城小校特辖片景政税洪查])区|(?<![城都门超股上])市(?!场)|省|自治州|自治县|县|旗|盟"
)
_PLACE = re.compile(
    rf"(?P<place>{PROVINCES})|(?!中华|中国|全国|国家|关于)(?P<named>[\u4e00-\u9fff]{{2,6}}?)(?:{_AREA})"
)

_LAW = re.compile(  # 办法, 做法: no laws
    r"^全国人民代表大会|(?:(?<![办方做用])法|法典(?: .*)?|修正案)(?:[(（][^()（）]*[)）])?$"
)
_STATE = "中华人民共和国"


@lru_cache(maxsize=1 << 16)
def place(title: str) -> str:
    """The place that a text holds for, without 省 or 市; empty where its title begins with none."""
    match = _PLACE.match(fold(title))
    return (match["place"] or match["named"]) if match else ""


@lru_cache(maxsize=1 << 16)
def is_law(title: str) -> bool:
    """Whether a text is a law, or a code's part or amendment, rather than of a lower kind."""
    return bool(_LAW.search(fold(title))) and not place(title)


def shares(question: str, titles: Sequence[str]) -> NDArray[np.float32]:
    """What the score of a passage of each title counts, shape (titles,).

    1 for a law that holds everywhere or for a place that the question names; ``ELSEWHERE`` for what
    holds for another place, times ``BELOW`` for what is no law. Neither counts where all texts are
    of some place, or none is a law, nor for a text whose title the question names.
    """
    view = fold(question)
    places = [place(title) for title in titles]
    named = np.array([bool(t) and fold(t).removeprefix(_STATE) in view for t in titles], bool)
    here = np.array([bool(name) and name in view for name in places], bool)
    local = np.array([bool(name) for name in places], bool)
    laws = np.array([is_law(title) for title in titles], bool)
    away = local & ~here & ~named & ~local.all()
    below = ~laws & ~here & ~named & laws.any()
    return (np.where(away, ELSEWHERE, 1.0) * np.where(below, BELOW, 1.0)).astype(np.float32)
