"""Embedding models that tests make: real sentence-transformers models, small enough to be made in a moment."""

import json
import shutil
from pathlib import Path

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from retrieval.embedders.bundled import model_folder

_TEXT = (
    "query passage the tenant pays rent on first day of each month dogs and other animals need consent landlord may i "
    "keep a pet form must be signed old new is are allowed who"
)


def tiny_embedder(
    folder: Path,
    dimensions: int = 32,
    *,
    seed: int = 0,
    prompts: dict[str, str] | None = None,
    pooling: str = "mean",
    bare: bool = False,
) -> Path:
    """A model with weights by chance, the same for the same seed; `bare` is a checkpoint that says no pooling."""
    torch.manual_seed(seed)
    tokenizer = _tokenizer()
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=dimensions,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=2 * dimensions,
        max_position_embeddings=256,
    )
    checkpoint = folder.with_name(f"{folder.name}-checkpoint")
    BertModel(config).save_pretrained(checkpoint)
    tokenizer.save_pretrained(checkpoint)
    if bare:
        checkpoint.rename(folder)
        return folder
    words = Transformer(str(checkpoint))
    modules = [words, Pooling(dimensions, pooling_mode=pooling)]
    SentenceTransformer(modules=modules, device="cpu", prompts=prompts).save(str(folder))
    shutil.rmtree(checkpoint)
    return folder


def bundled_copy(folder: Path, **prompts: str) -> Path:
    """The bundled model under another name and with prompts: it means something, and is not the bundled one."""
    shutil.copytree(model_folder(), folder)
    config = folder / "config_sentence_transformers.json"
    config.write_text(json.dumps({**json.loads(config.read_text()), "prompts": prompts}))
    return folder


def _tokenizer() -> PreTrainedTokenizerFast:
    made = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer()
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    trainer = trainers.WordPieceTrainer(vocab_size=400, special_tokens=special, initial_alphabet=list(letters))
    made.train_from_iterator([_TEXT], trainer)
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        special_tokens=[(name, made.token_to_id(name)) for name in ("[CLS]", "[SEP]")],
    )
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]  # has no types
        tokenizer_object=made,
        unk_token="[UNK]",
        pad_token="[PAD]",
        cls_token="[CLS]",
        sep_token="[SEP]",
    )
