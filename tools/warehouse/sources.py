"""Reading what was given, files or a database, into staging tables of an Ibis backend, row by row numbered.

Staging names columns `c0`, `c1`, … so that no header, however odd, meets SQL. Every row carries `__id`
(file and row in one number), `__problem` (why it could not be taken apart, or missing) and `__raw` (that row's fields).
"""

from __future__ import annotations

import codecs
import csv
import fnmatch
import gzip
import hashlib
import io
import json
import lzma
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit, urlunsplit

from tools.errors import ImportFailed
from tools.messages import Message, say
from tools.warehouse.compiling import fetched
from tools.warehouse.expressions import hint
from tools.warehouse.mapping import Source

if TYPE_CHECKING:
    import ibis.expr.datatypes as dt

CSV_SUFFIXES = (".csv", ".tsv", ".txt")
SHEET_SUFFIXES = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
DATABASE_SUFFIXES = (".duckdb", ".sqlite", ".sqlite3", ".db")
ROWS_AT_ONCE = 50_000
ROW_BITS = 40  # `__id` is file number × 2^40 + row, so a file may hold 10^12 rows.
DELIMITERS = ",;\t|"
SNIFFED_BYTES = 65_536


@dataclass(frozen=True)
class Part:
    """A file, a sheet of one, or a database's table: its columns in order and how to bring its rows.

    `types` has None for text. `load` gives Ibis tables with columns `c0`, `c1`, … and `__row`, the number that a
    spreadsheet would show beside the row. `fast` gives one such table that is quicker to read, and whose reading fails
    where the file is not exactly right; then `load` says what is wrong.
    """

    name: str
    columns: tuple[str, ...]
    types: tuple[dt.DataType | None, ...]
    load: Callable[[Any], Iterator[Any]]
    typed_cells: bool = False
    fast: Callable[[Any], Any] | None = None


@dataclass(frozen=True)
class Staged:
    """A source in staging: table name, source column → physical column and type, its parts' names and rows.

    `typed_cells`: some dates came as date cells. `mixed`: its parts are of several kinds, such as CSV and XLSX.
    `problems`: some rows could not be taken apart.
    """

    table: str
    physical: dict[str, str]
    types: dict[str, dt.DataType]
    parts: tuple[str, ...]
    rows: tuple[int, ...]
    typed_cells: bool
    mixed: bool
    problems: bool

    def place(self, row_id: int) -> tuple[str, int]:
        """The file and row of an `__id`."""
        number, row = divmod(row_id, 1 << ROW_BITS)
        return self.parts[number], row


def is_address(given: str) -> bool:
    """Whether it names a database rather than a file."""
    return "://" in given or Path(given).suffix.lower() in DATABASE_SUFFIXES


def without_password(address: str) -> str:
    """The address as it may be shown."""
    split = urlsplit(address)
    if split.password is None:
        return address
    where = split.hostname or ""
    user = f"{split.username}:…@" if split.username else ""
    return urlunsplit(split._replace(netloc=f"{user}{where}{f':{split.port}' if split.port else ''}", query=""))


def expand(given: Sequence[str | Path]) -> tuple[list[Path], list[Path], list[str]]:
    """(files named, files found in folders named, database addresses). Raises ImportFailed when one is missing."""
    named: list[Path] = []
    found: list[Path] = []
    addresses: list[str] = []
    for one in given:
        if isinstance(one, str) and "://" in one:
            addresses.append(one)
            continue
        path = Path(one)
        if path.is_dir():
            found += sorted(p for p in path.rglob("*") if p.is_file() and _readable(p))
        elif not path.exists():
            neighbours = [str(p) for p in path.parent.iterdir()] if path.parent.is_dir() else []
            raise ImportFailed(say("There is no file {file}. {hint}", file=str(path), hint=hint(str(path), neighbours)))
        elif is_address(str(path)):
            kind = "duckdb" if path.suffix.lower() == ".duckdb" or _begins(path, b"DUCK", 8) else "sqlite"
            addresses.append(f"{kind}://{path.resolve()}")
        else:
            named.append(path)
    return named, found, addresses


