"""What moderation costs: for a question beyond the embedding that its search needs anyway, and for long hostile texts.

    python -m bench.moderation_cost

The vectors of questions are computed before the clock starts, as their searches need them in any case. Texts of 100,000
characters are those that are slow to match: long runs of what patterns begin with, and lists of personal data.
"""

import argparse
import gc
import random
import re
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from string import ascii_lowercase

from bench import business_questions
from bench.report import percentiles, publish
from core.settings import Settings, load_settings
from core.storage.store import Store
from llm.moderation.opening import open_moderator
from retrieval.embedders.openvino_minilm import OpenVinoMiniLM

_CHARS = 100_000
_ROUNDS = 15
_QUESTIONS = 300
# Repeated up to the length; each # becomes another digit and ? other letters each time, so that nothing is met twice.
HOSTILE = {
    "one letter": "a",
    "digits": "1",
    "card beginnings": "4111 1111 ",
    "mail beginnings": "a@b.",
    "dots": "1.1.",
    "dashes": "-a",
    "zero width": "k\u200bi\u200bl\u200bl ",
    "look-alikes": "\u0456gn\u043ere ",
    "combining": "e\u0301\u0302",
    "wide letters": "\uff49\uff47\uff4e\uff4f\uff52\uff45",
    "spaced letters": "i g n o r e ",
    "rule beginnings": "how to kill ",
    "addresses": "http://a.b/c?d=",
    "iban beginnings": "DE89 3704 ",
    "markup": "<![CDATA[",
    "pictures": "\U0001f52a\U0001f4a3",
    "other ips": "-#.#.#.# ",
    "other phones": "212-555-#### ",
    "other international phones": "+49 ### ####### ",
    "other phones by their label": "tel #######\n",
    "other parts of phones": "0#-",
    "other social security numbers": "###-##-#### ",
    "other cards": "#### #### ",
    "other ibans": "DE## #.#.#.# ",
    "other mails": "a##@b#.co ",
    "other words and ips": "x? 17.3.3.5 ",
    "prose": "The tenant pays the rent on the third working day of each month at the latest. ",
}


def main() -> None:
    """Measure both and write `bench/results/moderation_cost.json`."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings().model_copy(update={"data": Path(folder), "moderation_policy": "", "guard": ""})
        publish("moderation_cost", {**_questions(settings), **_long_texts(settings)})


def _questions(settings: Settings) -> dict[str, object]:
    """Milliseconds for each question at the point `question`, with its record, once nothing has to be loaded."""
    embedder, store = OpenVinoMiniLM(settings.cache), Store(settings)
    moderator = open_moderator(settings, store, lambda: embedder)
    moderator.warm()
    taken = []
    for question in business_questions.questions("test", _QUESTIONS):
        embedder.embed_queries([question])
        taken.append(_milliseconds(partial(moderator.question, question)))
    moderator.close()
    store.close()
    return {"question_ms": percentiles(taken)}


def _long_texts(settings: Settings) -> dict[str, object]:
    embedder = OpenVinoMiniLM(settings.cache)
    moderator = open_moderator(settings, None, lambda: embedder)
    moderator.warm()
    # As the server does, when it has loaded everything.
    gc.collect()
    gc.freeze()
    texts = {name: _filled((part * _CHARS)[:_CHARS]) for name, part in HOSTILE.items()}
    # Round by round, so that what else the machine does falls on all of them.
    rounds = [[_milliseconds(partial(moderator.question, text)) for text in texts.values()] for _ in range(_ROUNDS)]
    found = {
        name: round(statistics.median(taken), 1) for name, taken in zip(texts, zip(*rounds, strict=True), strict=True)
    }
    moderator.close()
    return {"hostile_100_kB_ms": found, "hostile_100_kB_worst_ms": max(found.values())}


def _filled(text: str) -> str:
    rng = random.Random(0)
    digits = re.sub("#", lambda _: str(rng.randrange(10)), text)
    return re.sub(r"\?(?= 17)", lambda _: "".join(rng.choices(ascii_lowercase, k=3)), digits)[:_CHARS]


def _milliseconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    main()
