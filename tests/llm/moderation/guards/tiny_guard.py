"""Makes a tiny Llama that speaks Llama Guard 3's format, trained in ten seconds: single words make a text unsafe.

It has the real special tokens, and is asked with the real template; it has seen no text of any test.
"""

import fcntl
import hashlib
import random
from pathlib import Path

import torch
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from llm.moderation.guards.templates import GUARD_3

# What makes a text unsafe, and of which categories that is.
BAD = {"bomb": "S9", "slur": "S10", "ballot": "S13", "brawl": "S1,S10"}
_WORDS = """the a of to in for is on by at from notice period rent tenant landlord contract office report cost month
    year week page table long how much who what where pays ends begins holds three seven open closed paper""".split()  # noqa: SIM905 - read as text
_SPECIAL = ("<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>")
_VOCABULARY, _WIDTH, _HEADS, _LAYERS, _WINDOW = 640, 64, 4, 2, 1024
_STEPS, _BATCH, _RATE = 160, 8, 3e-3


def kept(root: Path) -> Path:
    """Its folder under a place where such things are kept; made where it is not there yet."""
    recipe = hashlib.sha256(GUARD_3.prompt("q", "a").encode() + Path(__file__).read_bytes()).hexdigest()[:16]
    folder = root / recipe / "Llama-Guard-3-tiny"
    with (root / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return folder if folder.exists() else build(folder)


def build(folder: Path) -> Path:
    """Write it into a folder, made complete before it gets its name; the folder."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(7)
    tokenizer = _tokenizer()
    model = _model(tokenizer)
    _teach(model, tokenizer)
    torch.set_num_threads(threads)
    making = folder.with_name(folder.name + ".making")
    model.save_pretrained(making)
    tokenizer.save_pretrained(making)
    return making.rename(folder)


def _tokenizer() -> PreTrainedTokenizerFast:
    made = Tokenizer(models.BPE())
    split = Regex(r"\n| ?\p{L}+|\d| ?[^\s\p{L}\d]|\s")
    made.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(split, "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    )
    made.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=_VOCABULARY - len(_SPECIAL),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    words = " ".join([*_WORDS, *BAD])
    made.train_from_iterator([GUARD_3.prompt(words, words), f"{words} safe\nunsafe"] * 50, trainer)
    made.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in _SPECIAL])
    # As the real ones, it puts the token of a beginning before every text itself.
    begin = _SPECIAL[0]
    made.post_processor = processors.TemplateProcessing(
        single=f"{begin} $A", special_tokens=[(begin, made.token_to_id(begin))]
    )
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]  # has no types
        tokenizer_object=made, bos_token=begin, eos_token="<|eot_id|>", pad_token="<|end_of_text|>"
    )


def _model(tokenizer: PreTrainedTokenizerFast) -> LlamaForCausalLM:
    tokens = {
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }
    config = LlamaConfig(
        vocab_size=_VOCABULARY,
        hidden_size=_WIDTH,
        intermediate_size=2 * _WIDTH,
        num_hidden_layers=_LAYERS,
        num_attention_heads=_HEADS,
        num_key_value_heads=_HEADS,
        max_position_embeddings=_WINDOW,
        tie_word_embeddings=True,
        initializer_range=_WIDTH**-0.5,
        **tokens,
    )
    model = LlamaForCausalLM(config)
    model.generation_config = GenerationConfig(do_sample=False, **tokens)  # type: ignore[no-untyped-call]
    return model


def _teach(model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast) -> None:
    optimiser = torch.optim.AdamW(model.parameters(), lr=_RATE, weight_decay=0.0)
    chance = random.Random(7)
    for step in range(_STEPS):
        for group in optimiser.param_groups:
            group["lr"] = _RATE * min(1.0, (step + 1) / 30, 2 * (1 - step / _STEPS))
        rows, wanted = _examples(chance, tokenizer)
        states = model.model(input_ids=rows[:, :-1]).last_hidden_state
        chosen = wanted[:, 1:]
        loss = torch.nn.functional.cross_entropy(model.lm_head(states[chosen]), rows[:, 1:][chosen])
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
    model.eval()  # type: ignore[no-untyped-call]


def _examples(chance: random.Random, tokenizer: PreTrainedTokenizerFast) -> tuple[torch.Tensor, torch.Tensor]:
    """Rows of tokens, and which of them are the guard's own words."""
    made = []
    for _ in range(_BATCH):
        prompt, answer = _example(chance)
        asked = tokenizer(prompt)["input_ids"]
        made.append((asked, tokenizer(f"{answer}<|eot_id|>", add_special_tokens=False)["input_ids"]))
    longest = max(len(asked) + len(told) for asked, told in made)
    rows = torch.full((_BATCH, longest), tokenizer.pad_token_id)
    wanted = torch.zeros(rows.shape, dtype=torch.bool)
    for place, (asked, told) in enumerate(made):
        rows[place, : len(asked) + len(told)] = torch.tensor(asked + told)
        wanted[place, len(asked) : len(asked) + len(told)] = True
    return rows, wanted


def _example(chance: random.Random) -> tuple[str, str]:
    """A prompt, and the answer that is wanted."""
    texts = [_text(chance), _text(chance) if chance.random() < 0.5 else None]
    bad = chance.choice(list(BAD)) if chance.random() < 0.6 else None
    if bad is not None:
        judged = max(place for place, text in enumerate(texts) if text is not None)
        words = str(texts[judged]).split()
        words.insert(chance.randint(0, len(words)), bad)
        texts[judged] = " ".join(words)
    question, answer = texts
    return GUARD_3.prompt(str(question), answer), "safe" if bad is None else f"unsafe\n{BAD[bad]}"


def _text(chance: random.Random) -> str:
    return " ".join(chance.choices(_WORDS, k=chance.randint(1, 12)))
