"""What pages say of summaries: templates, states, notices, and the time that is left."""

from core.summaries import SummaryOptions
from core.values import Failure
from llm.summaries.markdown import Words
from web.languages import current, ngettext, number
from web.languages import gettext as _
from web.place_names import place_name
from workers.delivery.words import headings as report_headings
from workers.delivery.words import in_language
from workers.delivery.words import why as reports_why

_MINUTE, _HOUR = 60, 3600


def templates() -> dict[str, tuple[str, str]]:
    """The templates that are there from the beginning: title and description by name."""
    return {
        "executive": (_("Executive summary"), _("What somebody must know who reads nothing else.")),
        "key_figures": (_("Key figures"), _("The figures that matter, with their periods and units.")),
        "obligations": (_("Obligations and deadlines"), _("Who must do what by when, and what follows if not.")),
        "risks": (_("Risks"), _("What may go wrong, and what it would do.")),
        "changes": (_("Changes"), _("What is different from before: figures, people, rules, business.")),
    }


def headings() -> dict[str, str]:
    """The headings of these templates, as in reports."""
    return report_headings(current())


def why(failure: Failure | None) -> str:
    """Why a run failed, as in reports."""
    return reports_why(failure, in_language(current()))


def lengths() -> dict[str, tuple[str, str]]:
    """How much a summary says, and what that means."""
    return {
        "short": (_("Short"), _("about 5 statements")),
        "medium": (_("Medium"), _("about 10 statements")),
        "long": (_("Long"), _("about 20 statements")),
    }


def states() -> dict[str, str]:
    """The states of a run."""
    return {
        "queued": _("Waiting"),
        "running": _("Being summarised"),
        "done": _("Done"),
        "failed": _("Failed"),
        "cancelled": _("Cancelled"),
        "forbidden": _("No longer allowed"),
    }


def item_states() -> dict[str, str]:
    """The states of a document within a run."""
    return {
        "queued": _("Waiting"),
        "running": _("Being summarised"),
        "done": _("Done"),
        "failed": _("Not summarised"),
    }


def notices() -> dict[str, str]:
    """What whoever reads a summary should know."""
    return {
        "language_ignored": _("Without a language model the sentences stay in the language of their documents."),
        "audience_ignored": _("Without a language model nothing is written for an audience."),
        "nothing_found": _("There is nothing in it that says what was asked for."),
        "passages_kept_out": _("Passages that talk to a language model were found and not used."),
        "documents_left_out": _("Documents that are gone, or no longer open to you, are left out."),
    }


def for_markdown() -> Words:
    """What a summary as Markdown says of its own."""
    return Words(
        sources=_("Sources"),
        page=_("page %(page)s"),
        quoted=_("Quoted from your documents"),
        written=_("Written by %(model)s, which may be wrong: check the sources"),
        partly=_("partly supported"),
        unsupported=_("not supported"),
        place=place_name,
        replaced=_("version %(version)s, replaced by version %(current_version)s"),
    )


def time_left(seconds: float) -> str:
    """How long something still takes, as people say it."""
    if seconds < _MINUTE:
        return _("less than a minute left")
    if seconds < 2 * _HOUR:
        minutes = round(seconds / _MINUTE)
        return ngettext("about %(n)s minute left", "about %(n)s minutes left", minutes) % {"n": number(minutes)}
    hours = round(seconds / _HOUR)
    return ngettext("about %(n)s hour left", "about %(n)s hours left", hours) % {"n": number(hours)}


def title_of(options: SummaryOptions) -> str:
    """The title of the template that options name."""
    if options.own is not None:
        return options.own.title
    return templates().get(options.template, (_("Own template"), ""))[0]


def preview_title(title: str) -> str:
    """What a summary is called that tries a template."""
    return _("Preview: %(title)s") % {"title": title}