def assign(
    sources: dict[str, Source], named: list[Path], found: list[Path], addresses: list[str]
) -> dict[str, list[Path] | str]:
    """Which files, or which database, each source reads. Raises ImportFailed for a file or a source left over."""
    files = [*named, *found]
    taken: set[Path] = set()
    assigned: dict[str, list[Path] | str] = {}
    for name, source in sources.items():
        if source.table is not None:
            if len(addresses) != 1:
                raise ImportFailed(
                    say(
                        "The source “{source}” is a table of a database, so exactly one database address is needed "
                        "(such as postgres://… or store.sqlite); {count} were given.",
                        source=name,
                        count=len(addresses),
                    )
                )
            assigned[name] = addresses[0]
            continue
        chosen = _chosen(name, source, files)
        taken.update(chosen)
        # By name, so that the order in which files are given changes nothing.
        assigned[name] = sorted(chosen, key=lambda path: (path.name, str(path)))
    left_over = [path for path in named if path not in taken]
    if left_over:
        patterns = tuple(p for source in sources.values() for p in source.files or ())
        raise ImportFailed(
            say(
                "No source of the mapping takes {file}. The patterns are: {patterns}.",
                file=str(left_over[0]),
                patterns=patterns or ("-",),
            )
        )
    return assigned


def fingerprint(paths: list[Path]) -> str:
    """A digest of the files' names and contents."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.name.encode() + b"\0")
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def stage(backend: Any, name: str, source: Source, origin: list[Path] | str, used: set[str]) -> Staged:
    """Reads a source into the staging table `staged__<name>` of `backend`.

    `used` are the columns that the mapping names. Raises ImportFailed for what cannot be read at all.
    """
    parts = (
        [_database_table(source, origin)]
        if isinstance(origin, str)
        else [part for path in origin for part in _parts(path, source)]
    )
    renamed = [_renamed(part, source, name, used) for part in parts]
    columns = list(dict.fromkeys(column for names in renamed for column in names))
    types = {column: _common_type(column, parts, renamed) for column in columns}
    physical = {column: f"c{number}" for number, column in enumerate(columns)}
    table = f"staged__{name}"
    schema = {physical[column]: kind for column, kind in types.items()}
    staged = backend.create_table(table, schema={**schema, "__id": "int64", "__problem": "string", "__raw": "string"})
    counts: list[int] = []
    for number, (part, names) in enumerate(zip(parts, renamed, strict=True)):
        _load(backend, table, part, number, names, physical, types)
        counts.append(_number(backend, staged.count()) - sum(counts))
    if sum(counts) == 0:
        raise ImportFailed(say("{file} has no rows.", file=parts[0].name))
    if isinstance(origin, str):
        table = _numbered_by_content(backend, table, list(physical.values()))
    return Staged(
        table,
        physical,
        types,
        tuple(part.name for part in parts),
        tuple(counts),
        any(part.typed_cells for part in parts),
        len({(part.types == (None,) * len(part.types), part.typed_cells) for part in parts}) > 1,
        bool(_number(backend, staged.filter(staged["__problem"].notnull()).count())),
    )


def _number(backend: Any, scalar: Any) -> int:
    rows, _sql = fetched(backend, scalar.as_table())
    return int(rows[0][0])


def _readable(path: Path) -> bool:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] == ".gz":
        suffixes.pop()
    return bool(suffixes) and suffixes[-1] in (*CSV_SUFFIXES, *SHEET_SUFFIXES, ".parquet", ".pq")


def _begins(path: Path, magic: bytes, offset: int = 0) -> bool:
    with path.open("rb") as file:
        file.seek(offset)
        return file.read(len(magic)) == magic


def _chosen(name: str, source: Source, files: list[Path]) -> list[Path]:
    if source.position is not None:
        if source.position > len(files):
            raise ImportFailed(
                say(
                    "The source “{source}” is file number {position}, but {count} were given.",
                    source=name,
                    position=source.position,
                    count=len(files),
                )
            )
        return [files[source.position - 1]]
    patterns = source.files or ("*",)
    chosen = [p for p in files if any(fnmatch.fnmatch(p.name.lower(), pattern.lower()) for pattern in patterns)]
    if not chosen:
        raise ImportFailed(
            say(
                "No file for the source “{source}”: it takes {patterns}, and {files} were given.",
                source=name,
                patterns=tuple(patterns),
                files=tuple(p.name for p in files) or (say("no files"),),
            )
        )
    return chosen


def _parts(path: Path, source: Source) -> list[Part]:
    if path.stat().st_size == 0:
        raise ImportFailed(say("{file} is empty.", file=str(path)))
    suffix = path.suffix.lower()
    if suffix in {".parquet", ".pq"}:
        return [_parquet(path)]
    if suffix in SHEET_SUFFIXES:
        return _sheets(path, source)
    if suffix in CSV_SUFFIXES or (suffix == ".gz" and Path(path.stem).suffix.lower() in CSV_SUFFIXES):
        return [_csv(path, source)]
    raise ImportFailed(
        say(
            "{file} is of no kind that can be read. These can: {kinds}.",
            file=str(path),
            kinds=(*CSV_SUFFIXES, ".csv.gz", ".parquet", *SHEET_SUFFIXES),
        )
    )


def _renamed(part: Part, source: Source, name: str, used: set[str]) -> list[str]:
    """The part's columns under the names that the mapping uses."""
    other_names = {also: column for column, spec in source.columns.items() for also in spec.also}
    names = [other_names.get(c, c) if other_names.get(c) not in part.columns else c for c in part.columns]
    for needed in sorted(used | set(source.columns)):
        if needed not in names:
            raise ImportFailed(
                say(
                    "{file} has no column “{column}”, which the source “{source}” needs. {hint}",
                    file=part.name,
                    column=needed,
                    source=name,
                    hint=hint(needed, list(part.columns)),
                )
            )
    return names


