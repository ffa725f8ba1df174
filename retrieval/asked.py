"""A question as the embedder sees it: the vectors of what it means, and the tokens of what it asks."""

from collections.abc import Sequence

from retrieval.current import Answering
from retrieval.embedders.protocol import Vectors
from retrieval.late import Tokens, projected


class Asked:
    """Both from one run of the model.

    `vectors` has shape (n, dimensions), one row for each of the `meanings`; `tokens` are those of each of the `asks`,
    projected. n is 0, and there are no tokens, where the words alone have to do.
    """

    def __init__(self, answering: Answering, meanings: Sequence[str], asks: Sequence[str]) -> None:
        texts = list(dict.fromkeys([*meanings, *asks]))
        wanted = {place for place, text in enumerate(texts) if text in set(asks)}
        self.tokens: list[Tokens] = []

        def keep(place: int, tokens: Vectors) -> None:
            if place in wanted:
                self.tokens.append(projected(tokens))

        self.vectors = answering.vectors(texts, keep)[: len(set(meanings))]
