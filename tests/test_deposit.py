"""A release to an archive: what is deposited, what happens when the host fails, and that nothing is done twice."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile

import pytest

from archive import TOKEN, archive
from yusuan import deposit as deposits
from yusuan.cli import app
from yusuan.deposit import Wish, deposit, metadata_of, plan
from yusuan.errors import HostError, UsageError
from yusuan.zenodo import WAITS, Zenodo


@pytest.fixture
def host():
    with archive() as running:
        yield running


@pytest.fixture
def waited():
    return []


@pytest.fixture
def client(host, waited):
    with Zenodo(host.address, TOKEN, waited.append) as opened:
        yield opened


@pytest.fixture
def release(tmp_path):
    return make(tmp_path / "releases" / "2026.1")


def make(folder, extra=""):
    """Write what a release looks like from outside: files, folders, a description, checksums."""
    files = {
        "datapackage.json": json.dumps(
            {
                "title": "2026年预算公开数据",
                "description": "逐格 <转换>。",
                "keywords": ["budget"],
                "licenses": [{"title": "公开"}],
            }
        ),
        "budget.db": "SQLite" * 1000 + extra,
        "datapackage-2026.1.zip": "zip",
        "data/units.csv": "in the zip already",
        "site/index.html": "<html>",
        "site/unit/a/index.html": "<p>",
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    sums = [f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in sorted(files)]
    (folder / "SHA256SUMS").write_text("".join(sums), "utf-8")
    return folder


NAMES = {"datapackage.json", "budget.db", "datapackage-2026.1.zip", "SHA256SUMS", "site-2026.1.zip"}


def test_a_release_becomes_a_draft(release, client, host):
    made = deposit(release, Wish("sandbox"), client)
    (record,) = host.records.values()
    assert set(record["files"]) == NAMES == set(made.files) == set(made.uploaded)
    assert record["files"]["budget.db"] == (release / "budget.db").read_bytes()
    with zipfile.ZipFile(io.BytesIO(record["files"]["site-2026.1.zip"])) as packed:
        assert packed.namelist() == ["site/index.html", "site/unit/a/index.html"]
    assert record["metadata"] == metadata_of(release)
    assert record["metadata"]["version"] == "2026.1"
    assert "&lt;转换&gt;" in record["metadata"]["description"]
    assert not record["submitted"]
    assert (made.number, made.doi, made.published) == (record["id"], f"10.5072/{record['id']}", False)
    assert not any("publish" in asked for asked in host.asked)


def test_a_signature_is_deposited_with_what_it_signs(release, client, host):
    (release / "SHA256SUMS.minisig").write_text("signed", "utf-8")
    deposit(release, Wish("sandbox"), client)
    assert host.records[100]["files"]["SHA256SUMS.minisig"] == b"signed"


def test_running_again_sends_nothing_twice(release, client, host):
    deposit(release, Wish("sandbox"), client)
    again = deposit(release, Wish("sandbox"), client)
    assert len(host.records) == 1
    assert again.uploaded == ()
    assert sum(asked.startswith("PUT /api/files/") for asked in host.asked) == len(NAMES)


def test_an_interrupted_upload_goes_on(release, client, host):
    """The connection breaks until patience ends; the next run uses the same draft and sends only the rest."""
    host.fail += [("PUT /api/files/.*/site", "drop")] * (len(WAITS) + 1)
    with pytest.raises(HostError, match="DEPOSIT-UNREACHABLE"):
        deposit(release, Wish("sandbox"), client)
    assert len(host.records) == 1
    made = deposit(release, Wish("sandbox"), client)
    assert len(host.records) == 1
    assert made.uploaded == ("site-2026.1.zip",)
    assert set(host.records[100]["files"]) == NAMES


def test_a_host_in_trouble_is_asked_again(release, client, host, waited):
    """Errors that pass and broken connections do not end it, and the host says how long to wait."""
    host.fail += [("POST /api/deposit/depositions$", 503), ("PUT .*budget.db", 502), ("GET .*/files", "drop")]
    deposit(release, Wish("sandbox"), client)
    assert waited == [7.0, 1.0, 7.0]
    assert set(host.records[100]["files"]) == NAMES


def test_a_spoiled_upload_is_sent_again_and_then_refused(release, client, host):
    host.fail += [("PUT .*budget.db", "spoil")]
    deposit(release, Wish("sandbox"), client)
    assert host.records[100]["files"]["budget.db"] == (release / "budget.db").read_bytes()
    host.records[100]["files"]["budget.db"] = b"other"
    host.fail += [("PUT .*budget.db", "spoil")] * 2
    with pytest.raises(HostError, match="DEPOSIT-CHECKSUM") as caught:
        deposit(release, Wish("sandbox"), client)
    assert caught.value.problems[0].hint


def test_what_cannot_pass_is_not_tried_again(release, host, waited):
    with Zenodo(host.address, "wrong-token", waited.append) as client, pytest.raises(HostError) as caught:
        deposit(release, Wish("sandbox"), client)
    (problem,) = caught.value.problems
    assert problem.code == "DEPOSIT-TOKEN"
    assert "ZENODO_TOKEN" in problem.hint
    assert "wrong-token" not in str(caught.value)
    assert waited == []
    assert not list(release.parent.glob("*.json"))


def test_a_refusal_tells_what_the_host_said(release, client, host):
    host.fail += [("PUT /api/deposit", 400)]
    with pytest.raises(HostError, match="DEPOSIT-REFUSED") as caught:
        deposit(release, Wish("sandbox"), client)
    assert '"no"' in caught.value.problems[0].found


def test_publishing_is_asked_for_and_happens_once(release, client, host):
    made = deposit(release, Wish("sandbox", publish=True), client)
    assert made.published
    assert host.records[100]["submitted"]
    with pytest.raises(UsageError, match="DEPOSIT-DONE"):
        deposit(release, Wish("sandbox", publish=True), client)
    assert len(host.records) == 1


def test_a_later_release_is_a_new_version_of_the_same_record(release, client, host):
    """Files of the version before that are not in this one are taken out; those that are the same are not sent again."""
    deposit(release, Wish("sandbox", publish=True), client)
    host.records[100]["files"]["old.txt"] = b"old"
    later = make(release.parent / "2026.2", extra="more")
    made = deposit(later, Wish("sandbox"), client)
    assert "POST /api/deposit/depositions/100/actions/newversion" in host.asked
    assert made.number == 101
    assert "old.txt" not in host.records[101]["files"]
    assert "budget.db" in made.uploaded
    assert "datapackage-2026.1.zip" not in made.uploaded
    other = make(release.parent / "2026.3")
    deposit(other, Wish("sandbox", version_of=100), client)
    assert host.asked.count("POST /api/deposit/depositions/100/actions/newversion") == 2


def test_a_draft_that_was_thrown_away_is_begun_anew(release, client, host):
    deposit(release, Wish("sandbox"), client)
    host.records[555] = host.records.pop(100)
    assert deposit(release, Wish("sandbox"), client).uploaded
    assert len(host.records) == 2


def test_the_token_goes_to_no_other_host(release, client, host):
    """An answer cannot lead the token elsewhere."""
    draft = {"id": 1, "links": {"bucket": "http://127.0.0.1:1/api/files/1"}}
    with pytest.raises(HostError, match="DEPOSIT-REFUSED"):
        client.upload(draft, "a", release / "budget.db")
    assert host.asked == []


def test_only_a_whole_unchanged_release_is_deposited(release, client, host, tmp_path):
    (release / "budget.db").write_text("changed", "utf-8")
    with pytest.raises(HostError, match="RELEASE-CHANGED"):
        deposit(release, Wish("sandbox"), client)
    with pytest.raises(UsageError, match="RELEASE-MISSING"):
        plan(tmp_path, host.address)
    assert host.asked == []


def test_too_many_files_are_refused_before_anything_is_sent(release, client, host, monkeypatch):
    monkeypatch.setattr(deposits, "MOST_FILES", 3)
    with pytest.raises(UsageError, match="DEPOSIT-FILES"):
        deposit(release, Wish("sandbox"), client)
    assert host.asked == []


def test_the_command_asks_nobody_in_a_dry_run_and_needs_a_token(release, host, monkeypatch, capsys):
    monkeypatch.setenv("ZENODO_HOST", host.address)
    monkeypatch.delenv("ZENODO_TOKEN", raising=False)
    app(["deposit", str(release), "--dry-run", "--json"], standalone_mode=False)
    assert set(json.loads(capsys.readouterr().out)["files"]) == NAMES
    assert host.asked == []
    with pytest.raises(UsageError, match="DEPOSIT-TOKEN"):
        app(["deposit", str(release)], standalone_mode=False)
    monkeypatch.setenv("ZENODO_TOKEN", TOKEN)
    app(["deposit", str(release), "--to", "sandbox"], standalone_mode=False)
    assert "草稿" in capsys.readouterr().out
    assert set(host.records[100]["files"]) == NAMES