def _common_type(column: str, parts: list[Part], renamed: list[list[str]]) -> dt.DataType:
    import ibis.expr.datatypes as dt

    kinds = {part.types[names.index(column)] for part, names in zip(parts, renamed, strict=True) if column in names}
    if len(kinds) == 1:
        kind = kinds.pop()
        if kind is not None and not kind.is_nested() and not kind.is_binary():
            return kind.copy(nullable=True)
    return dt.string


def _load(  # noqa: PLR0917 - one step of `stage`, told apart
    backend: Any,
    table: str,
    part: Part,
    number: int,
    names: list[str],
    physical: dict[str, str],
    types: dict[str, dt.DataType],
) -> None:
    """Brings one part's rows into the staging table, under physical names and common types."""
    import duckdb
    import ibis

    def staged(rows: Any) -> Any:
        columns = {
            target: _plain_value(
                rows[f"c{names.index(column)}"] if column in names else ibis.null(types[column]), types[column]
            )
            for column, target in physical.items()
        }
        told = "__problem" in rows.columns
        return rows.select(
            **columns,
            __id=rows["__row"].cast("int64") + (number << ROW_BITS),
            __problem=rows["__problem"] if told else ibis.null("string"),
            __raw=rows["__raw"] if told else ibis.null("string"),
        )

    if part.fast is not None:
        try:
            backend.insert(table, staged(part.fast(backend)))
        except duckdb.Error:
            pass
        else:
            return
    try:
        for rows in part.load(backend):
            backend.insert(table, staged(rows))
    except duckdb.Error as error:
        raise _broken(part.name, error) from error


def _plain_value(value: Any, kind: dt.DataType) -> Any:
    """In the common type; blank text and not-a-number are missing."""
    import ibis

    from tools.warehouse.expressions import as_text

    if kind.is_string():
        text = as_text(value)
        return ibis.ifelse(text.strip() == "", ibis.null("string"), text)
    if kind.is_floating():
        return ibis.ifelse(value.isnan(), ibis.null(kind), value)
    return value


def _numbered_by_content(backend: Any, table: str, columns: list[str]) -> str:
    """A database keeps no order: gives its rows one, so that the same rows are numbered the same."""
    import ibis

    rows, name = backend.table(table), f"{table}__numbered"
    backend.create_table(name, rows.mutate(__id=ibis.row_number().over(order_by=[rows[c] for c in columns]) + 1))
    return name


# Parquet


