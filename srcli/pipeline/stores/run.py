"""The use case behind ``srcli upscale`` where inputs or outputs lie in stores: one page of keys at a time.

This room finds pictures, skips what is finished and remembers; who enlarges them is told by its caller.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Protocol

from srcli.core.errors import InputError, OutputError, SrcliError, UsageError
from srcli.core.events import Events
from srcli.imaging.containers.sniff import HEAD_BYTES
from srcli.imaging.formats import FORMATS, READABLE_EXTENSIONS, format_from_extension, format_from_name
from srcli.pipeline.stores.address import is_address, shown
from srcli.pipeline.stores.downloads import Downloads
from srcli.pipeline.stores.listing import below, pages
from srcli.pipeline.stores.memory import StoreMemory
from srcli.pipeline.stores.parcels import Parcel
from srcli.pipeline.stores.store import READ_ONLY, Entry, Store
from srcli.upscaling.inputs import Input
from srcli.upscaling.jobs import Job
from srcli.upscaling.naming import Naming, name_output
from srcli.upscaling.pool import GeneratorPool, open_pool
from srcli.upscaling.report import FileReport, Status, Summary, failed
from srcli.upscaling.run import prepare_jobs
from srcli.upscaling.settings import Existing, UpscaleSettings
from srcli.upscaling.sources import STREAM, BytesSource, FileSource

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import TypeAlias

    from srcli.core.cancel import CancelToken
    from srcli.upscaling.shards import Shard
    from srcli.upscaling.sources import Source

    Found: TypeAlias = "_Picture | InputError | None"
    """The picture that an address names; None where it names a folder, or nothing that is there."""


class Enlarger(Protocol):
    """What has pictures enlarged."""

    def __call__(
        self, pages: Iterator[list[Parcel]], events: Events[FileReport], cancel: CancelToken | None
    ) -> None:
        """Work through pages of pictures, and tell of them in their order."""


@dataclass(frozen=True, slots=True)
class _Picture:
    """One picture to enlarge: where it lies, its name below what was named, and its output's name."""

    store: Store
    entry: Entry
    name: str
    output: str

    @property
    def address(self) -> str:
        return self.store.name(self.entry.key)


