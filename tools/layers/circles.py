"""Files of a crate that import each other in circles."""

from collections import deque
from pathlib import Path

from imports import Import
from modules import Crate


def circles(crate: Crate, imports: list[Import]) -> list[list[Import]]:
    """Circles of imports, the shortest first. Removing the last import of each removes all circles.

    A module and its own descendants may name each other, and a re-export is not an import.
    """
    places: dict[Path, tuple[str, ...]] = {}
    for module in crate.modules():
        places.setdefault(module.file, module.path)
    graph: dict[Path, dict[Path, Import]] = {}
    for entry in imports:
        if not entry.again and not related(places[entry.source], places[entry.target]):
            graph.setdefault(entry.source, {}).setdefault(entry.target, entry)
    found = []
    while circle := shortest(graph):
        found.append(circle)
        del graph[circle[-1].source][circle[-1].target]
    return found


def related(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether one of two modules is inside the other."""
    length = min(len(one), len(other))
    return one[:length] == other[:length]


def shortest(graph: dict[Path, dict[Path, Import]]) -> list[Import] | None:
    """The shortest circle, beginning at the first of its files."""
    best = None
    for start in sorted(graph):
        # Breadth-first, from a file back to itself.
        came: dict[Path, Import] = {}
        queue = deque([start])
        while queue and start not in came:
            file = queue.popleft()
            for target, entry in graph.get(file, {}).items():
                if target not in came:
                    came[target] = entry
                    queue.append(target)
        if start in came:
            circle = [came[start]]
            while circle[-1].source != start:
                circle.append(came[circle[-1].source])
            if best is None or len(circle) < len(best):
                best = circle[::-1]
    return best
