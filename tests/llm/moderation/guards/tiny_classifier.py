"""Makes a tiny sequence classifier for tests: a real BERT whose answer depends on one word, set by hand."""

from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

_SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
# The word that makes a window malicious.
BAD = "ignore"
_WORDS = (BAD, "how", "long", "is", "the", "notice", "period", "please", "all", "rules")
_WIDTH, _WINDOW = 8, 512
_STRENGTH = 40.0


def tiny_classifier(folder: Path, labels: tuple[str, str] = ("LABEL_0", "LABEL_1"), *, window: int = _WINDOW) -> Path:
    """Write it into a folder; a text is of the second label where any of its words is `BAD`."""
    torch.manual_seed(7)
    tokenizer = _tokenizer()
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=_WIDTH,
        num_hidden_layers=1,
        num_attention_heads=1,
        intermediate_size=_WIDTH,
        max_position_embeddings=window,
        id2label=dict(enumerate(labels)),
        label2id={label: number for number, label in enumerate(labels)},
    )
    model = BertForSequenceClassification(config)
    _set(model, (*_SPECIAL, *_WORDS).index(BAD))
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def _set(model: Any, bad: int) -> None:
    """Attention of the first token goes to the bad word wherever it stands, and nowhere in particular otherwise.

    What is read there is carried in the second number of a vector; the first tells the bad word from all others.
    """
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
        for module in model.modules():
            if isinstance(module, torch.nn.LayerNorm):
                module.weight.fill_(1.0)
        embeddings = model.bert.embeddings.word_embeddings.weight
        embeddings[:, 2] = 1.0
        embeddings[:, 3] = -1.0
        embeddings[bad, 0] = 4.0
        attention = model.bert.encoder.layer[0].attention
        attention.self.query.bias[0] = _STRENGTH
        attention.self.key.weight[0, 0] = 1.0
        attention.self.value.weight[0, 0] = 1.0
        attention.output.dense.weight[1, 0] = 4.0
        model.bert.pooler.dense.weight[0, 1] = 1.0
        model.bert.pooler.dense.bias[0] = -1.0
        model.classifier.weight[1, 0] = 10.0


def _tokenizer() -> PreTrainedTokenizerFast:
    vocabulary = {word: number for number, word in enumerate((*_SPECIAL, *_WORDS))}
    made = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    made.normalizer = normalizers.Lowercase()
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[(name, vocabulary[name]) for name in ("[CLS]", "[SEP]")]
    )
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]  # has no types
        tokenizer_object=made, unk_token="[UNK]", pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]"
    )
