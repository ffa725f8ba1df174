"""From a question for a figure and the tables of the passages found to a sentence with the arithmetic written out.

Nothing is said unless every operand stands in one document that bears the name the question asks about, for exactly
the years that are asked for and in one unit.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from core.values import Hit, Passage
from llm.figures.asked import Asked, Comparison, understood
from llm.figures.concepts import Ratio, mentions, of_words
from llm.figures.finding import Book
from llm.figures.formulas import Figure, Formula, Number, Operation, Terms, figures, mean, read, read_expanded, total
from llm.figures.names import bears
from llm.figures.row_words import in_words
from llm.figures.tables import Row, rows
from llm.figures.worked import PERCENT_DECIMALS, Worked, result, said, work_out
from llm.writers import Draft

_MOST_DOCUMENTS = 3
_THOUSAND = 1000
_ONE = Number(Decimal(1))


def computed(question: str, hits: Sequence[Hit]) -> Draft | None:
    """The figure that a question asks for as one sentence, computed or converted; None where it cannot be told."""
    asked = understood(question)
    each = _books(asked, hits) if asked is not None else iter(())
    drafts = (_of_book(bound, book) for bound, book in each)
    return next((draft for draft in drafts if draft is not None), None)


def looked_up(question: str, hits: Sequence[Hit]) -> Row | None:
    """The row that has the one figure a question asks for, if its columns can be told."""
    asked = understood(question)
    if asked is None or not asked.plain or asked.comparison is not Comparison.NONE:
        return None
    for bound, book in _books(asked, hits):
        years = bound.years or _newest(bound, book)
        formula = read(bound.measure, years[-1], bound.terms) if years else None
        found = book.find(formula) if isinstance(formula, Figure) else None
        if found is not None and in_words(found.row):
            return found.row
    return None


def _books(asked: Asked, hits: Sequence[Hit]) -> Iterator[tuple[Asked, Book]]:
    """The tables of each of the first documents, and what is asked for as it reads there."""
    documents = list(dict.fromkeys(hit.passage.document_id for hit in hits))[:_MOST_DOCUMENTS]
    for document in documents:
        passages = [hit.passage for hit in hits if hit.passage.document_id == document]
        bound = _bound(asked, passages)
        if bound is not None:
            yield bound, Book(_by_page(passages))


def _bound(asked: Asked, passages: Sequence[Passage]) -> Asked | None:
    """With the words that are no name of the document taken as words of a row's label; None where that cannot be."""
    strange = [name for name in asked.names if not bears([name], passages)]
    if not strange and asked.measure:
        return asked
    found = mentions(asked.measure)
    if not strange or len(found) > 1 or (found and (isinstance(found[0].what, Ratio) or asked.terms.said)):
        return None
    concept = of_words([*strange, *asked.measure.split()])
    return replace(asked, name=concept.name, measure=concept.name, terms=Terms({}, (concept,)))


def _by_page(passages: Sequence[Passage]) -> list[Row]:
    """The rows of pages, the page of the best passage first."""
    pages = list(dict.fromkeys((passage.version_id, passage.page) for passage in passages))
    unique = {passage.id: passage for passage in passages}
    return sorted(rows(list(unique.values())), key=lambda row: pages.index((row.passage.version_id, row.passage.page)))


def _of_book(asked: Asked, book: Book) -> Draft | None:
    years = asked.years or _newest(asked, book)
    if asked.comparison is Comparison.CHANGE and len(years) == 1:
        years = (years[0] - 1, years[0])
    each = [read(asked.measure, year, asked.terms) for year in years]
    formulas = [formula for formula in each if formula is not None]
    if not formulas or len(formulas) < len(each):
        return None
    try:
        return _compared(replace(asked, years=years), book, formulas)
    except ArithmeticError:
        return None


