"""The folded search view of text: script, width, case; tokens; sentence ends; language.

Folding keeps the length: ``fold(s)[i]`` stands for ``s[i]``, so a place found in the folded view is
a place in the text itself. Quotes are always cut from the text, never from the view.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any

HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3007"
_WORD = rf"(?:(?![{HAN}])[^\W_])+"
_RUN = re.compile(rf"[{HAN}]+|{_WORD}(?:['’.\-]{_WORD})*")
_HAN_RUN = re.compile(rf"[{HAN}]+")
_KANA = re.compile(r"[\u3040-\u30ff]")
_HANGUL = re.compile(r"[\uac00-\ud7af\u1100-\u11ff]")
_LATIN_WORD = re.compile(r"[a-zà-ÿß]+")
_LATIN_RUN = re.compile(r"[a-z'’]{3,}")

_OPENING = "《“‘（(「『【〈〔"
_CLOSING = "》”’）)」』】〉〕"
_PARTNER = dict(zip(_CLOSING, _OPENING, strict=True))
_BRACKET = re.compile(f"[{re.escape(_OPENING + _CLOSING)}]")
# A Latin full stop ends a sentence only before a space and a capital or Han character.
_MARK = re.compile(rf'{_BRACKET.pattern}|[。！？；!?;…]|\.(?=\s{{1,2}}[A-Z{HAN}“"])')
_ITEM = re.compile(r"\s*\d{1,3}")  # "3. …", the number of a point
_END = re.compile(f".[。！？!?；;…{re.escape(_CLOSING)}]*")


@cache
def _fold_table() -> dict[int, str]:
    """Code point -> folded character: Traditional to Simplified, full width to half, case."""
    import opencc

    ideographs = [chr(c) for c in (*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000))]
    simplified = opencc.OpenCC("t2s").convert("\n".join(ideographs)).split("\n")
    table = {ord(t): s for t, s in zip(ideographs, simplified, strict=True) if t != s}
    table.update({c: chr(c - 0xFEE0).lower() for c in range(0xFF01, 0xFF5F)})
    table[0x3000] = " "
    table.update({c: chr(c).lower() for c in range(0x41, 0x250) if len(chr(c).lower()) == 1})
    return table


def fold(text: str) -> str:
    """The search view: Simplified script, half width, lower case; same length as ``text``."""
    return text.translate(_fold_table())


def pairs(text: str) -> list[str]:
    """The neighbouring pairs of Han characters of a text, as they stand in it."""
    runs = re.findall(f"[{HAN}]{{2,}}", text)
    return [run[i : i + 2] for run in runs for i in range(len(run) - 1)]


def tokens(text: str) -> list[str]:
    """Tokens for lexical search, of the folded view.

    Han characters give unigrams and bigrams; anything else gives whole words and numbers, English
    words by their stem (Porter 2, http://snowball.tartarus.org/algorithms/english/stemmer.html).
    """
    out: list[str] = []
    for match in _RUN.finditer(fold(text)):
        run = match.group()
        if _HAN_RUN.fullmatch(run):
            out.extend(run)
            out.extend(run[i : i + 2] for i in range(len(run) - 1))
        else:
            out.append(_stem(run))
    return out


@cache
def _stemmer() -> Any:
    import Stemmer

    return Stemmer.Stemmer("english")


@lru_cache(maxsize=1 << 16)
def _stem(word: str) -> str:
    if not _LATIN_RUN.fullmatch(word):
        return word
    return str(_stemmer().stemWord(word.replace("’", "'")))


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Spans of sentences in ``text``, without the white space around them.

    A sentence ends at ``。！？；`` or their half-width forms, at ``…`` and at a line end; never
    inside a number (``19.5``), after that of a point (``3. …``), or inside a book title
    (``《…》``), a quotation or brackets that close again in the same line. A closing mark straight
    after the end belongs to the sentence.

    Returns:
        Half-open ``(start, end)`` pairs in order. Text without a sentence end is one sentence.
    """
    spans: list[tuple[int, int]] = []
    offset = 0
    for line in text.split("\n"):
        start = 0
        for end in (*_ends(line), len(line)):
            piece = line[start:end]
            bare = piece.strip()
            if bare:
                begin = offset + start + piece.index(bare)
                spans.append((begin, begin + len(bare)))
            start = end
        offset += len(line) + 1
    return spans


def _ends(line: str) -> list[int]:
    """Ends of sentences inside one line."""
    closed = _closed_brackets(line)
    ends: list[int] = []
    depth = 0
    for mark in _MARK.finditer(line):
        i, ch = mark.start(), mark.group()
        if i in closed:
            depth += 1 if ch in _OPENING else -1
        elif ch == "." and _ITEM.fullmatch(line, 0, i):
            continue
        elif depth == 0 and not _BRACKET.match(ch) and i >= (ends or [0])[-1]:
            ends.append(i + len(_END.match(line, i)[0]))  # type: ignore[index]
    return ends


def _closed_brackets(line: str) -> set[int]:
    """Places of opening and closing marks that pair up within the line."""
    stack: list[int] = []
    paired: set[int] = set()
    for mark in _BRACKET.finditer(line):
        i, ch = mark.start(), mark.group()
        if ch in _OPENING:
            stack.append(i)
        elif ch in _CLOSING and any(line[j] == _PARTNER[ch] for j in stack):
            while (j := stack.pop()) >= 0 and line[j] != _PARTNER[ch]:
                pass
            paired.update((j, i))
    return paired


# Words so common in a language that a short question nearly always holds one of them.
_FUNCTION_WORDS = {
    "es": "qué cuál cuáles cómo cuándo dónde quién quiénes por el la los las del que es son una se "
    "de en cuántas cuántos este esta",
    "fr": "quel quelle quels quelles comment quand où qui est sont les des du une le la et que "
    "pour de combien ce cette dans quoi",
    "de": "was wer wie wann wo welche welcher welches ist sind der die das und ein eine für warum "
    "worum wovon worüber steht geht im von vom dem den wen wem viele",
    "en": "what who how when where which why is are the of and a to does do in for which notice",
}

# Letters and marks of a language that English does without.
_OWN_LETTERS = {"es": "áéíóúñ¿¡", "fr": "àâçéèêëîïôùûœ", "de": "äöüß"}


@lru_cache(maxsize=256)
def language(text: str) -> str:
    """BCP 47 tag of the language a question is written in.

    By script where that decides (kana, Hangul, Han, Cyrillic, Arabic, ...), by function words
    among Latin-script languages; ``en`` for Latin text with none of them, ``zh-Hans`` for text
    without letters.
    """
    if _KANA.search(text):
        return "ja"
    if _HANGUL.search(text):
        return "ko"
    if han := _HAN_RUN.findall(text):
        joined = "".join(han)
        return "zh-Hant" if _is_traditional(joined) else "zh-Hans"
    if re.search(r"[\u0400-\u04ff]", text):
        return "ru"
    if re.search(r"[\u0600-\u06ff]", text):
        return "ar"
    words = _LATIN_WORD.findall(text.lower())
    if not words:
        return "zh-Hans"
    counts = {tag: sum(w in ws.split() for w in words) for tag, ws in _FUNCTION_WORDS.items()}
    for tag, letters in _OWN_LETTERS.items():
        counts[tag] += any(c in letters for c in text.lower())
    return max(counts, key=lambda tag: (counts[tag], tag == "en"))


def _is_traditional(han: str) -> bool:
    """Whether Han text is in Traditional script: it changes when folded."""
    return fold(han) != han
