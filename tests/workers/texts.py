"""Texts to read, as long as a test needs them, in which every passage is different."""


def text(paragraphs: int) -> bytes:
    """A plain text; about one passage for each three paragraphs."""
    return "\n\n".join(_paragraph(number) for number in range(paragraphs)).encode()


def _paragraph(number: int) -> str:
    return (
        f"Item {number}. The supplier delivers part number {number * 7919 % 10007} to warehouse {number % 31} within "
        f"{number % 60 + 1} days, at a price of {number * 37 % 9973} euros, and answers for defects for two years. "
        f"Clause {number} applies to every order placed after delivery note {number * 104729 % 99991} was signed."
    )