def _newest(asked: Asked, book: Book) -> tuple[int, ...]:
    """The newest years that the tables have, as many as the comparison needs."""
    formula = read_expanded(asked.measure, 0, asked.terms)
    if formula is None or asked.comparison not in {Comparison.NONE, Comparison.CHANGE}:
        return ()
    columns = [set(book.years(figure.concept)) for figure in figures(formula)]
    shared = sorted(set.intersection(*columns), reverse=True) if columns else []
    wanted = 2 if asked.comparison is Comparison.CHANGE else 1
    return tuple(sorted(shared[:wanted])) if len(shared) >= wanted else ()


def _compared(asked: Asked, book: Book, formulas: Sequence[Formula]) -> Draft | None:
    """What is made of a measure's values in the years asked for."""
    first, last = formulas[0], formulas[-1]
    years = asked.years
    if asked.comparison is Comparison.CHANGE:
        return _change(asked, work_out(first, book), work_out(last, book))
    if asked.comparison is Comparison.NONE:
        worked = work_out(last, book)
        if worked is not None and isinstance(worked.formula, Figure):
            return _converted(asked, worked)
        years = years[-1:]
    elif asked.comparison is Comparison.YEARLY_GROWTH:
        power = Operation("/", _ONE, Number(Decimal(years[-1] - years[0])))
        growth = Operation("-", Operation("^", Operation("/", last, first), power), _ONE)
        asked, worked = replace(asked, percent=True), work_out(growth, book)
    else:
        worked = work_out(total(formulas) if asked.comparison is Comparison.SUM else mean(formulas), book)
    if worked is None:
        return None
    return said(asked, years, [f"{worked.written()} = {result(asked, worked)[1]}"], [worked])


def _converted(asked: Asked, worked: Worked) -> Draft | None:
    """One figure in the unit that is asked for; None where it stands in that already."""
    if asked.unit is None or worked.unit is None or asked.unit == worked.unit:
        return None
    up = asked.unit > worked.unit
    factor = Decimal(asked.unit // worked.unit if up else worked.unit // asked.unit)
    converted = Worked(Operation("/" if up else "*", worked.formula, Number(factor)), worked.found, asked.unit)
    decimals = 1 if up and abs(converted.value) < _THOUSAND else 0
    text = worked.shown(converted.value, decimals if asked.decimals is None else asked.decimals)
    return said(asked, asked.years[-1:], [f"{converted.written()} = {text}"], [worked], asked.unit)


def _change(asked: Asked, before: Worked | None, after: Worked | None) -> Draft | None:
    """The difference of two years: of amounts also in per cent of the earlier one, of shares in percentage points."""
    if before is None or after is None or before.unit != after.unit:
        return None
    years = (asked.years[0], asked.years[-1])
    if isinstance(before.formula, Figure) and isinstance(after.formula, Figure):
        both = Worked(Operation("-", after.formula, before.formula), before.found | after.found, after.unit)
        text = f"{both.written()} = {both.shown(both.value, both.decimals)}"
        return said(asked, years, [text + _in_percent(asked, before, both.value, before.value)], [both])
    (old, old_text), (new, new_text) = result(asked, before), result(asked, after)
    decimals = max(0, -int(new.as_tuple().exponent))
    if not before.is_share:
        points = _in_percent(asked, before, new - old, old)
    elif asked.percent:
        points = " Prozentpunkte" if asked.german else " percentage points"
    else:
        points = ""
    steps = [
        f"{before.written()} = {old_text}",
        f"{after.written()} = {new_text}",
        f"{new_text} − {old_text} = {after.shown(new - old, decimals)}{points}",
    ]
    return said(asked, years, steps, [before, after])


def _in_percent(asked: Asked, worked: Worked, difference: Decimal, base: Decimal) -> str:
    """A difference in per cent of what it started from, which has to be above zero to mean something."""
    if base <= 0:
        return ""
    decimals = asked.decimals if asked.decimals is not None else PERCENT_DECIMALS
    text = worked.shown(difference * 100 / base, decimals)
    return f" ({text if text.startswith('−') else f'+{text}'} %)"
