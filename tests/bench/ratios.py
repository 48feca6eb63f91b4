"""The ratios of `make bench` as JSON, and what of them got slower than the committed ones.

`make slower` compares build/bench.json, where each bench leaves its ratios, with baseline.json and
fails when one grew by more than 15 %; `make slower ARGS=--accept` makes them the new baseline. A
ratio is of two times of one run on one machine, and less is faster, so machines and loads differ
little; times are never compared.
"""

import argparse
import json
import os
import sys
from pathlib import Path

MEASURED = Path("build/bench.json")
BASELINE = Path(__file__).with_name("baseline.json")
MORE = 1.15

Ratios = dict[str, float]


def note(name: str, ratio: float) -> None:
    """Leave a ratio in the JSON, beside those of other parts of the bench."""
    MEASURED.parent.mkdir(exist_ok=True)
    write(MEASURED, read(MEASURED) | {name: round(ratio, 3)})


def read(path: Path) -> Ratios:
    """The ratios in a file; none where there is no file."""
    ratios: Ratios = json.loads(path.read_text())["ratios"] if path.exists() else {}
    return ratios


def write(path: Path, ratios: Ratios) -> None:
    """The ratios, with the load of the machine at the moment."""
    content = {"load": round(os.getloadavg()[0], 1), "ratios": dict(sorted(ratios.items()))}
    path.write_text(json.dumps(content, indent=2) + "\n")


def slower(measured: Ratios, baseline: Ratios) -> Ratios:
    """How many times as much each ratio is, of those that grew by more than 15 %."""
    both = measured.keys() & baseline.keys()
    times = {name: measured[name] / baseline[name] for name in sorted(both)}
    return {name: each for name, each in times.items() if each > MORE}


def main() -> None:
    """Compare, and fail when something got slower."""
    parser = argparse.ArgumentParser(prog="make slower", description=__doc__)
    parser.add_argument("--accept", action="store_true", help="take what was measured as baseline")
    measured, baseline = read(MEASURED), read(BASELINE)
    if parser.parse_args().accept:
        write(BASELINE, baseline | measured)
        return
    if not measured:
        sys.exit("Nothing was measured: `make bench` first.")
    found = slower(measured, baseline)
    for name, times in found.items():
        print(f"{name}: {baseline[name]:g} before, {measured[name]:g} now, {times:.2f} times")
    print(f"{len(found)} of {len(measured)} ratios grew by more than 15 %.")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
