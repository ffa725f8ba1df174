"""A formula with its figures found, and how it, its value and the rows it comes from are put into a sentence."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext

from llm.figures.asked import Asked, Comparison
from llm.figures.finding import Book, Found
from llm.figures.formulas import Figure, Formula, Number, Operation, evaluate, expanded, figures, written
from llm.figures.row_words import UNITS, sources, unit_of
from llm.numbers import rounded_to, shown
from llm.writers import Draft

# What is made of the values of several years, in English and in German.
_TITLES: tuple[dict[Comparison, str], dict[Comparison, str]] = (
    {
        Comparison.CHANGE: "change in {}",
        Comparison.AVERAGE: "average {}",
        Comparison.SUM: "sum of {}",
        Comparison.YEARLY_GROWTH: "yearly growth of {}",
    },
    {
        Comparison.CHANGE: "Veränderung von {}",
        Comparison.AVERAGE: "Durchschnitt von {}",
        Comparison.SUM: "Summe von {}",
        Comparison.YEARLY_GROWTH: "jährliches Wachstum von {}",
    },
)
_PRECISION = 40
_MOST_OPERANDS = 24
# Of shares in per cent and of ratios, where nobody says how many.
PERCENT_DECIMALS, RATIO_DECIMALS = 1, 2
_SMALL = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Worked:
    """A formula with every figure found, all in one `unit`, None where nothing says which."""

    formula: Formula
    found: dict[Figure, Found]
    unit: int | None

    @property
    def value(self) -> Decimal:
        """Raises ArithmeticError for a division by zero."""
        with localcontext() as context:
            context.prec = _PRECISION
            return evaluate(self.formula, lambda figure: self.found[figure].value)

    @property
    def is_share(self) -> bool:
        """Whether figures are divided by figures, so that the value has no unit."""
        return _divides(self.formula)

    @property
    def german(self) -> bool:
        """Whether the numbers are printed the German way, as in their document."""
        return any(found.row.german for found in self.found.values())

    @property
    def decimals(self) -> int:
        """The most that one of the figures shows."""
        return max(found.cell.decimals for found in self.found.values())

    def shown(self, value: Decimal, decimals: int) -> str:
        """A value as the document prints numbers."""
        return shown(value, decimals, german=self.german)

    def written(self) -> str:
        """With figures as they are printed."""
        return written(self.formula, self._text)

    def _text(self, figure: Figure) -> str:
        return _signed(self.found[figure])


def _signed(found: Found) -> str:
    return found.cell.text if found.value >= 0 else f"−{found.cell.text}"


def work_out(formula: Formula | None, book: Book) -> Worked | None:
    """The formula with its figures found, those made of others where no row has them; None where one is missing."""
    found: dict[Figure, Found] = {}
    resolved = _resolved(formula, book, found) if formula is not None else None
    if resolved is None or not found or len(found) > _MOST_OPERANDS:
        return None
    units = {unit_of(one.row) for one in found.values()}
    return Worked(resolved, found, units.pop()) if len(units) == 1 else None


def _resolved(formula: Formula, book: Book, found: dict[Figure, Found]) -> Formula | None:
    if isinstance(formula, Number):
        return formula
    if isinstance(formula, Operation):
        left, right = _resolved(formula.left, book, found), _resolved(formula.right, book, found)
        if formula.sign == "+" and left is not None and right is None and _may_lack(formula.right):
            return left
        return Operation(formula.sign, left, right) if left is not None and right is not None else None
    here = book.find(formula)
    if here is not None:
        found[formula] = here
        return formula
    parts = expanded(formula)
    return _resolved(parts, book, found) if parts is not None else None


def _may_lack(formula: Formula) -> bool:
    return isinstance(formula, Figure) and formula.concept.optional


def _divides(formula: Formula) -> bool:
    if not isinstance(formula, Operation):
        return False
    divides = formula.sign == "/" and any(True for _ in figures(formula.right))
    return divides or _divides(formula.left) or _divides(formula.right)


def result(asked: Asked, worked: Worked) -> tuple[Decimal, str]:
    """The value, rounded as it is printed, and how that is: in per cent where that was asked for."""
    percent = worked.is_share and asked.percent
    if not worked.is_share:
        decimals = worked.decimals + (worked.value != worked.value.to_integral_value() and not worked.decimals)
    else:
        small = abs(worked.value) < _SMALL
        decimals = PERCENT_DECIMALS if percent else 2 * RATIO_DECIMALS if small else RATIO_DECIMALS
    decimals = asked.decimals if asked.decimals is not None else decimals
    value = worked.value * 100 if percent else worked.value
    text = worked.shown(value, decimals)
    return rounded_to(value, decimals), f"{text} %" if percent else text


def said(
    asked: Asked, years: Sequence[int], steps: Sequence[str], worked: Sequence[Worked], unit: int | None = None
) -> Draft:
    """The sentence: what was asked for, the arithmetic, and the rows that its operands come from."""
    found = {figure: one for each in worked for figure, one in each.found.items()}
    period = f"{years[0]}–{years[-1]}" if len(years) > 1 else str(years[0])
    into = f"in {UNITS[unit][asked.german]}; " if unit in UNITS else ""
    name = _TITLES[asked.german].get(asked.comparison, "{}").format(asked.name)
    name = name[:1].upper() + name[1:]
    source = f"{'aus' if asked.german else 'from'} {_operands(found, german=asked.german)}"
    rows = [one.row for one in found.values()]
    return Draft(f"{name}, {period}: {'; '.join(steps)} ({into}{source}).", tuple(sources(rows)), computed=True)


def _operands(found: dict[Figure, Found], *, german: bool) -> str:
    """`Net sales 20 (2020) 10 (2019) in millions`: the rows by their labels, each with its figures and years."""
    by_row: dict[int, list[tuple[Figure, Found]]] = {}
    for figure, one in found.items():
        by_row.setdefault(id(one.row), []).append((figure, one))
    told = []
    for cells in by_row.values():
        values = " ".join(f"{_signed(one)} ({figure.year})" for figure, one in cells)
        told.append(f"{cells[0][1].row.label} {values}")
    unit = UNITS.get(unit_of(cells[0][1].row) or 1)
    return ", ".join(told) + (f" in {unit[german]}" if unit else "")
