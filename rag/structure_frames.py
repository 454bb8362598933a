"""The program's own words around quotations from a notice's structure, by language."""

from __future__ import annotations

from dataclasses import dataclass, field

from rag.numbering import Rank, steps


@dataclass(frozen=True)
class Frames:
    """Sentence frames of one language.

    Attributes:
        quotes: Opening and closing quotation mark.
        is_named: Before an element's value; ``{name}``.
        no_element: The notice lacks it; ``{name}``.
        whole: How the whole notice is named.
        place: How a section is named; ``{label}``.
        heading: Before a section's heading; ``{place}``.
        says: Before the first sentence of a section without a heading; ``{place}``.
        of_part: A question for what a section says; ``{place}``.
        begins: Between a heading and the first sentence after it.
        points: Between a heading and those of the subsections; ``{n}``.
        parts: Before the headings of a whole notice; ``{n}``.
        count: Before a list of headings; ``{place}``, ``{n}``, ``{unit}``.
        about: Before the title where it tells what the notice is about.
        no_section: ``{asked}``, ``{place}``, ``{n}``, ``{unit}``.
        not_there: ``{asked}``, where there is nothing of its kind.
        unnumbered: ``{place}`` has no numbered parts.
        unit: What the parts of a notice are called.
        subunit: What the parts of a section are called.
        label: Before the heading of one section in a list; ``{label}``.
        names: Elements' names where they are not used as they are.
        comma: Between names.
        semicolon: Between quotations.
        stop: Full stop, with a space where the language has one.
        own_units: Whether the question's word for the parts can be said back.
        arabic: Whether labels are said in Arabic numerals.
    """

    quotes: str
    is_named: str
    no_element: str
    whole: str
    place: str
    heading: str
    says: str
    of_part: str
    begins: str
    points: str
    parts: str
    count: str
    about: str
    no_section: str
    not_there: str
    unnumbered: str
    unit: str
    subunit: str
    label: str = "{label} "
    names: dict[str, str] = field(default_factory=dict)
    comma: str = ", "
    semicolon: str = "; "
    stop: str = ". "
    own_units: bool = False
    arabic: bool = True

    def quote(self, text: str) -> str:
        """A quotation; line breaks inside it are not shown."""
        return self.quotes[0] + text.replace("\n", "") + self.quotes[1]

    def element(self, name: str) -> str:
        """An element's name."""
        return self.names.get(name, name)

    def section(self, label: str) -> str:
        """A section's label as this language says it: ``二（三）`` or ``2(3)``."""
        path = steps(label)
        if not self.arabic or not path:
            return self.element(label)
        out = ""
        for rank, number in path:
            bracketed = out and rank > Rank.CLAUSE
            out += f"({number})" if bracketed else f"{'.' if out else ''}{number}"
        return out


def _names(*names: str) -> dict[str, str]:
    keys = (
        "标题 发文字号 主送机关 发文机关署名 成文日期 附件 签发人 密级 紧急程度 抄送机关 "
        "联系方式 有效期 施行日期"
    ).split()
    return dict(zip(keys, names, strict=True))


