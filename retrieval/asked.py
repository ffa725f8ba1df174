"""A question as the embedder sees it: the vectors of what it means, and the tokens of what it asks."""

from retrieval.current import Answering
from retrieval.embedders.protocol import Vectors
from retrieval.late import Tokens, projected
from retrieval.questions import Question


class Asked:
    """Both from one run of the model.

    `vectors` has shape (n, dimensions), one row for each of the question's meanings; `tokens` are those of each of its
    asks, projected. n is 0, and there are no tokens, where the words alone have to do.
    """

    def __init__(self, answering: Answering, question: Question) -> None:
        meanings = question.meanings
        asks = {meanings.index(ask) for ask in question.asks}
        self.tokens: list[Tokens] = []

        def keep(place: int, tokens: Vectors) -> None:
            if place in asks:
                self.tokens.append(projected(tokens))

        self.vectors = answering.vectors(meanings, keep)
