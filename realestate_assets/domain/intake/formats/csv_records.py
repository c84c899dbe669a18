"""Where each record of a CSV text begins and ends, and which lines are no records at all.

A CSV reader that meets an opening quote without its closing one takes everything up to the next quote, or
to the end of the file, for one value: rows vanish without a word. So the text is cut into records first. A
quote that is never properly closed costs exactly its own line, and every other line keeps its row.

A record that spans lines is believed only if its quoting is strictly right, it has as many columns as the
header, and not every one of its lines would be a full row by itself (two broken lines look like that).
Otherwise its first line is refused and the others are judged on their own.
"""

import re
from dataclasses import dataclass

import numpy as np

LF, CR, QUOTE = 10, 13, 34
# Bytes scanned at once: bounds the masks, whatever the size of the file.
BLOCK_BYTES = 16 << 20


@dataclass(frozen=True)
class Records:
    """Byte ranges of the records, without line ends and blank lines; `unbalanced` are refused lines."""

    starts: np.ndarray
    ends: np.ndarray
    unbalanced: np.ndarray  # bool a record
    multiline: bool


@dataclass(frozen=True)
class _Lines:
    """Physical lines, and for each whether it ends inside a quoted value if every quote counts."""

    starts: np.ndarray
    ends: np.ndarray
    open_at_end: np.ndarray
    strict: bool  # every quote of the text stands where a quote may stand


def split_records(data: bytes, begin: int, delimiter: str, columns: int) -> Records:
    """Cut `data[begin:]` into records.

    Args:
        data: the whole text.
        begin: where the first record starts, behind the header.
        delimiter: column delimiter, one ASCII character.
        columns: number of columns of the header.
    """
    if begin >= len(data):
        nothing = np.zeros(0, dtype=np.int64)
        return Records(nothing, nothing, nothing.astype(bool), False)
    grammar = _Grammar(delimiter, columns)
    lines = _scan(data, begin, ord(delimiter))
    closed = ~lines.open_at_end
    if lines.strict and (closed.all() or _spans_are_sound(data, lines, grammar)):
        # The quoting is right everywhere: a record ends at each line end outside quotes.
        follows = np.concatenate([[False], lines.open_at_end[:-1]])
        starts, ends = lines.starts[~follows], lines.ends[closed]
        broken = np.zeros(len(starts), dtype=bool)
    else:
        starts, ends, broken = _repair(data, lines, grammar, ord(delimiter))
    filled = ends > starts
    multiline = bool(len(starts) < len(lines.starts))
    return Records(starts[filled], ends[filled], broken[filled], multiline)


def plain_records(data: bytes, begin: int) -> Records:
    """Records of a text without quoting: a line is one, a quote is a letter."""
    if begin >= len(data):
        nothing = np.zeros(0, dtype=np.int64)
        return Records(nothing, nothing, nothing.astype(bool), False)
    text = np.frombuffer(data, dtype=np.uint8)
    found = [
        _line_ends(text, text[low : low + BLOCK_BYTES], low) for low in range(begin, len(text), BLOCK_BYTES)
    ]
    stop = np.concatenate(found).astype(np.int64)
    starts = np.concatenate([[begin], stop + 1]).astype(np.int64)
    if starts[-1] < len(text):
        stop = np.append(stop, len(text))
    else:
        starts = starts[:-1]
    ends = stop - ((stop > starts) & (text[np.maximum(stop, 1) - 1] == CR))
    filled = ends > starts
    return Records(starts[filled], ends[filled], np.zeros(int(filled.sum()), dtype=bool), False)


def quotes_are_letters(data: bytes, begin: int, delimiter: str, columns: int) -> bool:
    """Whether quotes enclose nothing: each line is a full row without them, and few values wear two.

    Args:
        data: the whole text.
        begin: where the first record starts.
        delimiter: column delimiter, one ASCII character.
        columns: number of columns of the header.
    """
    if data.find(b'"', begin) < 0:
        return False
    lines = plain_records(data, begin)
    text = np.frombuffer(data, dtype=np.uint8)
    at = np.flatnonzero(text[begin:] == ord(delimiter)) + begin
    counts = np.searchsorted(at, lines.ends) - np.searchsorted(at, lines.starts)
    if not (counts == columns - 1).all():
        return False
    sep = re.escape(delimiter.encode())
    enclosed = re.compile(
        rb"(?:^|(?<=" + sep + rb'))"(?:[^"\r\n' + sep + rb']|"")*"(?=' + sep + rb"|[\r\n]|\Z)", re.M
    )
    worn = sum(1 for _ in enclosed.finditer(data, begin))
    values = re.compile(rb"[^\r\n" + sep + rb']*"[^\r\n' + sep + rb"]*")
    return 2 * worn < sum(1 for _ in values.finditer(data, begin))


class _Grammar:
    """The two patterns: a strictly quoted record of n columns, and any line a lenient reader closes."""

    def __init__(self, delimiter: str, columns: int) -> None:
        sep = re.escape(delimiter.encode())
        quoted = rb'"(?:[^"]++|"")*+"'
        plain = rb'[^"\r\n' + sep + rb"]*+"
        field = rb"(?:" + quoted + rb"|" + plain + rb")"
        more = rb"(?:" + sep + field + rb"){%d}" % (columns - 1)
        self.strict = re.compile(field + more + rb"(?=[\r\n]|\Z)")
        rest = rb"[^\r\n" + sep + rb"]*+"
        loose = rb"(?:" + rb'"(?:[^"\r\n]++|"")*+"' + rest + rb'|(?!")' + rest + rb")"
        self.loose_line = re.compile(loose + rb"(?:" + sep + loose + rb")*+(?=[\r\n]|\Z)")
        self.line_end = re.compile(rb"\r\n|\r|\n")
        self.separators = columns - 1
        self.delimiter = delimiter.encode()

    def sound_record(self, data: bytes, start: int) -> int | None:
        """End of the strictly quoted record that starts here, None where there is none."""
        match = self.strict.match(data, start)
        if match is None:
            return None
        lines = self.line_end.split(match.group())
        if len(lines) > 1 and all(line.count(self.delimiter) == self.separators for line in lines):
            return None
        return match.end()