_FRAMES: dict[str, Frames] = {
    "zh-Hans": Frames(
        quotes="“”",
        is_named="{name}是",
        no_element="这份文件里没有{name}这一项。",
        whole="全文",
        place="“{label}”",
        heading="{place}的标题是",
        says="{place}写的是",
        of_part="{place}讲什么？",
        begins="，开头写道：",
        points="，下分{n}点：",
        parts="正文有{n}个部分：",
        count="{place}共有{n}{unit}：",
        about="这份文件的标题说明了主题：",
        no_section="这份文件没有“{asked}”：{place}只有{n}{unit}。",
        not_there="这份文件没有“{asked}”。",
        unnumbered="{place}没有编号的下级部分。",
        unit="个部分",
        subunit="点",
        label="{label} ",
        names={"发文机关署名": "发文机关"},
        comma="、",
        semicolon="；",
        stop="。",
        own_units=True,
        arabic=False,
    ),
    "zh-Hant": Frames(
        quotes="「」",
        is_named="{name}是",
        no_element="這份文件裡沒有{name}這一項。",
        whole="全文",
        place="「{label}」",
        heading="{place}的標題是",
        says="{place}寫的是",
        of_part="{place}講什麼？",
        begins="，開頭寫道：",
        points="，下分{n}點：",
        parts="正文有{n}個部分：",
        count="{place}共有{n}{unit}：",
        about="這份文件的標題說明了主題：",
        no_section="這份文件沒有「{asked}」：{place}只有{n}{unit}。",
        not_there="這份文件沒有「{asked}」。",
        unnumbered="{place}沒有編號的下級部分。",
        unit="個部分",
        subunit="點",
        label="{label} ",
        names=_names(
            *"標題 發文字號 主送機關 發文機關 成文日期 附件 簽發人 密級 緊急程度 抄送機關 "
            "聯絡方式 有效期".split(),
            "施行日期",
        )
        | {"导语": "導語"},
        comma="、",
        semicolon="；",
        stop="。",
        arabic=False,
    ),
    "en": Frames(
        quotes="“”",
        is_named="The {name} is ",
        no_element="The document gives no {name}.",
        whole="The document",
        place="Section {label}",
        heading="{place} is headed ",
        says="{place} says ",
        of_part="What does {place} say?",
        begins="; it begins ",
        points=", with {n} points: ",
        parts="It has {n} parts: ",
        count="{place} has {n} {unit}: ",
        about="Its title tells the subject: ",
        no_section="There is no “{asked}”: {place} has {n} {unit}.",
        not_there="The document has no “{asked}”.",
        unnumbered="{place} has no numbered parts.",
        unit="numbered parts",
        subunit="points",
        label="({label}) ",
        names=_names(
            "title",
            "document number",
            "addressee",
            "issuing body",
            "date of issue",
            "annex",
            "signatory",
            "security classification",
            "degree of urgency",
            "list of copies",
            "contact",
            "period of validity",
            "effective date",
        ),
    ),
    "ja": Frames(
        quotes="「」",
        is_named="{name}：",
        no_element="この文書に{name}の記載はありません。",
        whole="全体",
        place="第{label}",
        heading="{place}の見出し：",
        says="{place}：",
        of_part="{place}には何が書かれていますか？",
        begins="。冒頭：",
        points="。{n}項目：",
        parts="本文は{n}部：",
        count="{place}は{n}{unit}：",
        about="題名が主題を示します：",
        no_section="「{asked}」はありません。{place}は{n}{unit}です。",
        not_there="「{asked}」はありません。",
        unnumbered="{place}に番号付きの項目はありません。",
        unit="部分",
        subunit="項目",
        names=_names(
            *"題名 文書番号 宛先 発行機関 日付 添付 署名者 秘密区分 緊急度 写しの送付先 "
            "連絡先 有効期間 施行日".split()
        ),
        comma="、",
        semicolon="；",
        stop="。",
    ),
    "ko": Frames(
        quotes="“”",
        is_named="{name}: ",
        no_element="이 문서에는 {name}이(가) 없습니다.",
        whole="전체",
        place="제{label}",
        heading="{place} 제목: ",
        says="{place}: ",
        of_part="{place}에는 무엇이 적혀 있나요?",
        begins=". 첫 문장: ",
        points=". {n}개 항목: ",
        parts="본문은 {n}개 부분: ",
        count="{place}: {n}{unit}: ",
        about="제목이 주제를 말해 줍니다: ",
        no_section="“{asked}”은(는) 없습니다. {place}에는 {n}{unit}이(가) 있습니다.",
        not_there="“{asked}”은(는) 없습니다.",
        unnumbered="{place}에는 번호가 붙은 부분이 없습니다.",
        unit="개 부분",
        subunit="개 항목",
        names=_names(
            *"제목 문서번호 수신처 발행기관 날짜 첨부 서명자 비밀등급 긴급도 참조처 연락처 "
            "유효기간 시행일".split()
        ),
    ),
    "es": Frames(
        quotes="“”",
        is_named="{name}: ",
        no_element="El documento no indica: {name}.",
        whole="El documento",
        place="La sección {label}",
        heading="{place} se titula ",
        says="{place} dice ",
        of_part="¿Qué dice {place}?",
        begins="; empieza: ",
        points=", con {n} puntos: ",
        parts="Tiene {n} partes: ",
        count="{place} tiene {n} {unit}: ",
        about="El título indica el tema: ",
        no_section="No existe «{asked}»: {place} tiene {n} {unit}.",
        not_there="El documento no tiene «{asked}».",
        unnumbered="{place} no tiene partes numeradas.",
        unit="partes",
        subunit="puntos",
        label="({label}) ",
        names=_names(
            "Título",
            "Número del documento",
            "Destinatario",
            "Organismo emisor",
            "Fecha",
            "Anexo",
            "Firmante",
            "Clasificación",
            "Urgencia",
            "Copias",
            "Contacto",
            "Vigencia",
            "Entrada en vigor",
        ),
    ),
    "fr": Frames(
        quotes="“”",
        is_named="{name} : ",
        no_element="Le document n’indique pas ceci : {name}.",
        whole="Le document",
        place="La section {label}",
        heading="{place} s’intitule ",
        says="{place} dit ",
        of_part="Que dit {place} ?",
        begins=" ; elle commence ainsi : ",
        points=", avec {n} points : ",
        parts="Il a {n} parties : ",
        count="{place} compte {n} {unit} : ",
        about="Le titre indique le sujet : ",
        no_section="Il n’y a pas de « {asked} » : {place} compte {n} {unit}.",
        not_there="Le document n’a pas de « {asked} ».",
        unnumbered="{place} n’a pas de parties numérotées.",
        unit="parties",
        subunit="points",
        label="({label}) ",
        semicolon=" ; ",
        names=_names(
            "Titre",
            "Numéro du document",
            "Destinataire",
            "Organisme émetteur",
            "Date",
            "Annexe",
            "Signataire",
            "Classification",
            "Urgence",
            "Copies",
            "Contact",
            "Validité",
            "Entrée en vigueur",
        ),
    ),
    "de": Frames(
        quotes="„“",
        is_named="{name}: ",
        no_element="Das Dokument nennt dies nicht: {name}.",
        whole="Das Dokument",
        place="Abschnitt {label}",
        heading="{place} trägt die Überschrift ",
        says="{place} sagt ",
        of_part="Was sagt {place}?",
        begins="; er beginnt: ",
        points=", mit {n} Punkten: ",
        parts="Es hat {n} Teile: ",
        count="{place} hat {n} {unit}: ",
        about="Der Titel nennt das Thema: ",
        no_section="„{asked}“ gibt es nicht: {place} hat {n} {unit}.",
        not_there="„{asked}“ gibt es nicht.",
        unnumbered="{place} hat keine nummerierten Teile.",
        unit="Teile",
        subunit="Punkte",
        label="({label}) ",
        names=_names(
            "Titel",
            "Dokumentnummer",
            "Adressat",
            "Herausgeber",
            "Datum",
            "Anlage",
            "Unterzeichner",
            "Einstufung",
            "Dringlichkeit",
            "Kopien",
            "Kontakt",
            "Geltungsdauer",
            "Inkrafttreten",
        ),
    ),
    "ru": Frames(
        quotes="«»",
        is_named="{name}: ",
        no_element="В документе не указано: {name}.",
        whole="Документ",
        place="Раздел {label}",
        heading="{place} озаглавлен ",
        says="{place}: ",
        of_part="О чём {place}?",
        begins="; начало: ",
        points=", пунктов — {n}: ",
        parts="Частей — {n}: ",
        count="{place}: {unit} — {n}: ",
        about="Тему называет заголовок: ",
        no_section="Нет «{asked}». {place}: {unit} — {n}.",
        not_there="Нет «{asked}».",
        unnumbered="{place}: пронумерованных частей нет.",
        unit="частей",
        subunit="пунктов",
        label="({label}) ",
        names=_names(
            "Заголовок",
            "Номер документа",
            "Адресат",
            "Кем выпущен",
            "Дата",
            "Приложение",
            "Подписавший",
            "Гриф",
            "Срочность",
            "Копии",
            "Контакты",
            "Срок действия",
            "Вступление в силу",
        ),
    ),
}


# The first and the last paragraph of the body.
_PARAGRAPHS = {
    "zh-Hans": ("导语", "最后一段"),
    "zh-Hant": ("導語", "最後一段"),
    "en": ("opening paragraph", "closing paragraph"),
    "ja": ("前文", "最後の段落"),
    "ko": ("도입부", "마지막 단락"),
    "es": ("Párrafo inicial", "Párrafo final"),
    "fr": ("Introduction", "Dernier paragraphe"),
    "de": ("Einleitender Absatz", "Letzter Absatz"),
    "ru": ("Вступление", "Последний абзац"),
}
for _tag, _pair in _PARAGRAPHS.items():
    _FRAMES[_tag].names.update(zip(("导语", "结尾"), _pair, strict=True))


def frames(tag: str) -> Frames:
    """Frames for a BCP 47 tag; English where the language has none."""
    return _FRAMES.get(tag, _FRAMES["en"])
