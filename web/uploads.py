"""Receives multipart bodies: files go to the file store while they arrive, and nothing is held in memory.

A file that cannot be taken is remembered with the reason, so that its neighbours still arrive. What a file becomes
in a collection is not decided here.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol

from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.sansio.multipart import Data, Epilogue, Event, Field, File, MultipartDecoder, NeedData

from core.errors import ArchivarError, InvalidRequest, TooLarge
from core.names import clean_path
from core.storage.files import FileStore, StagedFile

FILE_FIELD = "file"
MULTIPART = "multipart/form-data"
_STEP = 256 * 1024
_MOST_UNPARSED = 1024 * 1024
_MOST_FIELD_BYTES = 4096
_MOST_FIELDS = 16


class _Stream(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Arrived:
    """A file that was sent: its bytes are staged, or there is an error that says why not."""

    path: str
    staged: StagedFile | None
    error: ArchivarError | None

    @property
    def filename(self) -> str:
        """The last part of the path."""
        return self.path.rsplit("/", 1)[-1]


class _FilePart:
    """A file on its way in; once it cannot be taken, the rest of it is read and dropped."""

    def __init__(self, sent_name: str, files: FileStore) -> None:
        self._context = ExitStack()
        self._incoming = self._context.enter_context(files.receive())
        self._error: ArchivarError | None = None
        try:
            self._path = clean_path(sent_name)
        except InvalidRequest as error:
            self._path, self._error = clean_path(sent_name[-100:]), error

    def write(self, data: bytes) -> None:
        if self._error is None:
            try:
                self._incoming.write(data)
            except TooLarge as error:
                self._error = error

    def end(self) -> Arrived:
        try:
            staged = self._incoming.finish() if self._error is None else None
        finally:
            self.close()
        return Arrived(self._path, staged, self._error)

    def close(self) -> None:
        self._context.close()


class _FieldPart:
    """A form field."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.value = bytearray()

    def write(self, data: bytes) -> None:
        self.value += data
        if len(self.value) > _MOST_FIELD_BYTES:
            raise InvalidRequest(f"The form field {self.name!r} is too long.")


class Arrivals:
    """The files and fields of one body; leaving the context discards what nobody took over."""

    def __init__(self, files: FileStore, most_files: int) -> None:
        self._store = files
        self._most_files = most_files
        self._part: _FilePart | _FieldPart | None = None
        self.files: list[Arrived] = []
        self.fields: dict[str, str] = {}

    def __enter__(self) -> "Arrivals":
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if isinstance(self._part, _FilePart):
            self._part.close()
        for arrived in self.files:
            if arrived.staged is not None:
                self._store.discard(arrived.staged)

    def receive(self, stream: _Stream, boundary: str) -> None:
        """Read a whole body. Raises `InvalidRequest`, `TooLarge` for too many files, or `StorageFull`."""
        for event in _events(stream, boundary):
            if isinstance(event, File | Field):
                self._begin(event)
            elif isinstance(event, Data) and self._part is not None:
                self._part.write(event.data)
                if not event.more_data:
                    self._end()
        if not self.files:
            raise InvalidRequest(f"Send one file or more in the form field {FILE_FIELD!r}.")

    def refuse_unless_any_arrived(self) -> None:
        """Raise what is wrong with the first file if no file at all can be taken."""
        first = self.files[0].error
        if first is not None and all(arrived.error is not None for arrived in self.files):
            raise first

    def _begin(self, event: File | Field) -> None:
        if isinstance(event, Field):
            if event.name == FILE_FIELD:
                raise InvalidRequest(f"The form field {FILE_FIELD!r} holds a file: send it with a file name.")
            self._part = _FieldPart(str(event.name))
        elif event.name != FILE_FIELD:
            raise InvalidRequest(f"Send files in the form field {FILE_FIELD!r}, not in {str(event.name)!r}.")
        elif len(self.files) >= self._most_files:
            raise TooLarge(f"One request takes at most {self._most_files} files. Nothing of this one was stored.")
        else:
            self._part = _FilePart(event.filename, self._store)

    def _end(self) -> None:
        part, self._part = self._part, None
        if isinstance(part, _FilePart):
            self.files.append(part.end())
        elif part is not None:
            self.fields[part.name] = part.value.decode(errors="replace")


def _events(stream: _Stream, boundary: str) -> Iterator[Event]:
    # What is not yet understood is bounded, so that a head without end cannot fill the memory.
    decoder = MultipartDecoder(boundary.encode("latin-1", "replace"), max_form_memory_size=_MOST_UNPARSED)
    try:
        yield from _decoded(stream, decoder)
    except RequestEntityTooLarge:
        raise TooLarge("The request is larger than the server takes.") from None
    except ValueError:
        raise InvalidRequest("The body is not complete multipart/form-data with names in UTF-8.") from None


def _decoded(stream: _Stream, decoder: MultipartDecoder) -> Iterator[Event]:
    fields = 0
    event: Event = NeedData()
    while not isinstance(event, Epilogue):
        decoder.receive_data(stream.read(_STEP) or None)
        while not isinstance(event := decoder.next_event(), NeedData | Epilogue):
            fields += isinstance(event, Field)
            if fields > _MOST_FIELDS:
                raise InvalidRequest("The form has too many fields.")
            yield event
