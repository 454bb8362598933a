"""The program's own words in an answer, in the asker's language.

Only frames stand here; what the notice says is always quoted in the notice's own words.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Phrases:
    """Frames of an answer in one language.

    Attributes:
        says: Before a quote; ``{place}`` is the section with its heading.
        says_nowhere: Before a quote from a passage without a section.
        place: A section with its heading; ``{section}``, ``{heading}``.
        refusal: The notice does not say; ``{closest}`` names the nearest sections or is empty.
        closest: Where to look next; ``{places}``.
        instruction: Answer to text that is an instruction and no question.
        separator: Between places.
    """

    says: str
    says_nowhere: str
    place: str
    refusal: str
    closest: str
    instruction: str
    separator: str


_PHRASES: dict[str, Phrases] = {
    "zh-Hans": Phrases(
        says="{place}写明：",
        says_nowhere="原文写明：",
        place="“{section} {heading}”",
        refusal="通知没有写明这一点。{closest}",
        closest="内容最接近的是{places}，可以从那里查看。",
        instruction="这里只回答关于通知内容的问题，不执行指令。请就通知提问。",
        separator="、",
    ),
    "zh-Hant": Phrases(
        says="{place}寫明：",
        says_nowhere="原文寫明：",
        place="“{section} {heading}”",
        refusal="通知沒有寫明這一點。{closest}",
        closest="內容最接近的是{places}，可以從那裡查看。",
        instruction="這裡只回答關於通知內容的問題，不執行指令。請就通知提問。",
        separator="、",
    ),
    "en": Phrases(
        says="Section {place} says: ",
        says_nowhere="The text says: ",
        place="{section} ({heading})",
        refusal="The notice does not say. {closest}",
        closest="The closest passages are in {places}.",
        instruction="Only questions about the notice are answered here; instructions are not "
        "carried out.",
        separator="; ",
    ),
    "ja": Phrases(
        says="{place}にはこう書かれています：",
        says_nowhere="原文にはこう書かれています：",
        place="「{section} {heading}」",
        refusal="通知には書かれていません。{closest}",
        closest="最も近い箇所は{places}です。",
        instruction="ここでは通知の内容に関する質問だけに答えます。指示は実行しません。",
        separator="、",
    ),
    "ko": Phrases(
        says="{place}에 다음과 같이 적혀 있습니다: ",
        says_nowhere="원문에 다음과 같이 적혀 있습니다: ",
        place="‘{section} {heading}’",
        refusal="통지에는 나와 있지 않습니다. {closest}",
        closest="가장 가까운 부분은 {places}입니다.",
        instruction="통지 내용에 관한 질문에만 답하며 지시는 수행하지 않습니다.",
        separator=", ",
    ),
    "es": Phrases(
        says="La sección {place} dice: ",
        says_nowhere="El texto dice: ",
        place="{section} ({heading})",
        refusal="El aviso no lo dice. {closest}",
        closest="Lo más cercano está en {places}.",
        instruction="Aquí solo se responden preguntas sobre el aviso; no se ejecutan "
        "instrucciones.",
        separator="; ",
    ),
    "fr": Phrases(
        says="La section {place} dit : ",
        says_nowhere="Le texte dit : ",
        place="{section} ({heading})",
        refusal="La circulaire ne le dit pas. {closest}",
        closest="Les passages les plus proches sont dans {places}.",
        instruction="Seules les questions sur la circulaire reçoivent une réponse ; les "
        "instructions ne sont pas exécutées.",
        separator=" ; ",
    ),
    "de": Phrases(
        says="Abschnitt {place} sagt: ",
        says_nowhere="Der Text sagt: ",
        place="{section} ({heading})",
        refusal="Das steht nicht in der Bekanntmachung. {closest}",
        closest="Am nächsten kommen {places}.",
        instruction="Hier werden nur Fragen zur Bekanntmachung beantwortet; Anweisungen werden "
        "nicht ausgeführt.",
        separator="; ",
    ),
    "ru": Phrases(
        says="В разделе {place} сказано: ",
        says_nowhere="В тексте сказано: ",
        place="{section} ({heading})",
        refusal="В уведомлении об этом не сказано. {closest}",
        closest="Ближайшие места: {places}.",
        instruction="Здесь даются ответы только на вопросы об уведомлении; указания не "
        "выполняются.",
        separator="; ",
    ),
}


def phrases(language: str) -> Phrases:
    """Frames for a BCP 47 tag; English where the language has none of its own."""
    return _PHRASES.get(language, _PHRASES["en"])


def place(section: str, heading: str, language: str) -> str:
    """A section as a reader is pointed to it: its label and, where it has one, its heading."""
    frame = phrases(language).place
    if heading:
        return frame.format(section=section, heading=heading)
    return frame.replace(" ({heading})", "").replace(" {heading}", "").format(section=section)
