"""Makes tiny Llamas for tests: a BPE tokenizer of their own, a Llama 3 chat template, and random or trained weights.

The trained one repeats the first sentence of the first passage and adds ` [1]`, given the prompt of `llm.prompts`. It
starts from attention made for copying, because to learn that from nothing takes many minutes on a CPU; when to cite
and to end it learns in half a minute, without losing the rest. It has seen no text of any test.
"""

import hashlib
import math
import random
from pathlib import Path

import torch
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from core.values import Hit, Passage
from llm import prompts

WINDOW = 1024
_VOCABULARY = 2048
_KIND, _NOTE = 64, 24
_LAYERS, _HEADS, _HEAD = 2, 4, 128
_WIDTH = _KIND + _HEADS * _NOTE
_THETA = 1e14
_STEPS, _RATE, _EXAMPLES = 60, 1e-3, 4
_BEGINNING = 4.0
_SHARP, _MATCH, _READ = 40.0, 1.0, 2.0
_SPECIAL = ("<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>")
_TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}<|start_header_id|>{{ message['role'] }}<|end_header_id|>\n\n"
    "{{ message['content'] | trim }}<|eot_id|>{% endfor %}"
    "{% if add_generation_prompt %}<|start_header_id|>assistant<|end_header_id|>\n\n{% endif %}"
)
_WORDS = """
    the a of to and in for is are was with on by at from or be as that this an it not may must shall will
    can has have tenant landlord rent notice period months month year years days week hours contract
    agreement party parties office company employee employees leave annual salary payment invoice amount
    total price cost costs revenue income cash report page table section board member members manager
    director customer supplier order delivery service services product quality safety machine repair roof
    building floor door key keys access room kitchen garden water energy paper letter mail form application
    request approval law court insurance bank account tax interest rate loan credit begins ends pays
    receives keeps returns reads writes signs sends opens closes repairs cleans counts holds asks needs
    first second third last next new old long short high low full part every each all no one two three four
    five ten before after during within under over between until since without written open closed free due
    daily weekly monthly der die das und ist sind mit für von bis nach vor Monate Jahre Tage Miete Vertrag
    Kündigung Frist Urlaub Bericht Kosten Betrag Kunde Firma beträgt dauert gilt endet beginnt zahlt über
    während Größe Straße Büro müssen können
""".split()  # noqa: SIM905 - read as text


def recipe() -> str:
    """A name for what `build` makes: it changes with this file and with the form of our prompt."""
    messages, _ = _messages(random.Random(7))
    shown = "".join(message["content"] for message in messages)
    return hashlib.sha256(shown.encode() + Path(__file__).read_bytes()).hexdigest()[:16]


def build(folder: Path, *, trained: bool) -> Path:
    """Write a tiny Llama into a folder, made complete before it gets its name; the folder."""
    threads = torch.get_num_threads()
    # Two threads on tensors this small wait for each other, most of all while something else runs.
    torch.set_num_threads(1)
    torch.manual_seed(7)
    tokenizer = _tokenizer()
    model = _model(tokenizer)
    if trained:
        teach(model, tokenizer)
    torch.set_num_threads(threads)
    making = folder.with_name(folder.name + ".making")
    model.save_pretrained(making)
    tokenizer.save_pretrained(making)
    making.rename(folder)
    return folder


def _tokenizer() -> PreTrainedTokenizerFast:
    tokenizer = Tokenizer(models.BPE())
    split = Regex(r"\n| ?\p{L}+|\d| ?[^\s\p{L}\d]|\s")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(split, "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=_VOCABULARY - len(_SPECIAL),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    chance = random.Random(7)
    words = [" ".join(_WORDS), " ".join(word.capitalize() for word in _WORDS)]
    texts = [_messages(chance)[0][1]["content"] for _ in range(200)] + [prompts.SYSTEM, *words] * 20
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in _SPECIAL])
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer,
        bos_token="<|begin_of_text|>",
        eos_token="<|eot_id|>",
        pad_token="<|end_of_text|>",
        chat_template=_TEMPLATE,
        clean_up_tokenization_spaces=False,
    )


