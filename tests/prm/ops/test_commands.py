import pytest
from django.core.management import call_command

from manage import needs_database


@pytest.mark.parametrize(
    ("arguments", "needed"),
    [
        (["manage.py", "migrate"], True),
        (["manage.py", "shell", "-c", "1"], True),
        (["manage.py", "makemigrations"], True),
        (["manage.py", "migrate", "--help"], False),
        (["manage.py", "check"], False),
        (["manage.py", "stop_embedded"], False),
        (["manage.py", "--version"], False),
        (["manage.py"], False),
    ],
)
def test_servers_are_started_only_for_commands_that_need_them(arguments, needed):
    assert needs_database(arguments) is needed


def test_stop_embedded_says_that_nothing_ran(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("PRM_VAR", str(tmp_path / "var"))
    call_command("stop_embedded")
    assert capsys.readouterr().out == "No embedded server was running.\n"
    assert not (tmp_path / "var").exists()


@pytest.mark.django_db
def test_prepare_demo_migrates_and_seeds_when_there_is_a_seed(monkeypatch, capsys):
    """The migrations have run here already, so this is the second run that changes nothing."""
    monkeypatch.setattr("prm.ops.management.commands.prepare_demo.get_commands", dict)
    call_command("prepare_demo")
    assert capsys.readouterr().out == ""
