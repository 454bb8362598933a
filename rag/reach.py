"""For which place a text holds, by its title: 江苏省…条例 and 苏州市…通知 do not bind elsewhere.

Who asks without naming a place wants what holds for all of the country before what one province or
town has made of it.
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


@lru_cache(maxsize=1 << 16)
def place(title: str) -> str:
    """The place that a text holds for, without 省 or 市; empty where its title begins with none."""
    match = _PLACE.match(fold(title))
    return (match["place"] or match["named"]) if match else ""


def shares(question: str, titles: Sequence[str]) -> NDArray[np.float32]:
    """What the score of a passage of each title counts, shape (titles,).

    1 for those that hold everywhere or for a place that the question names, and for all where all
    are of some place; ``ELSEWHERE`` for the others.
    """
    view = fold(question)
    places = [place(title) for title in titles]
    away = np.array([bool(name) and name not in view for name in places], bool)
    bound = np.array([bool(name) for name in places], bool)
    return np.where(away & ~bound.all(), ELSEWHERE, 1.0).astype(np.float32)