def _parquet(path: Path) -> Part:
    import ibis
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            schema = ibis.Schema.from_pyarrow(file.schema_arrow)
            rows = file.metadata.num_rows
    except (pa.ArrowInvalid, pa.ArrowTypeError, OSError) as error:
        raise _broken(path, error) from error
    if rows == 0:
        raise ImportFailed(say("{file} has no rows.", file=str(path)))
    columns = tuple(schema.names)

    def load(backend: Any) -> Iterator[Any]:
        table = backend.read_parquet(str(path), file_row_number=True, binary_as_string=True)
        # DuckDB renames columns whose names differ in case alone, so they are taken by position.
        taken = {f"c{n}": table[column] for n, column in enumerate(table.columns[: len(columns)])}
        yield table.select(**taken, __row=table["file_row_number"] + 1)

    return Part(str(path), columns, tuple(schema.types), load)


def _broken(path: Path | str, error: Exception) -> ImportFailed:
    return ImportFailed(
        say(
            "{file} cannot be read; it may be cut short or of another kind than its name says ({why}).",
            file=str(path),
            why=str(error).split("\n", 1)[0][:200],
        )
    )


# CSV


def _csv(path: Path, source: Source) -> Part:
    encoding = source.encoding or _byte_order_mark(path) or "utf-8"
    with ExitStack() as stack:
        header_text = _sniffed_text(path, encoding, stack)
    delimiter = source.delimiter or _delimiter(path, header_text)
    header = next(csv.reader(_lines(header_text), delimiter=delimiter), [])
    columns = tuple(_header_names([cell.lstrip("\ufeff") for cell in header]))

    def fast(backend: Any) -> Any:
        import ibis

        table = backend.read_csv(
            str(path),
            columns={f"c{n}": "VARCHAR" for n in range(len(columns))},
            delim=delimiter,
            quote='"',
            escape='"',
            header=True,
            auto_detect=False,
            compression="gzip" if path.suffix.lower() == ".gz" else "none",
        )
        return table.mutate(__row=ibis.row_number() + 2)

    def load(_backend: Any) -> Iterator[Any]:
        yield from _memtables(_csv_rows(path, encoding, delimiter, len(columns)), len(columns))

    utf8 = codecs.lookup(encoding).name in {"utf-8", "utf-8-sig"}
    return Part(str(path), columns, (None,) * len(columns), load, fast=fast if utf8 else None)


def _byte_order_mark(path: Path) -> str | None:
    with ExitStack() as stack:
        start = _opened(path, stack).read(4)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return "utf-8-sig" if start.startswith(codecs.BOM_UTF8) else None


def _opened(path: Path, stack: ExitStack) -> IO[bytes]:
    if path.suffix.lower() == ".gz":
        return cast("IO[bytes]", stack.enter_context(gzip.open(path, "rb")))
    return stack.enter_context(path.open("rb"))


def _sniffed_text(path: Path, encoding: str, stack: ExitStack) -> str:
    try:
        sample = _opened(path, stack).read(SNIFFED_BYTES)
        return codecs.getincrementaldecoder(encoding)().decode(sample)
    except UnicodeDecodeError as error:
        raise _wrong_encoding(path, encoding, 1 + sample.count(b"\n", 0, error.start), sample) from error
    except (OSError, EOFError, zlib.error) as error:
        raise _broken(path, error) from error


def _undecodable_line(path: Path, encoding: str) -> int | None:
    """The first line that is not of the encoding; None where lines cannot be told apart without it."""
    with ExitStack() as stack:
        for number, line in enumerate(_opened(path, stack), 1):
            try:
                line.decode(encoding)
            except UnicodeDecodeError:
                return None if codecs.lookup(encoding).name.startswith(("utf-16", "utf-32")) else number
    return None


def _wrong_encoding(path: Path, encoding: str, line: int, sample: bytes) -> ImportFailed:
    def fits(candidate: str) -> bool:
        try:
            codecs.getincrementaldecoder(candidate)().decode(sample)
        except UnicodeDecodeError:
            return False
        return True

    candidates = tuple(c for c in ("gb18030", "big5", "shift_jis", "cp1252", "latin-1") if c != encoding and fits(c))
    return ImportFailed(
        say(
            "{file}, line {line}: the text is not {encoding}. Name the source's encoding; it may be: {candidates}.",
            file=str(path),
            line=str(line),
            encoding=encoding,
            candidates=candidates,
        )
    )


