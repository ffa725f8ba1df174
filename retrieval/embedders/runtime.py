"""Loads OpenVINO without its telemetry: the package reports to its maker as soon as it is imported, unless that
part cannot be imported. No model is known here.
"""

import sys
from types import ModuleType


def load_openvino(*, conversion: bool = False) -> ModuleType:
    """The `openvino` module; its tools for converting models (0.1 s more to import) only where asked for."""
    modules: dict[str, ModuleType | None] = sys.modules  # type: ignore[assignment]
    modules.setdefault("openvino_telemetry", None)
    if not conversion:
        modules.setdefault("openvino.tools.ovc", None)
    import openvino  # noqa: PLC0415 - only after the lines above

    loaded: ModuleType = openvino
    return loaded
