"""`python -m tests.generator.demo OUT.pdf`: the shipped text sample as a PDF that looks like the real thing."""

from __future__ import annotations

import argparse
from pathlib import Path

from yusuan.reading import read
from yusuan.spec import load_specs

from .disclosure import from_document
from .pages import print_pages
from .style import Style

SAMPLE = Path(__file__).resolve().parents[2] / "datapackage" / "sources" / "405003-2026-budget.md"


def main() -> None:
    """Print the sample; the same face on the machine gives the same bytes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--face", choices=("song", "cid"), default="song", help="cid: the built-in face, not embedded")
    options = parser.parse_args()
    data = print_pages(from_document(read(SAMPLE), load_specs()), Style(face=options.face))
    options.out.write_bytes(data)
    print(f"{options.out}: {len(data)} 字节")  # noqa: T201 - a command


if __name__ == "__main__":
    main()
