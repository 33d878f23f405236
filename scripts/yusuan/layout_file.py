"""A layout that somebody is still working on: one file outside the specifications, read as strictly as those inside."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import yaml

from yusuan.errors import Problem, SpecError
from yusuan.layouts import read_layout
from yusuan.spec import Specs, layout_problems, spec_problem


def with_layout(path: Path, specs: Specs) -> tuple[Specs, str]:
    """Return the specifications with the layout in a file, in place of one of its name, and its name; SpecError if not."""
    try:
        data = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SpecError(Problem("SPEC-UNREADABLE", "规格文件无法读取", str(path), found=str(error))) from error
    errors = sorted(specs.validator("layout").iter_errors(data), key=lambda e: list(map(str, e.path)))
    if errors:
        raise SpecError(*(spec_problem(path, error) for error in errors))
    layout = read_layout(data)
    if problems := list(layout_problems(layout, specs.tables)):
        raise SpecError(*problems)
    return replace(specs, layouts={**specs.layouts, layout.name: layout}), layout.name
