"""Plans in words and as JSON. The words are marked for translation with `_` and `ngettext`, as those of pages are."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from llm import formulas
from llm.planning import Option, Plan

GIBIBYTE = formulas.GIBIBYTE


def _same(text: str) -> str:
    return text


def _english(one: str, other: str, n: int) -> str:
    return one if n == 1 else other


def _grouped(value: float) -> str:
    return f"{value:,}"


@dataclass(frozen=True, slots=True)
class Tongue:
    """How a language says texts, plurals and numbers; English unless told otherwise."""

    gettext: Callable[[str], str] = _same
    ngettext: Callable[[str, str, int], str] = _english
    number: Callable[[float], str] = _grouped


ENGLISH = Tongue()


def verdict(plan: Plan, tongue: Tongue = ENGLISH) -> str:
    """The outcome in a sentence or two."""
    best = plan.best
    parts = _parts(plan, best or plan.options[-1], tongue)
    _ = tongue.gettext
    if best is None:
        if plan.wish.count:
            return (
                _("%(model)s does not fit on %(cards)s: it needs %(least)s GiB, and %(room)s GiB can be used.") % parts
            )
        if plan.options[-1].card.is_cpu:
            return (
                _("%(model)s does not fit into this memory: it needs %(least)s GiB, of which %(room)s can be used.")
                % parts
            )
        return (
            _("%(model)s needs %(least)s GiB even in %(smallest)s, more than any number of these cards holds.") % parts
        )
    if plan.wish.named and len(plan.options) > 1:
        whole = plan.options[0]
        if best is not whole and whole.card == best.card:
            parts |= {"whole": quantised(whole.quantisation, tongue), "instead": _instead(whole, tongue)}
            text = _("%(model)s fits on %(cards)s only in %(how)s; in %(whole)s it takes %(instead)s.") % parts
            return f"{text} {_speed(parts, tongue)}"
    if plan.wish.named:
        text = _("%(model)s in %(how)s fits on %(cards)s: it takes %(needed)s of %(room)s GiB.") % parts
    else:
        text = _("%(model)s in %(how)s takes %(needed)s GiB; the least that holds it is %(cards)s.") % parts
    return f"{text} {_speed(parts, tongue)}{_smaller(plan, best, tongue)}"


def _smaller(plan: Plan, best: Option, tongue: Tongue) -> str:
    """That quantised weights are content with fewer cards, if no cards were named."""
    fewer = [one for one in plan.options if one.fits and one.count < best.count and not one.card.is_cpu]
    if plan.wish.named or not fewer:
        return ""
    least = min(fewer, key=lambda one: (one.count, one.card.memory, -one.card.bandwidth))
    parts = {"how": quantised(least.quantisation, tongue), "cards": cards_named(least, tongue)}
    return " " + tongue.gettext("In %(how)s, %(cards)s will do.") % parts


def quantised(quantisation: str, tongue: Tongue = ENGLISH) -> str:
    """A way to keep weights, for people."""
    return {"4bit": tongue.gettext("4 bits"), "fp8": tongue.gettext("8 bits")}.get(quantisation, quantisation)


def cards_named(option: Option, tongue: Tongue = ENGLISH) -> str:
    """`one H100 (80 GB)`, `4 × H100 (80 GB)`."""
    _ = tongue.gettext
    if option.card.is_cpu:
        return _("a CPU with %(memory)s GB") % {"memory": tongue.number(round(option.card.memory / GIBIBYTE))}
    if option.count <= 1:
        return _("one %(card)s") % {"card": option.card.title}
    return f"{option.count}\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}{option.card.title}"


def assumptions(plan: Plan, tongue: Tongue = ENGLISH) -> list[str]:
    """What the figures rest on."""
    _ = tongue.gettext
    return [
        _("Each card keeps %(overhead)s GiB for its context, kernels and activations, and is used to %(share)s %%.")
        % {"overhead": tongue.number(formulas.OVERHEAD / GIBIBYTE), "share": f"{formulas.MOST_OF_A_CARD * 100:.0f}"},
        _("Keys and values are kept in two bytes a number for %(tokens)s tokens each.")
        % {"tokens": tongue.number(plan.wish.tokens)},
        _("Rates are what memory bandwidth and arithmetic allow; servers reach about two thirds of them."),
    ]


def plan_json(plan: Plan) -> dict[str, Any]:
    """A plan for programs; sizes in bytes, rates in tokens a second."""
    about, best = plan.subject, plan.best
    return {
        "model": about.name,
        "source": about.source,
        "parameters": about.shape.total,
        "active_parameters": about.shape.active,
        "window": about.window,
        "users": plan.wish.users,
        "context": plan.wish.tokens,
        "cache_bytes_per_token": about.shape.per_token,
        "verdict": verdict(plan),
        "fits": best is not None,
        "best": option_json(best) if best is not None else None,
        "options": [option_json(one) for one in plan.options],
        "assumptions": assumptions(plan),
    }


def option_json(option: Option) -> dict[str, Any]:
    """One row of a plan."""
    return {
        "gpu": option.card.name,
        "gpu_memory_bytes": option.card.memory,
        "quantisation": option.quantisation,
        "fits": option.fits,
        "gpus": option.count,
        "weights_bytes": round(option.weights),
        "cache_bytes": round(option.cache),
        "needed_bytes": round(option.needed),
        "available_bytes": round(option.available),
        "users": option.people,
        "tokens_per_second_alone": round(option.alone_rate, 1),
        "tokens_per_second_each": round(option.each_rate, 1),
        "prompt_tokens_per_second": round(option.prompt_rate, 1),
    }


def _speed(parts: dict[str, str], tongue: Tongue) -> str:
    return (
        tongue.gettext(
            "There is room for %(people)s with %(tokens)s tokens each; one alone gets at most %(rate)s tokens a second."
        )
        % parts
    )


def _parts(plan: Plan, option: Option, tongue: Tongue) -> dict[str, str]:
    least = min(plan.options, key=lambda one: one.needed)
    people = option.people
    return {
        "model": plan.subject.name,
        "cards": cards_named(option, tongue),
        "how": quantised(option.quantisation, tongue),
        "needed": _gibibytes(option.needed, tongue),
        "room": _gibibytes(option.available, tongue),
        "least": _gibibytes(least.needed, tongue),
        "smallest": quantised(least.quantisation, tongue),
        "people": tongue.ngettext("%(n)s person", "%(n)s people", people) % {"n": tongue.number(people)},
        "tokens": tongue.number(plan.wish.tokens),
        "rate": tongue.number(_short(option.alone_rate)),
    }


def _instead(whole: Option, tongue: Tongue) -> str:
    if whole.fits or whole.count > 1:
        return cards_named(whole, tongue)
    return tongue.gettext("%(needed)s GiB") % {"needed": _gibibytes(whole.needed, tongue)}


def _gibibytes(size: float, tongue: Tongue) -> str:
    return tongue.number(_short(size / GIBIBYTE))


def _short(value: float) -> float:
    """Two figures at least."""
    return round(value) if value >= 10 else round(value, 1)
