"""How well and how fast scans are read: pages of PDFs made pictures, read again, and compared with their own text.

    python -m bench.ocr --corpus FOLDER [--pages 40] [--dpi 200] [--children 1] [--threads 2] [--worse 8]

FOLDER holds PDFs whose text can be taken; pages with at least 100 words are drawn at random, the same each time. What
is compared are words (letters and digits, each as often as it stands there) and figures, whatever their order. Some
pages are also read as worse scans, to tell how far confidence says how much was lost; and pages of German, whose
umlauts are counted. Time is that of a running child, cold start told apart; memory is the most that a child had.
"""

import argparse
import ctypes
import io
import os
import random
import re
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image, ImageFilter

from bench import report
from core.settings import Settings, load_settings
from core.values import Page
from ingest.children import ParserPool

_WORDS = re.compile(r"[^\W_]+")
_FIGURES = re.compile(r"\d[\d.,]*\d|\d")
_FEWEST_WORDS = 100
_LETTER = (612, 792)
_UMLAUTS = "äöüßÄÖÜ"
_GERMAN = (
    "Die Gemeinde prüft jährlich, ob die Maße der Straßen und Plätze den Vorschriften genügen.",
    "Für übermäßige Geräusche während der Nachtstunden gilt die örtliche Lärmschutzverordnung.",
    "Der Zuschuss beträgt höchstens zwölf Euro für jeden Quadratmeter beheizter Wohnfläche.",
    "Größere Änderungen sind spätestens fünf Wochen vorher schriftlich anzukündigen.",
    "Über Ausnahmen entscheidet der Ausschuss für Bürgerbegehren in öffentlicher Sitzung.",
    "Außerdem müssen Ölheizungen regelmäßig von zugelassenen Prüfern überwacht werden.",
    "Ähnliches gilt für Äcker, Gärten, Höfe und die Flächen der städtischen Bäder.",
    "Wer Müll außerhalb der Behälter ablegt, hat die Kosten der Räumung zu übernehmen.",
)
_SIZES = (8, 9, 10, 11, 12, 14)


@dataclass(slots=True)
class _Tally:
    """What stood on pages and what was read of it."""

    there: int = 0
    found: int = 0
    read: int = 0
    pages: list[float] = field(default_factory=list)

    def add(self, truth: Sequence[str], read: Sequence[str]) -> None:
        common = sum((Counter(truth) & Counter(read)).values())
        self.there += len(truth)
        self.found += common
        self.read += len(read)
        self.pages.append(common / len(truth) if truth else 1.0)

    def shares(self) -> dict[str, float]:
        return {
            "recall": round(self.found / max(self.there, 1), 4),
            "precision": round(self.found / max(self.read, 1), 4),
            "worst_page_recall": round(min(self.pages, default=0.0), 4),
        }


@dataclass(frozen=True, slots=True)
class _Run:
    pages: Sequence[Page]
    seconds: float
    warnings: tuple[str, ...]


def main() -> None:
    """Measure and publish."""
    wanted = _wanted()
    changes = {"ocr_dpi": wanted.dpi, "ocr_children": wanted.children, "ocr_threads": wanted.threads}
    settings = load_settings().model_copy(update=changes)
    chosen = list(_chosen(wanted.corpus, wanted.pages))
    texts, pictures = (
        [text for text, _ in chosen],
        [_drawn(path, number, wanted.dpi) for path, number in (place for _, place in chosen)],
    )
    pool = ParserPool(settings)
    peak = _Peak()
    try:
        first = _read(pool, pictures[:1], wanted.dpi)
        again = _read(pool, pictures[:1], wanted.dpi)
        warm = _read(pool, pictures, wanted.dpi)
        found: dict[str, object] = {
            "pages": len(pictures),
            "dpi": wanted.dpi,
            "children": wanted.children,
            "threads": wanted.threads,
            **_quality(texts, warm),
            "seconds_a_page": round(warm.seconds / len(pictures), 2),
            "pages_a_minute": round(60 * len(pictures) / warm.seconds, 1),
            "cold_start_seconds": round(first.seconds - again.seconds, 2),
            "german": _german(pool, wanted.dpi),
            "worse_scans": _worse(pool, texts[: wanted.worse], pictures[: wanted.worse], wanted.dpi),
        }
    finally:
        pool.close()
        peak.stop()
    found["child_peak_mb"] = peak.megabytes
    found["allowed_mb"] = settings.ocr_memory_mb
    report.publish("ocr", found, wanted.results)


