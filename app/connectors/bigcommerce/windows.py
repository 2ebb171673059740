"""How to ask for many orders in few calls: V2 lists know no set of ids, only a first and a last one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

LONGEST_QUERY = 1_900  # characters of a list of ids; with host and path an address stays below 2,048


def windows(ids: Iterable[int], size: int) -> list[tuple[int, int]]:
    """The fewest (first, last) that hold all ids and span at most `size` ids each, so that one page holds a window."""
    found: list[tuple[int, int]] = []
    for number in sorted(set(ids)):
        if found and number - found[-1][0] < size:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found


def lists(ids: Iterable[int | str], most: int, longest: int = LONGEST_QUERY) -> list[str]:
    """The ids as comma separated texts, each of at most `most` ids and `longest` characters."""
    found: list[list[str]] = []
    length = 0
    for text in (str(number) for number in ids):
        if not found or len(found[-1]) == most or length + 1 + len(text) > longest:
            found.append([])
            length = -1
        found[-1].append(text)
        length += 1 + len(text)
    return [",".join(part) for part in found]


def numbers(ids: Sequence[str]) -> list[int]:
    """Our ids as the store's numbers."""
    return [int(record_id) for record_id in ids]
