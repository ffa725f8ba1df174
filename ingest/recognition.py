"""Reads the words in a picture: RapidOCR with the models that come inside its package. Runs in the scan child only.

Nothing is ever fetched: the child has no network, and where a model is missing it fails.
"""

import math
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps
from rapidocr import RapidOCR
from rapidocr.main import RapidOCRError

_Pixels = NDArray[np.uint8]
_Corners = tuple[tuple[float, float], ...]

# Lines are found in a smaller picture, which takes a third of the time and memory and finds as many; they are read in
# the whole one.
_FIND_SIDE = 1280
_FIND_PIXELS, _MOST_FIND_PIXELS = 1_270_000, 3_000_000  # of a page that is 1280 high; long strips get more
_PAGE_RATIO = 1.5
_LONGEST_SIDE = 10_000
_UPRIGHT_RATIO = 1.5  # a box so much taller than wide is text on its side
_ASKED = 16  # lines that are asked which way up they are
_SURE = 0.8  # of the text of a page that lies the way it was taken to lie
_LEAST_WIDTH = 96  # pixels of a line 48 high; made 320 wide, as by default, the figures of a table take twice the time
_SPECKS = 0.001  # of all pixels may be darker or lighter than what counts
_LEAST_CONTRAST, _ENOUGH_CONTRAST = 16, 160  # of 256 shades; with less there is nothing but the grain of the paper
_WIDE_ENOUGH = 2.0  # times its height: one letter alone does not tell


@dataclass(frozen=True, slots=True)
class Strip:
    """A line of text as found: how sure the model is of it (0 to 1), and its corners in pixels, clockwise."""

    text: str
    score: float
    corners: _Corners


@dataclass(frozen=True, slots=True)
class Sighting:
    """What was read in a picture after `turns` quarter turns to the left, which make its text stand upright."""

    turns: int
    strips: tuple[Strip, ...]


class Recogniser:
    """The models, loaded once."""

    def __init__(self, threads: int) -> None:
        cv2.setNumThreads(1)  # more would gain little, and take memory for each
        self._engine = RapidOCR(
            params={
                "Global.log_level": "critical",
                "Global.max_side_len": _LONGEST_SIDE,
                "Det.limit_type": "max",
                "Det.limit_side_len": _FIND_SIDE,  # until `_find` sets it
                "Rec.rec_batch_num": 1,  # several at once would all be as wide as the widest, at its cost in memory
                "Rec.rec_img_shape": [3, 48, _LEAST_WIDTH],
                "EngineConfig.onnxruntime.intra_op_num_threads": threads,
                "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            }
        )
        self.read(Image.new("RGB", (32, 32)))  # loads what finds lines

    def read(self, picture: Image.Image) -> Sighting:
        """The lines of text in the picture, whichever way up it is."""
        pixels: _Pixels = np.ascontiguousarray(np.asarray(_inked(picture.convert("RGB")))[:, :, ::-1])
        corners, crops = self._find(pixels)
        turns = self._turns(corners, crops)
        if not turns:
            return self._sighting(0, corners, crops)
        sighting = self._turned(pixels, turns)
        if turns >= 2 and _sureness(sighting) < _SURE:
            # What is hard to read looks upside down as easily as upright.
            sighting = max(sighting, self._turned(pixels, turns - 2), key=_sureness)
        return sighting

    def _turned(self, pixels: _Pixels, turns: int) -> Sighting:
        corners, crops = self._find(np.ascontiguousarray(np.rot90(pixels, turns)))
        return self._sighting(turns, corners, crops)

    def _sighting(self, turns: int, corners: list[_Corners], crops: list[_Pixels]) -> Sighting:
        if not crops:
            return Sighting(turns, ())
        read = self._engine.recognize_txt(crops)
        found = zip(read.txts or (), read.scores or (), corners, strict=True)
        return Sighting(turns, tuple(Strip(str(text), float(score), one) for text, score, one in found))

    def _find(self, pixels: _Pixels) -> tuple[list[_Corners], list[_Pixels]]:
        if self._engine.text_det is not None:
            self._engine.text_det.limit_side_len = _find_side(pixels.shape[0], pixels.shape[1])
        padding: dict[str, Any] = {}
        try:
            crops, found = self._engine.detect_and_crop(pixels, padding)
        except RapidOCRError:  # there is no text
            return [], []
        assert found.boxes is not None  # it says so by raising
        left, top = padding["padding_1"]["left"], padding["padding_1"]["top"]
        corners = [tuple((float(x) - left, float(y) - top) for x, y in box) for box in found.boxes]
        return corners, crops

    def _turns(self, corners: list[_Corners], crops: list[_Pixels]) -> int:
        """How often the picture has to be turned to the left. Crops of text on its side are turned once already."""
        aside = [_is_aside(one) for one in corners]
        turned = 2 * sum(len(crop[0]) for crop, one in zip(crops, aside, strict=True) if one) > sum(
            len(crop[0]) for crop in crops
        )
        telling = [
            crop
            for crop, one in zip(crops, aside, strict=True)
            if one == turned and len(crop[0]) >= _WIDE_ENOUGH * len(crop)
        ]
        if not telling:
            return int(turned)
        widest = sorted(telling, key=lambda crop: -len(crop[0]))[:_ASKED]
        _, asked = self._engine.cls_and_rotate(widest)
        upside_down = sum(score if "180" in label else -score for label, score in asked.cls_res or ())
        return int(turned) + (2 if upside_down > 0 else 0)


def _inked(picture: Image.Image) -> Image.Image:
    """The picture, or where it is faint the same with full contrast: the models overlook grey on grey."""
    shares = np.cumsum(picture.convert("L").histogram()) / (picture.width * picture.height)
    dark, light = np.searchsorted(shares, (_SPECKS, 1 - _SPECKS))
    faint = _LEAST_CONTRAST <= light - dark < _ENOUGH_CONTRAST
    return ImageOps.autocontrast(picture, cutoff=100 * _SPECKS, preserve_tone=True) if faint else picture


def _sureness(sighting: Sighting) -> float:
    """The mean score of all characters."""
    characters = sum(len(strip.text) for strip in sighting.strips)
    return sum(strip.score * len(strip.text) for strip in sighting.strips) / max(characters, 1)


def _find_side(height: int, width: int) -> int:
    """How long a picture's longer side is where lines are looked for: in a long strip they are still to be seen."""
    long, short = max(height, width), min(height, width)
    pixels = min(_FIND_PIXELS * max(long / short / _PAGE_RATIO, 1.0), _MOST_FIND_PIXELS)
    return max(_FIND_SIDE, round(long * math.sqrt(pixels / (long * short))))


def _is_aside(corners: _Corners) -> bool:
    (x0, y0), (x1, y1), _, (x3, y3) = corners
    width, height = np.hypot(x1 - x0, y1 - y0), np.hypot(x3 - x0, y3 - y0)
    return bool(height >= _UPRIGHT_RATIO * width)