def _wanted() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--pages", type=int, default=40)
    parser.add_argument("--worse", type=int, default=8)
    parser.add_argument("--dpi", type=int, default=Settings.model_fields["ocr_dpi"].default)
    parser.add_argument("--children", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--results", type=Path, default=report.RESULTS)
    return parser.parse_args()


def _chosen(corpus: Path, count: int) -> Iterator[tuple[str, tuple[Path, int]]]:
    """Pages with their text and where they are, each from a file of its own as long as there are more."""
    chance = random.Random(8)
    files = sorted(corpus.rglob("*.pdf"))
    chance.shuffle(files)
    chosen = 0
    for path in files * (count // max(len(files), 1) + 1):
        document = pypdfium2.PdfDocument(path)
        for number in chance.sample(range(len(document)), min(10, len(document))):
            text = document[number].get_textpage().get_text_bounded()
            if len(_WORDS.findall(text)) >= _FEWEST_WORDS:
                yield text, (path, number)
                chosen += 1
                break
        document.close()
        if chosen == count:
            return


def _drawn(path: Path, number: int, dpi: int) -> Image.Image:
    document = pypdfium2.PdfDocument(path)
    picture: Image.Image = document[number].render(scale=dpi / 72).to_pil().convert("L")
    document.close()
    return picture


def _read(pool: ParserPool, pictures: Sequence[Image.Image], dpi: int) -> _Run:
    """The pictures as one scanned PDF, read by the pool."""
    out = io.BytesIO()
    pictures[0].save(out, "PDF", save_all=True, append_images=pictures[1:], resolution=dpi, quality=90)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "scan.pdf"
        path.write_bytes(out.getvalue())
        began = time.perf_counter()
        _, document = pool.parse(path, path.name, lambda _: None)
        return _Run(document.pages, time.perf_counter() - began, document.warnings)


def _quality(texts: Sequence[str], run: _Run) -> dict[str, object]:
    words, figures = _Tally(), _Tally()
    for text, page in zip(texts, run.pages, strict=True):
        words.add(_WORDS.findall(text), _WORDS.findall(page.text))
        figures.add(_FIGURES.findall(text), _FIGURES.findall(page.text))
    confidence = [page.confidence or 0.0 for page in run.pages]
    return {
        "words": words.shares(),
        "figures": figures.shares(),
        "confidence": round(sum(confidence) / len(confidence), 4),
        "warnings": list(run.warnings),
    }


def _german(pool: ParserPool, dpi: int) -> dict[str, object]:
    """German in several sizes of letters: its words, and how many umlauts are still there."""
    pages = [_page_of(_GERMAN, size, dpi) for size in _SIZES]
    run = _read(pool, pages, dpi)
    words, umlauts = _Tally(), _Tally()
    for page in run.pages:
        truth = " ".join(_GERMAN)
        words.add(_WORDS.findall(truth), _WORDS.findall(page.text))
        umlauts.add(*([one for one in text if one in _UMLAUTS] for text in (truth, page.text)))
    return {"words": words.shares(), "umlauts": umlauts.shares(), "letters_in_points": list(_SIZES)}


def _page_of(texts: Sequence[str], size: int, dpi: int) -> Image.Image:
    document = pypdfium2.PdfDocument.new()
    page = document.new_page(*_LETTER)
    for number, text in enumerate(texts):
        line = pdfium.FPDFPageObj_NewTextObj(document.raw, b"Helvetica", ctypes.c_float(size))
        units = (text + "\0").encode("utf-16-le")
        pdfium.FPDFText_SetText(line, ctypes.cast(units, pdfium.FPDF_WIDESTRING))
        pdfium.FPDFPageObj_Transform(line, 1, 0, 0, 1, 54, _LETTER[1] - 72 - number * size * 1.6)
        pdfium.FPDFPage_InsertObject(page.raw, line)
    page.gen_content()
    drawn: Image.Image = page.render(scale=dpi / 72).to_pil().convert("L")
    document.close()
    return drawn


def _worse(
    pool: ParserPool, texts: Sequence[str], pictures: Sequence[Image.Image], dpi: int
) -> dict[str, Mapping[str, object]]:
    """The same pages as bad scans; `lost` and `confidence` side by side are what a threshold is chosen from."""
    found: dict[str, Mapping[str, object]] = {}
    for name, spoil in _SPOILT.items():
        run = _read(pool, [spoil(picture) for picture in pictures], dpi)
        pages = _Tally()
        for text, page in zip(texts, run.pages, strict=True):
            pages.add(_WORDS.findall(text), _WORDS.findall(page.text))
        found[name] = {
            "recall": pages.shares()["recall"],
            "confidence": round(median(page.confidence or 0.0 for page in run.pages), 4),
            "each_page": [
                [round(recall, 3), round(page.confidence or 0.0, 3)]
                for recall, page in zip(pages.pages, run.pages, strict=True)
            ],
        }
    return found


def _coarse(share: float) -> Callable[[Image.Image], Image.Image]:
    def spoil(page: Image.Image) -> Image.Image:
        small = page.resize((round(page.width * share), round(page.height * share)), Image.Resampling.BILINEAR)
        return small.resize(page.size, Image.Resampling.BILINEAR)

    return spoil


def _noisy(page: Image.Image) -> Image.Image:
    noise = Image.effect_noise(page.size, 120)
    return Image.blend(page, noise, 0.45)


def _grey(page: Image.Image) -> Image.Image:
    return page.filter(ImageFilter.GaussianBlur(2)).point(lambda value: 150 + value // 4)


_SPOILT: dict[str, Callable[[Image.Image], Image.Image]] = {
    "half_the_resolution": _coarse(0.5),
    "a_third_of_it": _coarse(0.33),
    "a_quarter_of_it": _coarse(0.25),
    "noise": _noisy,
    "faint_and_blurred": _grey,
    "crooked_by_two_degrees": lambda page: page.rotate(2, fillcolor=255, resample=Image.Resampling.BICUBIC),
    "upside_down": lambda page: page.rotate(180),
}


class _Peak:
    """The most memory that a child of this process was seen to have."""

    def __init__(self) -> None:
        self.megabytes = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(0.2):
            for status in Path("/proc").glob("[0-9]*/status"):
                self.megabytes = max(self.megabytes, _memory(status))


def _memory(status: Path) -> int:
    try:
        found = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(found["VmHWM"].split()[0]) // 1024 if int(found["PPid"]) == os.getpid() else 0
    except (FileNotFoundError, ProcessLookupError, KeyError):  # it has ended
        return 0


if __name__ == "__main__":
    main()
