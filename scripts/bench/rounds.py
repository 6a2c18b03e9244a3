"""Takes turns: in every round each subject is measured once, and another begins; so what disturbs a machine for a while
disturbs all alike."""

import dataclasses
import statistics
import sys
import time
import typing


@dataclasses.dataclass(frozen=True)
class Subject:
    """Something that can be measured for some seconds, with figures by their names as a result."""

    name: str
    measure: typing.Callable[[int], dict[str, float]]
    # What sets it apart from the others, for tables and plots.
    about: dict[str, typing.Any] = dataclasses.field(default_factory=dict)


def tell(text):
    print(text, file=sys.stderr, flush=True)


def interleaved(subjects, rounds, seconds, warm=1):
    """Of each subject the figures of every round, in their order; what a first run of `warm` seconds brings is not among them."""
    names = [subject.name for subject in subjects]
    if len(set(names)) != len(names):
        raise ValueError(f"two subjects have one name: {names}")
    if warm:
        for subject in subjects:
            subject.measure(warm)
    results = {name: [] for name in names}
    for number in range(rounds):
        first = number % len(subjects)
        for subject in subjects[first:] + subjects[:first]:
            begun = time.monotonic()
            figures = subject.measure(seconds)
            results[subject.name].append(figures)
            told = ", ".join(f"{name} {shown(value)}" for name, value in figures.items())
            tell(f"  round {number + 1} of {rounds}: {subject.name}: {told} ({time.monotonic() - begun:.0f} s)")
    return [{"name": subject.name, **subject.about, "rounds": results[subject.name]} for subject in subjects]


def values(row, figure):
    """What a figure was in each round; nothing where the subject has none of the name."""
    return [one[figure] for one in row["rounds"] if one.get(figure) is not None]


def median(row, figure):
    found = values(row, figure)
    return statistics.median(found) if found else None


def spread(row, figure):
    """The smallest and the largest."""
    found = values(row, figure)
    return (min(found), max(found)) if found else None


def shown(value):
    """Three digits that count, and no more noughts than that."""
    if abs(value) >= 100:
        return f"{value:,.0f}".replace(",", " ")
    if abs(value) >= 10:
        return f"{value:.1f}"
    return f"{value:.2f}"
