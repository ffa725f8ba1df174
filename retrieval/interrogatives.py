"""The words that ask, in languages other than English: what answers hardly ever says again.

English ones are left in questions: they are relative pronouns as well, and the embedding model makes use of them.
"""

import re

_WORDS_OF = {
    "de": (
        "warum wann was wem wen wer weshalb wessen wie wieso wieviel wieviele viel viele vielen wo wofür "
        "woher wohin womit wodurch woran worauf woraus worin worüber wovon wozu welche welchem welchen "
        "welcher welches"
    ),
    "nl": "hoe hoeveel waar waarom wanneer wat welk welke wie wiens",
    "fr": ("combien comment lequel laquelle lesquels lesquelles pourquoi quand quel quelle quelles quels qui quoi où"),
    "es": "cuál cuáles cuándo cuánta cuántas cuánto cuántos cómo dónde qué quién quiénes",
    "pt": "onde qual quais quando quanta quantas quanto quantos quem",
    "it": "chi come cosa dove perché quale quali quanta quante quanti",
    "pl": "co czemu czyj dlaczego gdzie ile jak jaka jaki jakie jakich kiedy kto która które który",
    "ru": (
        "где зачем как какая какие каким каких какого какое какой какую когда кого кому который которая "
        "которые кто куда откуда почему сколько чего чем чему что"
    ),
    "tr": "hangi kaç kim nasıl ne neden nerede niçin",
}
_WORDS = frozenset(word for words in _WORDS_OF.values() for word in words.split())
_WORD = re.compile(r"\w+")


def without_interrogatives(text: str) -> str:
    """The text without the words that ask, or as it is where nothing else would be left."""
    left = _WORD.sub(lambda word: "" if word.group().lower() in _WORDS else word.group(), text)
    return left if _WORD.search(left) else text