def _delimiter(path: Path, text: str) -> str:
    """The delimiter that takes the first rows apart most evenly into more than one column."""
    lines = _lines(text)
    complete = lines[:20] if len(lines) > 20 else (lines[:-1] or lines)
    best, score = ",", 0.0
    for candidate in DELIMITERS:
        widths = [len(row) for row in csv.reader(complete, delimiter=candidate) if row]
        if widths and widths[0] > 1:
            even = sum(width == widths[0] for width in widths) / len(widths)
            if (even, widths[0]) > (score, 1) and even > score:
                best, score = candidate, even
    if not lines or not lines[0].strip("\ufeff \t"):
        raise ImportFailed(say("{file} does not begin with a row of column names.", file=str(path)))
    return best


def _lines(text: str) -> list[str]:
    """Lines as CSV has them: `str.splitlines` would split at many more characters."""
    return list(io.StringIO(text, newline=""))


def _header_names(cells: Sequence[str]) -> list[str]:
    """Column names, trimmed; a blank one is called by its place, a repeated one gets a number."""
    names: list[str] = []
    for number, cell in enumerate(cells, 1):
        name = " ".join(cell.split()) or f"column {number}"
        unique, copy = name, 2
        while unique in names:
            unique, copy = f"{name} ({copy})", copy + 1
        names.append(unique)
    return names


Row = tuple[int, Sequence[str | None], str | None]  # its number, its fields, what is wrong with it


def _csv_rows(path: Path, encoding: str, delimiter: str, width: int) -> Iterator[Row]:
    number = 1
    with ExitStack() as stack:
        raw = _opened(path, stack)
        # `newline=""`: the reader itself ends rows, at line feeds and carriage returns alone.
        reader = csv.reader(io.TextIOWrapper(raw, encoding=encoding, newline=""), delimiter=delimiter)
        try:
            next(reader, None)
            for fields in reader:
                if not fields:
                    continue
                number += 1
                if len(fields) == width:
                    yield number, fields, None
                elif len(fields) > width and not any(fields[width:]):
                    yield number, fields[:width], None
                else:
                    yield number, fields, f"{len(fields)} columns where {width} are expected"
        except UnicodeDecodeError as error:
            raise _wrong_encoding(
                path, encoding, _undecodable_line(path, encoding) or number + 1, error.object
            ) from error
        except csv.Error as error:
            raise ImportFailed(
                say("{file}, row {row}: this is no CSV ({why}).", file=str(path), row=str(number + 1), why=str(error))
            ) from error
        except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
            raise ImportFailed(
                say(
                    "{file} is cut short or damaged after row {row} ({why}).",
                    file=str(path),
                    row=str(number),
                    why=str(error),
                )
            ) from error


def _memtables(rows: Iterator[Row], width: int) -> Iterator[Any]:
    """The rows as Ibis tables of bounded size."""
    import ibis
    import pyarrow as pa

    schema = pa.schema(
        [(f"c{n}", pa.string()) for n in range(width)]
        + [("__row", pa.int64()), ("__problem", pa.string()), ("__raw", pa.string())]
    )
    batch: list[Row] = []

    def table() -> Any:
        padded = [[*fields[:width], *[None] * (width - len(fields))] for _number, fields, _problem in batch]
        arrays = [pa.array(column, pa.string()) for column in zip(*padded, strict=True)]
        arrays += [
            pa.array([number for number, _fields, _problem in batch], pa.int64()),
            pa.array([problem for _number, _fields, problem in batch], pa.string()),
            pa.array([json.dumps(f, ensure_ascii=False) if problem else None for _n, f, problem in batch], pa.string()),
        ]
        return ibis.memtable(pa.Table.from_arrays(arrays, schema=schema))

    for row in rows:
        batch.append(row)
        if len(batch) == ROWS_AT_ONCE:
            yield table()
            batch.clear()
    if batch:
        yield table()


# Spreadsheets