def _model(tokenizer: PreTrainedTokenizerFast) -> LlamaForCausalLM:
    config = LlamaConfig(
        vocab_size=_VOCABULARY,
        hidden_size=_WIDTH,
        intermediate_size=_WIDTH,
        num_hidden_layers=_LAYERS,
        num_attention_heads=_HEADS,
        num_key_value_heads=_HEADS,
        head_dim=_HEAD,
        max_position_embeddings=WINDOW,
        tie_word_embeddings=True,
        attention_bias=True,
        rope_parameters={"rope_type": "default", "rope_theta": _THETA},
        initializer_range=_WIDTH**-0.5,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    model = LlamaForCausalLM(config)
    model.generation_config = GenerationConfig(  # type: ignore[no-untyped-call]
        do_sample=False,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    return model


def teach(model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast) -> None:
    """Teach it to repeat the first sentence of the first passage in our prompt, to cite it and to end there."""
    _prepare(model, tokenizer)
    optimiser = torch.optim.AdamW(model.parameters(), lr=0.0, betas=(0.9, 0.98), weight_decay=0.0)
    chance = random.Random(7)
    for step in range(_STEPS):
        rate = _RATE * min(1.0, (step + 1) / 20, 1.5 * (1 - step / _STEPS))
        _learn(model, optimiser, *_prompts(chance, tokenizer, long=step % 10 == 9), rate=rate)
    model.eval()  # type: ignore[no-untyped-call]


def _prepare(model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast) -> None:
    """Weights from which copying is soon learnt.

    A token is told by the first `_KIND` numbers of its vector. Head h of the first layer looks h + 1 tokens back, by
    biases that RoPE turns into just that, and notes what is there in numbers of its own. The second layer looks for
    places where the four tokens before are the last four here, in the part of its heads that RoPE leaves still, and
    reads them; at the beginning of an answer, where the header of its role was among them, it looks for what follows
    `1]`.
    """
    embedding = model.model.embed_tokens.weight
    looking, matching = (layer.self_attn for layer in model.model.layers)
    turns = _THETA ** (-torch.arange(0, _HEAD, 2).float() / _HEAD)
    fast = (turns > 0.05).float()
    strength = math.sqrt(_SHARP * math.sqrt(_HEAD) / float(fast.sum()))
    still = torch.nonzero(turns < 5e-4).flatten()
    still = torch.cat([still, still + _HEAD // 2])[: _HEADS * _NOTE].reshape(_HEADS, _NOTE)
    part = _KIND // _HEADS
    with torch.no_grad():
        for module in (looking, matching):
            for projection in (module.q_proj, module.k_proj, module.v_proj, module.o_proj):
                projection.weight.zero_()
        for layer in model.model.layers:
            layer.mlp.down_proj.weight.mul_(0.05)
        embedding.normal_()
        embedding[:, _KIND:] = 0.0
        embedding.div_(embedding.norm(dim=1, keepdim=True))
        gist = torch.zeros(_NOTE, _WIDTH)
        gist[:, :_KIND] = torch.nn.init.orthogonal_(torch.empty(_NOTE, _KIND)) * math.sqrt(_KIND / _NOTE)
        notes = [gist, *torch.eye(_WIDTH)[_KIND:].reshape(_HEADS, _NOTE, _WIDTH)]
        names = ("<|end_header_id|>", "]", "1", "Ċ")
        header, bracket, one, line = (gist @ embedding[tokenizer.convert_tokens_to_ids(name)] for name in names)
        for head in range(_HEADS):
            start, half, end = head * _HEAD, head * _HEAD + _HEAD // 2, (head + 1) * _HEAD
            looking.q_proj.bias[start:half] = fast * strength
            looking.k_proj.bias[start:half] = fast * strength * torch.cos(turns * (head + 1))
            looking.k_proj.bias[half:end] = fast * strength * torch.sin(turns * (head + 1))
            # What it sees there has the length of a whole vector, and is made as long as the token's own.
            looking.v_proj.weight[start : start + _NOTE] = gist / math.sqrt(_WIDTH)
            looking.o_proj.weight[:, start : start + _NOTE] = notes[head + 1].T
            for back in range(_HEADS):
                matching.q_proj.weight[start + still[back]] = notes[back] * _MATCH
                matching.k_proj.weight[start + still[back]] = notes[back + 1] * _MATCH
            for back in (2, 3):
                seen = header @ notes[back] / header.square().sum() * _MATCH
                matching.q_proj.weight[start + still[back - 1]] += torch.outer(bracket - line, seen)
                matching.q_proj.weight[start + still[back]] += torch.outer(one - header, seen)
            kinds = slice(head * part, (head + 1) * part)
            matching.v_proj.weight[start : start + part] = torch.eye(_WIDTH)[kinds]
            matching.o_proj.weight[:, start : start + part] = torch.eye(_WIDTH)[:, kinds] * _READ


def _learn(
    model: LlamaForCausalLM, optimiser: torch.optim.Optimizer, rows: torch.Tensor, wanted: torch.Tensor, *, rate: float
) -> float:
    """One step on rows of tokens; `wanted` marks the tokens to be foretold."""
    states = model.model(input_ids=rows[:, :-1]).last_hidden_state
    chosen = wanted[:, 1:] > 0
    losses = torch.nn.functional.cross_entropy(model.lm_head(states[chosen]), rows[:, 1:][chosen], reduction="none")
    weights = wanted[:, 1:][chosen]
    loss = (losses * weights).sum() / weights.sum()
    optimiser.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    for group in optimiser.param_groups:
        group["lr"] = rate
    optimiser.step()
    return float(loss.detach())


def _prompts(
    chance: random.Random, tokenizer: PreTrainedTokenizerFast, *, long: bool
) -> tuple[torch.Tensor, torch.Tensor]:
    examples: list[tuple[list[int], list[int]]] = []
    while len(examples) < (_EXAMPLES // 2 if long else _EXAMPLES):
        messages, answer = _messages(chance, long=long)
        prompt = _ids(
            tokenizer, str(tokenizer.apply_chat_template(messages, add_generation_prompt=True, tokenize=False))
        )
        answer_ids = _ids(tokenizer, answer + "<|eot_id|>")
        if len(prompt) + len(answer_ids) <= WINDOW:
            examples.append((prompt, answer_ids))
    longest = max(len(asked) + len(told) for asked, told in examples)
    rows = torch.full((len(examples), longest), tokenizer.pad_token_id)
    wanted = torch.zeros(rows.shape)
    for place, (asked, told) in enumerate(examples):
        end = len(asked) + len(told)
        rows[place, :end] = torch.tensor(asked + told)
        wanted[place, len(asked) : end] = 1.0
        wanted[place, len(asked)] = _BEGINNING
    return rows, wanted


def _ids(tokenizer: PreTrainedTokenizerFast, text: str) -> list[int]:
    return [int(token) for token in tokenizer(text, add_special_tokens=False)["input_ids"]]


def _messages(chance: random.Random, *, long: bool = False) -> tuple[list[dict[str, str]], str]:
    """A prompt over made-up passages, and the answer that is wanted."""
    passages = [
        [_sentence(chance) for _ in range(chance.randint(1, 4))] for _ in range(chance.randint(1, 8 if long else 3))
    ]
    hits = [
        Hit(rank, 1.0, _passage(chance, rank, chance.choice((" ", " ", "\n")).join(sentences)))
        for rank, sentences in enumerate(passages, 1)
    ]
    question = " ".join(chance.choices(_WORDS, k=chance.randint(2, 9))).capitalize() + "?"
    prompt = prompts.build(question, hits, lambda _: 0, WINDOW)
    system, user = map(dict, prompt.messages)
    # The marker is the one thing that would make each training another.
    marker = user["content"].split()[2]
    text = user["content"].replace(marker, f"{chance.getrandbits(48):012x}")
    return [system, {"role": "user", "content": text}], f"{passages[0][0]} [1]"


def _passage(chance: random.Random, number: int, text: str) -> Passage:
    name = "-".join(chance.choices(_WORDS, k=chance.randint(1, 3))) + chance.choice((".txt", ".pdf"))
    heading = " ".join(chance.choices(_WORDS, k=chance.randint(0, 3))).capitalize()
    return Passage(number, "d", "v", "c", name, "", chance.randint(1, 60), 0, len(text), text, heading)


def _sentence(chance: random.Random) -> str:
    words = [_word(chance) for _ in range(chance.randint(3, 18))]
    if chance.random() < 0.4:
        words[0] = "the"  # as many sentences begin
    return " ".join(words)[:1].upper() + " ".join(words)[1:] + "."


def _word(chance: random.Random) -> str:
    kind = chance.random()
    if kind < 0.7:
        word = chance.choice(_WORDS)
    elif kind < 0.85:
        word = "".join(chance.choices("abcdefghijklmnopqrstuvwxyzäöüß", k=chance.randint(2, 9)))
    else:
        word = chance.choice(("{}", "{},{}", "{}.{}", "${}", "{}%")).format(
            chance.randint(1, 99), chance.randint(100, 999)
        )
    return word.capitalize() if chance.random() < 0.15 else word + ("," if chance.random() < 0.07 else "")
