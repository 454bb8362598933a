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


_NOTES: dict[str, dict[str, str]] = {
    "zh-Hans": {
        "memory": "内存不足，语言模型没有写成回答。",
        "connection": "连不上语言模型的服务。",
        "time": "语言模型的服务没有按时答复。",
        "status": "语言模型的服务拒绝了请求（{detail}）。",
        "reply": "语言模型的服务答复不完整或无法读懂。",
        "empty": "语言模型什么也没有写。",
        "context": "语言模型读不下最重要的一处原文。",
        "model": "语言模型出错（{detail}）。",
        "length": "语言模型写得太长，已在中途停下。",
        "nothing": "语言模型写的句子都没有通过与原文的核对。",
        "dropped": "语言模型写的句子中，有 {count} 句在所引原文中找不到依据，已略去。",
        "repointed": "有 {count} 句的出处标错了，已改到写有这句话的原文。",
        "fewer": "语言模型只读得下 {count} 处原文（共 {all} 处），最弱的已略去。",
        "instruction": "有 {count} 处原文像是写给机器的指令，没有交给语言模型。",
        "refused": "语言模型认为找到的原文没有回答这个问题。",
        "quoted": "以下直接引用原文。",
    },
    "zh-Hant": {
        "memory": "記憶體不足，語言模型沒有寫成回答。",
        "connection": "連不上語言模型的服務。",
        "time": "語言模型的服務沒有按時答覆。",
        "status": "語言模型的服務拒絕了請求（{detail}）。",
        "reply": "語言模型的服務答覆不完整或無法讀懂。",
        "empty": "語言模型什麼也沒有寫。",
        "context": "語言模型讀不下最重要的一處原文。",
        "model": "語言模型出錯（{detail}）。",
        "length": "語言模型寫得太長，已在中途停下。",
        "nothing": "語言模型寫的句子都沒有通過與原文的核對。",
        "dropped": "語言模型寫的句子中，有 {count} 句在所引原文中找不到依據，已略去。",
        "repointed": "有 {count} 句的出處標錯了，已改到寫有這句話的原文。",
        "fewer": "語言模型只讀得下 {count} 處原文（共 {all} 處），最弱的已略去。",
        "instruction": "有 {count} 處原文像是寫給機器的指令，沒有交給語言模型。",
        "refused": "語言模型認為找到的原文沒有回答這個問題。",
        "quoted": "以下直接引用原文。",
    },
    "en": {
        "memory": "The language model ran out of memory.",
        "connection": "The language model's server cannot be reached.",
        "time": "The language model's server did not reply in time.",
        "status": "The language model's server refused the request ({detail}).",
        "reply": "The language model's server sent a reply that is broken or cannot be read.",
        "empty": "The language model wrote nothing.",
        "context": "Not even the best evidence fits what the language model can read.",
        "model": "The language model failed ({detail}).",
        "length": "The language model wrote too much and was stopped.",
        "nothing": "Nothing that the language model wrote stood up to the check against "
        "the notice.",
        "dropped": "Sentences of the language model left out because the evidence they "
        "cite does not bear them out: {count}.",
        "repointed": "Sentences whose citation was wrong and now leads to the place that "
        "says it: {count}.",
        "fewer": "The language model could read {count} of {all} pieces of evidence; "
        "the weakest were left out.",
        "instruction": "Pieces of evidence that read like an instruction to a machine and "
        "were kept from the language model: {count}.",
        "refused": "The language model found no answer in the evidence.",
        "quoted": "The notice is quoted instead.",
    },
    "ja": {
        "memory": "メモリが足りず、言語モデルは回答を書けませんでした。",
        "connection": "言語モデルのサーバーに接続できません。",
        "time": "言語モデルのサーバーが時間内に応答しませんでした。",
        "status": "言語モデルのサーバーが要求を拒否しました（{detail}）。",
        "reply": "言語モデルのサーバーの応答が不完全か、読み取れません。",
        "empty": "言語モデルは何も書きませんでした。",
        "context": "最も重要な箇所も言語モデルの読める長さを超えています。",
        "model": "言語モデルでエラーが起きました（{detail}）。",
        "length": "言語モデルの文章が長すぎたため、途中で止めました。",
        "nothing": "言語モデルの文はどれも原文との照合を通りませんでした。",
        "dropped": "引用箇所に根拠がないため省いた言語モデルの文：{count}。",
        "repointed": "引用先が誤っていたため、根拠のある箇所に直した文：{count}。",
        "fewer": "言語モデルが読めたのは {all} 箇所のうち {count} 箇所です。弱いものは省きました。",
        "instruction": "機械への指示のように読めるため、言語モデルに渡さなかった箇所：{count}。",
        "refused": "言語モデルは、見つかった箇所に答えがないと判断しました。",
        "quoted": "代わりに原文を引用します。",
    },
    "ko": {
        "memory": "메모리가 부족하여 언어 모델이 답을 쓰지 못했습니다.",
        "connection": "언어 모델 서버에 연결할 수 없습니다.",
        "time": "언어 모델 서버가 제때 응답하지 않았습니다.",
        "status": "언어 모델 서버가 요청을 거부했습니다({detail}).",
        "reply": "언어 모델 서버의 응답이 불완전하거나 읽을 수 없습니다.",
        "empty": "언어 모델이 아무것도 쓰지 않았습니다.",
        "context": "가장 중요한 근거도 언어 모델이 읽을 수 있는 길이를 넘습니다.",
        "model": "언어 모델에 오류가 생겼습니다({detail}).",
        "length": "언어 모델의 글이 너무 길어 도중에 멈추었습니다.",
        "nothing": "언어 모델이 쓴 문장은 모두 원문 대조를 통과하지 못했습니다.",
        "dropped": "인용한 근거에 없는 내용이라 뺀 언어 모델의 문장: {count}.",
        "repointed": "인용 위치가 잘못되어 근거가 있는 곳으로 고친 문장: {count}.",
        "fewer": "언어 모델이 읽을 수 있었던 근거: {all}개 중 {count}개. 약한 것은 뺐습니다.",
        "instruction": "기계에 대한 지시처럼 읽혀 언어 모델에 주지 않은 근거: {count}.",
        "refused": "언어 모델은 찾은 근거에 답이 없다고 보았습니다.",
        "quoted": "대신 원문을 인용합니다.",
    },
    "es": {
        "memory": "El modelo de lenguaje se quedó sin memoria.",
        "connection": "No se puede contactar con el servidor del modelo de lenguaje.",
        "time": "El servidor del modelo de lenguaje no respondió a tiempo.",
        "status": "El servidor del modelo de lenguaje rechazó la petición ({detail}).",
        "reply": "La respuesta del servidor del modelo de lenguaje está incompleta o es ilegible.",
        "empty": "El modelo de lenguaje no escribió nada.",
        "context": "Ni la mejor prueba cabe en lo que el modelo de lenguaje puede leer.",
        "model": "El modelo de lenguaje falló ({detail}).",
        "length": "El modelo de lenguaje escribió demasiado y fue detenido.",
        "nothing": "Nada de lo que escribió el modelo de lenguaje superó la comprobación "
        "con el aviso.",
        "dropped": "Frases del modelo de lenguaje omitidas porque lo que citan no las "
        "respalda: {count}.",
        "repointed": "Frases cuya cita era errónea y ahora lleva al lugar que lo dice: {count}.",
        "fewer": "El modelo de lenguaje pudo leer {count} de {all} pruebas; se "
        "omitieron las más débiles.",
        "instruction": "Pruebas que parecen una orden a una máquina y no se dieron al modelo "
        "de lenguaje: {count}.",
        "refused": "El modelo de lenguaje no encontró respuesta en las pruebas.",
        "quoted": "En su lugar se cita el aviso.",
    },
    "fr": {
        "memory": "Le modèle de langue a manqué de mémoire.",
        "connection": "Le serveur du modèle de langue est injoignable.",
        "time": "Le serveur du modèle de langue n'a pas répondu à temps.",
        "status": "Le serveur du modèle de langue a refusé la demande ({detail}).",
        "reply": "La réponse du serveur du modèle de langue est incomplète ou illisible.",
        "empty": "Le modèle de langue n'a rien écrit.",
        "context": "Même le meilleur passage dépasse ce que le modèle de langue peut lire.",
        "model": "Le modèle de langue a échoué ({detail}).",
        "length": "Le modèle de langue a trop écrit et a été arrêté.",
        "nothing": "Rien de ce que le modèle de langue a écrit n'a résisté à la vérification.",
        "dropped": "Phrases du modèle de langue omises, car le passage cité ne les étaye "
        "pas : {count}.",
        "repointed": "Phrases dont la citation était fausse et mène désormais au bon "
        "passage : {count}.",
        "fewer": "Le modèle de langue a pu lire {count} passages sur {all} ; les plus "
        "faibles ont été omis.",
        "instruction": "Passages qui ressemblent à un ordre donné à une machine et n'ont pas "
        "été remis au modèle de langue : {count}.",
        "refused": "Le modèle de langue n'a pas trouvé de réponse dans les passages.",
        "quoted": "La circulaire est citée à la place.",
    },
    "de": {
        "memory": "Dem Sprachmodell ging der Speicher aus.",
        "connection": "Der Server des Sprachmodells ist nicht erreichbar.",
        "time": "Der Server des Sprachmodells hat nicht rechtzeitig geantwortet.",
        "status": "Der Server des Sprachmodells hat die Anfrage abgelehnt ({detail}).",
        "reply": "Die Antwort vom Server des Sprachmodells ist unvollständig oder unlesbar.",
        "empty": "Das Sprachmodell hat nichts geschrieben.",
        "context": "Nicht einmal der beste Beleg passt in das, was das Sprachmodell lesen kann.",
        "model": "Das Sprachmodell ist gescheitert ({detail}).",
        "length": "Das Sprachmodell schrieb zu viel und wurde angehalten.",
        "nothing": "Nichts, was das Sprachmodell schrieb, hielt der Prüfung an der "
        "Bekanntmachung stand.",
        "dropped": "Sätze des Sprachmodells, die weggelassen sind, weil ihr Beleg sie "
        "nicht trägt: {count}.",
        "repointed": "Sätze, deren Beleg falsch war und nun zur richtigen Stelle führt: {count}.",
        "fewer": "Das Sprachmodell konnte {count} von {all} Belegen lesen; die "
        "schwächsten sind weggelassen.",
        "instruction": "Belege, die sich wie eine Anweisung an eine Maschine lesen und dem "
        "Sprachmodell vorenthalten wurden: {count}.",
        "refused": "Das Sprachmodell fand in den Belegen keine Antwort.",
        "quoted": "Stattdessen wird die Bekanntmachung zitiert.",
    },
    "ru": {
        "memory": "Языковой модели не хватило памяти.",
        "connection": "Сервер языковой модели недоступен.",
        "time": "Сервер языковой модели не ответил вовремя.",
        "status": "Сервер языковой модели отклонил запрос ({detail}).",
        "reply": "Ответ сервера языковой модели неполон или нечитаем.",
        "empty": "Языковая модель ничего не написала.",
        "context": "Даже лучшее место длиннее того, что может прочесть языковая модель.",
        "model": "Сбой языковой модели ({detail}).",
        "length": "Языковая модель писала слишком долго и была остановлена.",
        "nothing": "Ничто из написанного языковой моделью не выдержало сверки с уведомлением.",
        "dropped": "Предложений языковой модели опущено, так как указанное место их не "
        "подтверждает: {count}.",
        "repointed": "Предложений с неверной ссылкой, которая теперь ведёт к нужному месту: "
        "{count}.",
        "fewer": "Языковая модель смогла прочесть мест: {count} из {all}; самые слабые опущены.",
        "instruction": "Мест, похожих на указание машине и не переданных языковой модели: {count}.",
        "refused": "Языковая модель не нашла ответа в найденных местах.",
        "quoted": "Вместо этого цитируется уведомление.",
    },
}


def note(kind: str, language: str, **values: object) -> str:
    """What a reader should know of how a language model's answer came about.

    Args:
        kind: A key of the table: a ``ModelError.kind``, what the gate did, or ``quoted``.
        language: BCP 47 tag; English where the language has no words of its own.
        values: What the note names: ``count``, ``all``, ``detail``.
    """
    return _NOTES.get(language, _NOTES["en"])[kind].format(**values)