def _sheets(path: Path, source: Source) -> list[Part]:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        workbook = CalamineWorkbook.from_path(str(path))
        sheet_names = [m.name for m in workbook.sheets_metadata if "Sheet" in str(m.typ)]
    except (CalamineError, OSError, ValueError) as error:
        raise _broken(path, error) from error
    if source.sheets is None:
        chosen = sheet_names[:1]
    else:
        chosen = [name for name in sheet_names if fnmatch.fnmatch(name.lower(), source.sheets.lower())]
    if not chosen:
        raise ImportFailed(
            say(
                "{file} has no sheet “{sheet}”. {hint}",
                file=str(path),
                sheet=source.sheets or "",
                hint=hint(source.sheets or "", sheet_names),
            )
        )
    return [_sheet(path, workbook, name, alone=len(sheet_names) == 1) for name in chosen]


def _sheet(path: Path, workbook: Any, name: str, *, alone: bool) -> Part:
    from python_calamine import CalamineError

    def rows() -> Iterator[tuple[int, list[Any]]]:
        try:
            sheet = workbook.get_sheet_by_name(name)
            start = (sheet.start or (0, 0))[0]
            for offset, cells in enumerate(sheet.iter_rows()):
                if any(cell not in ("", None) for cell in cells):
                    yield start + offset + 1, cells
        except (CalamineError, OSError, ValueError) as error:
            raise _broken(path, error) from error

    shown = str(path) if alone else f"{path} [{name}]"
    header_row, header = next(rows(), (0, []))
    if not header:
        raise ImportFailed(say("{file} is empty.", file=shown))
    while header and header[-1] in ("", None):
        header = header[:-1]
    columns = tuple(_header_names([_cell(cell) or "" for cell in header]))

    def load(_backend: Any) -> Iterator[Any]:
        width = len(columns)

        def texts() -> Iterator[Row]:
            for number, cells in rows():
                if number <= header_row:
                    continue
                fields = [_cell(cell) for cell in cells]
                if any(fields[width:]):
                    yield number, fields, f"{len(fields)} columns where {width} are expected"
                else:
                    yield number, fields[:width], None

        yield from _memtables(texts(), width)

    return Part(shown, columns, (None,) * len(columns), load, typed_cells=True)


def _cell(cell: Any) -> str | None:
    """A spreadsheet's cell as text: whole numbers without a point, dates in ISO 8601."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime | date | time):
        return cell.isoformat(sep=" ") if isinstance(cell, datetime) else cell.isoformat()
    return str(cell) if not isinstance(cell, timedelta) else str(cell.total_seconds())


# Databases


def _database_table(source: Source, address: str) -> Part:
    import ibis

    shown = without_password(address)
    schema_name, _dot, table_name = str(source.table).rpartition(".")
    try:
        connection = (
            ibis.duckdb.connect(address.removeprefix("duckdb://"), read_only=True)
            if address.startswith("duckdb://")
            else ibis.connect(address)
        )
        tables = connection.list_tables(database=schema_name) if schema_name else connection.list_tables()
    except Exception as error:
        raise ImportFailed(say("The database {address} cannot be reached ({why}).",
                               address=shown, why=_first_line(error, address))) from error  # fmt: skip
    if table_name not in tables:
        connection.disconnect()
        raise ImportFailed(
            say(
                "The database {address} has no table “{table}”. {hint}",
                address=shown,
                table=str(source.table),
                hint=hint(table_name, sorted(tables)),
            )
        )
    table = connection.table(table_name, database=schema_name or None)
    schema = table.schema()
    columns = tuple(schema.names)

    def load(_backend: Any) -> Iterator[Any]:
        import pyarrow as pa

        numbered = 0
        renamed = table.select(**{f"c{n}": table[name] for n, name in enumerate(columns)})
        try:
            for batch in renamed.to_pyarrow_batches(chunk_size=ROWS_AT_ONCE):
                numbers = pa.array(range(numbered + 1, numbered + 1 + len(batch)), pa.int64())
                numbered += len(batch)
                yield ibis.memtable(pa.Table.from_batches([batch]).append_column("__row", numbers))
        finally:
            connection.disconnect()

    return Part(f"{shown} {source.table}", columns, tuple(schema.types), load)


def _first_line(error: Exception, address: str) -> Message | str:
    text = (str(error) or type(error).__name__).split("\n", 1)[0]
    password = urlsplit(address).password
    return text.replace(password, "…") if password else text
