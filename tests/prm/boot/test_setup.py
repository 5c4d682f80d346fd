"""Set-up skips what is up to date; failures are one sentence."""

import os
import sys
from pathlib import Path

import pytest

from prm.boot import setup
from prm.boot.errors import BootError


@pytest.fixture
def project(monkeypatch, tmp_path):
    """A project of three files, with an environment that exists."""
    (tmp_path / "requirements").mkdir()
    for name in ("requirements/embedded.txt", "requirements/dev.txt", "package.json", "package-lock.json"):
        (tmp_path / name).write_text(name)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    for name, value in {
        "PROJECT": tmp_path,
        "VENV": tmp_path / ".venv",
        "PYTHON": Path(sys.executable),
        "STAMPS": tmp_path / ".venv/prm-setup.json",
    }.items():
        monkeypatch.setattr(setup, name, value)
    return tmp_path


def test_a_step_is_done_until_its_files_change(project):
    assert not setup.is_done("python")
    setup._stamp("python-embedded", setup.fingerprint("python"))
    assert setup.is_done("python")
    assert not setup.is_done("python", "dev")
    (project / "requirements" / "embedded.txt").write_text("another")
    assert not setup.is_done("python")


def test_what_serves_the_tests_serves_the_demo_too(project):
    setup._stamp("python-dev", setup.fingerprint("python", "dev"))
    assert setup.is_done("python")
    assert setup.is_done("python", "dev")


def test_front_end_packages_that_were_removed_are_missing(project):
    setup._stamp("front-end", setup.fingerprint("front-end"))
    assert not setup.is_done("front-end")
    (project / "node_modules").mkdir()
    assert setup.is_done("front-end")


def test_a_catalogue_is_compiled_once_and_again_when_it_changed(project, capsys):
    po = project / "locale" / "de" / "LC_MESSAGES" / "django.po"
    po.parent.mkdir(parents=True)
    po.write_text('msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "Deal"\nmsgstr "Geschäft"\n')
    setup.compile_catalogues()
    assert "Geschäft".encode() in po.with_suffix(".mo").read_bytes()
    setup.compile_catalogues()
    assert capsys.readouterr().out.count("Compiling") == 1
    os.utime(po, (po.stat().st_mtime + 10,) * 2)
    setup.compile_catalogues()
    assert capsys.readouterr().out.count("Compiling") == 1


def test_a_failing_step_shows_its_last_words_and_one_sentence(project, capsys):
    with pytest.raises(BootError, match=r"It cannot be made \(.*ended with 3"):
        setup.run([sys.executable, "-c", "print('why'); raise SystemExit(3)"], "It cannot be made")
    assert capsys.readouterr().err == "why\n"


def test_without_npm_the_node_of_pypi_is_used(project, monkeypatch):
    monkeypatch.setattr(setup.shutil, "which", lambda name: None)
    (project / ".venv" / "bin" / "npm").write_text("")
    command, environment = setup.npm()
    assert command == [str(project / ".venv" / "bin" / "npm")]
    assert environment["PATH"].startswith(str(project / ".venv" / "bin"))
