"""Whatever happens to one file of a release, `verify` names it: a byte, its end, its name, its kind."""

from __future__ import annotations

import base64
import os
import random
import shutil

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from typer.testing import CliRunner

from yusuan.cli import app
from yusuan.publishing.manifest import MANIFEST, SUMS, files_below
from yusuan.publishing.signature import ENDING
from yusuan.publishing.verification import check_signature
from yusuan.release import Wishes, publish, verify
from yusuan.workflow import convert

LISTS = (SUMS, MANIFEST, SUMS + ENDING)
#: One file of each kind at least, whatever chance picks.
KINDS = (".zip", ".xlsx", ".parquet", ".db", ".html", ".js", ".csv", ".json", ".jsonld", ".md", ".pub")


@pytest.fixture(scope="module")
def folder(tmp_path_factory, specs, sample_path):
    """Return a signed release; each test leaves it as it was."""
    home = tmp_path_factory.mktemp("tampered")
    convert([sample_path], home / "datapackage", specs)
    shutil.copytree(sample_path.parent, home / "datapackage" / "sources")
    private = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    body = b"12345678" + bytes(range(32)) + private.public_key().public_bytes_raw() + bytes(32)
    (home / "key").write_text(
        f"untrusted comment: x\n{base64.b64encode(b'Ed' + bytes(2) + b'B2' + bytes(48) + body).decode()}\n"
    )
    return publish(2026, home / "datapackage", home / "releases", specs, Wishes(sign=home / "key")).folder


@pytest.fixture
def named(folder, specs):
    """Return a function that says which files of the release `verify` names."""
    return lambda: {os.path.relpath(problem.source, folder) for problem in verify(folder, specs).problems}


def _flipped(path, chance):
    data = bytearray(path.read_bytes())
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return bytes(data)


def test_the_release_holds(folder, specs):
    assert verify(folder, specs).problems == ()


@pytest.mark.parametrize("seed", range(2))
def test_one_bit_of_any_file_is_found_and_the_file_named(folder, named, seed):
    chance = random.Random(seed)  # noqa: S311 - chance, not secrecy
    names = [name for name in files_below(folder) if name not in LISTS and (folder / name).stat().st_size]
    one_of_each = [chance.choice([name for name in names if name.endswith(kind)]) for kind in KINDS]
    for name in [*one_of_each, *chance.sample(names, 5)]:
        whole = (folder / name).read_bytes()
        (folder / name).write_bytes(_flipped(folder / name, chance))
        found = named()
        (folder / name).write_bytes(whole)
        assert found - ({SUMS + ENDING} if name.endswith(".pub") else set()) == {name}


@pytest.mark.parametrize("name", LISTS)
def test_one_bit_of_a_list_or_a_signature_is_found_and_it_is_named(folder, named, name):
    chance = random.Random(name)  # noqa: S311 - chance, not secrecy
    whole = (folder / name).read_bytes()
    for _ in range(12):
        (folder / name).write_bytes(_flipped(folder / name, chance))
        found, flipped = named(), (folder / name).read_bytes()
        (folder / name).write_bytes(whole)
        assert name in found, flipped


def test_every_bit_of_a_signature_counts(folder):
    """Also those that the program minisign passes over: its first line, and what base64 leaves unused."""
    path = folder / (SUMS + ENDING)
    whole = path.read_bytes()
    unnoticed = []
    for at in range(len(whole)):
        for bit in range(8):
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << bit]) + whole[at + 1 :])
            if not check_signature(folder, None).problems:
                unnoticed.append((at, bit))
    path.write_bytes(whole)
    assert unnoticed == []


def test_a_file_cut_lost_renamed_linked_or_made_a_folder_is_named(folder, named, tmp_path):
    chance = random.Random(7)  # noqa: S311 - chance, not secrecy
    names = [name for name in files_below(folder) if (folder / name).stat().st_size]
    for name in [*chance.sample([name for name in names if name not in LISTS], 3), *LISTS]:
        path, kept = folder / name, tmp_path / "kept"
        whole = path.read_bytes()
        path.write_bytes(whole[: chance.randrange(len(whole))])
        assert name in named(), "cut"
        path.rename(kept)
        assert name in named(), "lost"
        path.symlink_to(kept)
        kept.write_bytes(whole)
        assert name in named(), "linked to the same bytes"
        path.unlink()
        path.mkdir()
        assert name in named(), "a folder"
        path.rmdir()
        other = path.with_name(path.name + "2")
        other.write_bytes(whole)
        assert {name, name + "2"} <= named() or name in LISTS, "renamed"
        other.rename(path)
        kept.unlink()


def test_a_file_or_a_linked_folder_more_is_named(folder, named, tmp_path):
    for name in ("data/more.csv", ".hidden", "site/unit/more.html"):
        (folder / name).write_bytes(b"")
        assert named() == {name}
        (folder / name).unlink()
    (folder / "more").symlink_to(tmp_path)
    assert named() == {"more"}
    (folder / "more").unlink()


def test_the_command_says_so_and_ends_with_one(folder):
    for name in (*LISTS, "budget.db"):
        whole = (folder / name).read_bytes()
        (folder / name).write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        run = CliRunner().invoke(app, ["verify", str(folder)])
        (folder / name).write_bytes(whole)
        assert run.exit_code == 1
        assert name in run.output