def _scan(data: bytes, begin: int, delimiter: int) -> _Lines:
    """Find all line ends and, by counting quotes, which of them lie inside a quoted value."""
    text = np.frombuffer(data, dtype=np.uint8)
    ends, opens, quotes, strict = [], [], 0, True
    for low in range(begin, len(text), BLOCK_BYTES):
        block = text[low : low + BLOCK_BYTES]
        quote_at = np.flatnonzero(block == QUOTE) + low
        end_at = _line_ends(text, block, low)
        strict &= _well_placed(text, quote_at, quotes, begin, delimiter)
        opens.append((np.searchsorted(quote_at, end_at) + quotes) % 2 == 1)
        ends.append(end_at)
        quotes += len(quote_at)
    stop, is_open = np.concatenate([*ends, []]).astype(np.int64), np.concatenate([*opens, []]).astype(bool)
    starts = np.concatenate([[begin], stop + 1])
    tail = starts[-1] < len(text)  # a last line without line end
    starts = starts if tail else starts[:-1]
    if tail:
        stop, is_open = np.append(stop, len(text)), np.append(is_open, quotes % 2 == 1)
    # A carriage return before the line feed belongs to the line end.
    has_cr = (stop > starts) & (text[np.maximum(stop, 1) - 1] == CR) if len(stop) else is_open
    strict &= not (len(is_open) and is_open[-1])
    return _Lines(starts.astype(np.int64), stop - has_cr, is_open, bool(strict))


def _line_ends(text: np.ndarray, block: np.ndarray, low: int) -> np.ndarray:
    """Positions of line feeds, and of carriage returns that stand alone."""
    feeds = np.flatnonzero(block == LF) + low
    returns = np.flatnonzero(block == CR) + low
    if not len(returns):
        return feeds
    after = text[np.minimum(returns + 1, len(text) - 1)]
    alone = returns[(after != LF) | (returns + 1 == len(text))]
    return np.sort(np.concatenate([feeds, alone])) if len(alone) else feeds


def _well_placed(text: np.ndarray, at: np.ndarray, before: int, begin: int, delimiter: int) -> bool:
    """Whether each opening quote follows, and each closing one precedes, a delimiter, line end or quote."""
    opening = (np.arange(len(at)) + before) % 2 == 0
    allowed = np.array([delimiter, LF, CR, QUOTE], dtype=np.uint8)
    first, last = at[opening], at[~opening]
    left = (first == begin) | np.isin(text[np.maximum(first, 1) - 1], allowed)
    right = (last == len(text) - 1) | np.isin(text[np.minimum(last + 1, len(text) - 1)], allowed)
    return bool(left.all() and right.all())


def _spans_are_sound(data: bytes, lines: _Lines, grammar: _Grammar) -> bool:
    """Whether each record of several lines is one that may be believed."""
    last = np.flatnonzero(~lines.open_at_end)
    first = np.concatenate([[0], last[:-1] + 1])
    several = last > first
    spans = zip(lines.starts[first[several]], lines.ends[last[several]], strict=True)
    return all(grammar.sound_record(data, int(start)) == end for start, end in spans)


def _repair(
    data: bytes, lines: _Lines, grammar: _Grammar, delimiter: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Records line by line: only lines whose quotes do not close by the book are looked at one by one."""
    count = len(lines.starts)
    starts, ends = lines.starts, lines.ends.copy()
    keep, broken = np.ones(count, dtype=bool), np.zeros(count, dtype=bool)
    done = -1
    for line in _doubtful_lines(data, lines, delimiter):
        if line <= done:
            continue
        end = grammar.sound_record(data, int(starts[line]))
        if end is None:
            closed = grammar.loose_line.match(data, int(starts[line]))
            broken[line] = closed is None or closed.end() != ends[line]
        else:
            done = int(np.searchsorted(starts, end, side="right")) - 1
            keep[line + 1 : done + 1] = False
            ends[line] = end
    return starts[keep], ends[keep], broken[keep]


def _doubtful_lines(data: bytes, lines: _Lines, delimiter: int) -> list[int]:
    """Lines that are not closed and strictly quoted taken by themselves."""
    text = np.frombuffer(data, dtype=np.uint8)
    at = np.flatnonzero(text[lines.starts[0] :] == QUOTE) + lines.starts[0]
    line = np.searchsorted(lines.starts, at, side="right") - 1
    order = np.arange(len(at)) - np.searchsorted(line, line)
    opening = order % 2 == 0
    beside = np.where(opening, at - 1, at + 1)
    at_edge = np.where(opening, at == lines.starts[line], at + 1 >= lines.ends[line])
    neighbour = text[np.clip(beside, 0, len(text) - 1)]
    misplaced = ~(at_edge | (neighbour == delimiter) | (neighbour == QUOTE))
    odd = np.bincount(line, minlength=len(lines.starts)) % 2 == 1
    return sorted(set(np.flatnonzero(odd).tolist()) | set(line[misplaced].tolist()))