class StoreRun:
    """A run over addresses.

    Args:
        inputs: addresses, or local files and folders.
        output: an address, or a local file or folder.
        settings: what to do.
        recursive: whether to look into folders below.
        shard: which of the pictures are this run's; by default all.
        pool: the generators that the settings ask for; opened by default.

    Raises:
        UsageError: inputs, output and settings don't go together.
        MissingExtra: the package for a store is not installed.
    """

    def __init__(
        self,
        inputs: Sequence[str],
        output: str | None,
        settings: UpscaleSettings,
        *,
        recursive: bool,
        shard: Shard | None = None,
        pool: GeneratorPool | None = None,
    ) -> None:
        if output is None or output == STREAM or STREAM in inputs:
            raise UsageError("pictures in stores are written to a folder or an address", hint="add -o")
        if settings.pages == "all":
            raise UsageError("--page all is for local files", hint="choose one page, such as --page 2")
        if (scheme := output.partition(":")[0]) in READ_ONLY:
            raise UsageError(f"nothing can be written to {scheme}://")
        # Addresses first: where fsspec is missing, the extra of the store is named.
        words = sorted((*inputs, output), key=is_address, reverse=True)
        self._stores = {word: Store(word) for word in words}
        self._output = self._stores[output]
        self._inputs = [self._stores[word] for word in inputs]
        self._settings = settings
        self._page = settings.pages
        self._recursive = recursive
        self._shard = shard
        is_named = not output.endswith("/") and format_from_extension(Path(output).suffix) is not None
        self._named = PurePosixPath(self._output.root).name if is_named else None
        extension = FORMATS[format_from_name(settings.format)].extensions[0] if settings.format else None
        self._naming = Naming("", settings.label, extension)
        self.pool: GeneratorPool = pool or open_pool(settings)
        if self._named:
            self._output = self._output.at(self._output.root.rpartition("/")[0])
        self._under_way: dict[str, _Picture] = {}
        self._check_apart()

    def store(self, address: str) -> Store:
        """The store of an address that the run was given."""
        return self._stores[address]

    @property
    def places(self) -> tuple[str, ...]:
        """Addresses that other machines can open, one for each bucket or server; after the start."""
        stores = (*self._answering, self._output)
        return tuple({store.place: store.address for store in stores if not store.is_local}.values())

    def _check_apart(self) -> None:
        """See that what is written is not read as an input, now or by the next run."""
        target = f"{self._output.name(self._output.root).rstrip('/')}/"
        for store in self._inputs:
            source = f"{store.name(store.root).rstrip('/')}/"
            if not self._named and (target == source or (self._recursive and target.startswith(source))):
                raise UsageError(
                    f"results in {target} would be inputs of the next run", hint="choose a folder beside it"
                )

    def start(
        self,
        events: Events[FileReport],
        cancel: CancelToken | None = None,
        enlarger: Enlarger | None = None,
    ) -> Summary:
        """Do the work.

        Args:
            events: hears how it goes.
            cancel: ends the run.
            enlarger: has pictures enlarged; by default this machine does it.

        Raises:
            InputError: there is one input, and nothing is there.
            OutputError: what was finished can't be noted in the store.
        """
        found = [self._alone(store) for store in self._inputs]
        answered = zip(self._inputs, found, strict=True)
        self._answering = [store for store, each in answered if not isinstance(each, InputError)]
        few = [each.output for each in found if isinstance(each, _Picture)]
        are_few = None not in found
        self._memory = StoreMemory(
            self._output,
            self._settings.fingerprint(self.pool.hashes),
            recalls=self._settings.resume,
            # As with local files, what was named by itself leaves a manifest only where one means to resume.
            remembers=self._settings.resume or not are_few or len(few) > 1,
            expected=few if are_few else None,
            recursive=self._recursive,
        )
        teller = _Teller(events, Summary())
        noting = _Noting(teller, self._note)
        try:
            (enlarger or self._enlarge)(self._parcels(found, teller), noting, cancel)
        finally:
            self._memory.flush()
        return teller.summary

    def _parcels(self, found: Sequence[Found], teller: _Teller) -> Iterator[list[Parcel]]:
        """Pages of the pictures that need work; of others is told why not."""
        taken: set[int] = set()
        for store, each in zip(self._inputs, found, strict=True):
            try:
                if isinstance(each, InputError):
                    raise each
                for page in [[each]] if each else self._pages(store):
                    chosen = [self._parcel(picture) for picture in self._choose(page, taken, teller)]
                    if chosen:
                        yield chosen
            except InputError as error:
                if len(self._inputs) == 1 and not taken:
                    raise
                teller.finished(failed(shown(store.address), "", error))

    def _alone(self, store: Store) -> Found:
        try:
            entry = store.entry(store.root)
            if entry is None:
                return None
            name = PurePosixPath(entry.key.partition("?")[0]).name
            return _Picture(store, entry, name, self._output_of(store, entry.key, name, is_alone=True))
        except InputError as error:
            return error

    def _pages(self, store: Store) -> Iterator[list[_Picture]]:
        if self._named:
            raise UsageError(f"{shown(store.address)} is no single picture", hint="choose a folder with -o")
        is_empty = True
        for page in pages(store, recursive=self._recursive):
            named = [(entry, below(entry.key, store.root)) for entry in page]
            pictures = [
                _Picture(store, entry, name, self._output_of(store, entry.key, name))
                for entry, name in named
                if PurePosixPath(name).suffix.lower() in READABLE_EXTENSIONS
            ]
            is_empty = is_empty and not pictures
            yield pictures
        if is_empty:
            hint = None if self._recursive else "add -r to look into the folders below"
            raise InputError(f"no pictures in {shown(store.address)}", hint=hint)

    def _output_of(self, store: Store, key: str, name: str, *, is_alone: bool = False) -> str:
        if is_alone and self._named:
            return self._named
        given: Source = FileSource(Path(name))
        if PurePosixPath(name).suffix.lower() not in READABLE_EXTENSIONS:
            # Its kind is told by its content.
            given = BytesSource(store.read(key, end=HEAD_BYTES), PurePosixPath(name).name)
        named = name_output(Input(given, Path()), self._naming, as_folder=True)
        return named.as_posix() if named else name

    def _choose(self, page: list[_Picture], taken: set[int], teller: _Teller) -> Iterator[_Picture]:
        """Those of a page that need work; of the others is told why not."""
        for picture in page:
            if self._shard and not self._shard.takes(picture.name):
                continue
            if hash(picture.output) in taken:
                clash = OutputError(
                    f"{picture.address} and another input would both become {picture.output}",
                    hint="write them to different folders, or rename one",
                )
                teller.finished(failed(picture.address, self._address(picture), clash))
                continue
            taken.add(hash(picture.output))
            try:
                report = self._check(picture)
            except SrcliError as error:
                report = failed(picture.address, self._address(picture), error)
            if report is None:
                yield picture
            else:
                teller.finished(report)

    def _check(self, picture: _Picture) -> FileReport | None:
        """The report of a picture that was finished before; None for one to be made.

        Raises:
            OutputError: its output is there and may not be replaced.
        """
        memory, settings = self._memory, self._settings
        if not memory.exists(picture.output):
            return None
        if settings.resume and memory.is_finished(picture.output, picture.address, picture.entry):
            return FileReport(picture.address, self._address(picture), Status.SKIPPED)
        if settings.existing is Existing.OVERWRITE or (
            settings.resume and not memory.is_known(picture.output)
        ):
            return None
        raise OutputError(
            f"{self._address(picture)} exists already",
            hint="it was not finished with these settings; add --overwrite to make it again"
            if settings.resume
            else "add --overwrite to replace it, or --resume to skip what is finished",
        )

    def _enlarge(
        self, pages: Iterator[list[Parcel]], events: Events[FileReport], cancel: CancelToken | None
    ) -> None:
        """Have pictures enlarged by this machine; see :class:`Enlarger`."""
        for page in pages:
            with Downloads(parcel.wanted(self.store) for parcel in page) as downloads:
                jobs = [Job(each.fetched_by(downloads), each.delivered_to(self.store)) for each in page]
                prepare_jobs(jobs, self._settings, self.pool).start(events, cancel)

    def _parcel(self, picture: _Picture) -> Parcel:
        self._under_way[picture.address] = picture
        return Parcel(
            source=picture.store.address,
            entry=picture.entry,
            name=picture.address,
            page=self._page,
            target=self._output.address,
            key=self._key(picture),
            result=self._address(picture),
            promised=Path(self._named) if self._named else None,
            replaces=self._settings.existing is Existing.OVERWRITE,
            compares=self._memory.exists(picture.output),
        )

    def _note(self, report: FileReport) -> None:
        picture = self._under_way.pop(report.input)
        if report.status is Status.DONE and report.output_bytes is not None:
            self._memory.note(picture.output, report.output_bytes, picture.address, picture.entry)

    def _key(self, picture: _Picture) -> str:
        return f"{self._output.root.rstrip('/')}/{picture.output}"

    def _address(self, picture: _Picture) -> str:
        return self._output.name(self._key(picture))


class _Teller(Events[FileReport]):
    """Passes events on and counts."""

    def __init__(self, events: Events[FileReport], summary: Summary) -> None:
        self._events = events
        self.summary = summary

    def warning(self, item: str, text: str) -> None:
        self._events.warning(item, text)

    def finished(self, outcome: FileReport) -> None:
        self.summary.add(outcome)
        self._events.finished(outcome)


class _Noting(Events[FileReport]):
    """Passes events on, and has what was finished noted first."""

    def __init__(self, events: Events[FileReport], note: Callable[[FileReport], None]) -> None:
        self._events = events
        self._note = note

    def warning(self, item: str, text: str) -> None:
        self._events.warning(item, text)

    def finished(self, outcome: FileReport) -> None:
        self._note(outcome)
        self._events.finished(outcome)
