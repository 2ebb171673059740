"""Carries edits into the store, each kind in its own way."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from app.connectors.base import Edit, Edited
from app.errors import Misconfigured, Unsupported

Writer = Callable[[Sequence[Edit]], list[Edited]]


def update_many(writers: Mapping[str, Writer], edits: Sequence[Edit]) -> list[Edited]:
    """One answer per edit, in their order. Raises Unsupported for a kind that cannot be written."""
    unknown = {edit.kind for edit in edits} - set(writers)
    if unknown:
        raise Unsupported(f"A store takes no edits of kind {', '.join(sorted(unknown))}.")
    answers: dict[int, Edited] = {}
    for kind, write in writers.items():
        places = [place for place, edit in enumerate(edits) if edit.kind == kind]
        if places:
            answers |= zip(places, _written(write, [edits[place] for place in places]), strict=True)
    return [answers[place] for place in range(len(edits))]


def _written(write: Writer, edits: Sequence[Edit]) -> list[Edited]:
    """A scope that is missing for one kind of edits says nothing of the others, nor of reading."""
    try:
        return write(edits)
    except Misconfigured as error:
        return [Edited(edit.id, error) for edit in edits]
