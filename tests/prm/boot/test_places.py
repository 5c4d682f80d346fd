import stat
from pathlib import Path

import pytest

from prm.boot import places
from prm.boot.errors import BootError


def test_a_long_path_gets_a_short_folder_for_its_sockets(tmp_path):
    deep = tmp_path / ("x" * 120) / "var"
    folder = places.sockets_folder(deep)
    assert folder == places.sockets_folder(deep)
    assert len(str(folder)) < 60
    assert folder != places.sockets_folder(tmp_path / ("y" * 120) / "var")


def test_a_private_folder_is_private_even_if_it_was_open(tmp_path):
    folder = tmp_path / "sock"
    folder.mkdir(mode=0o777)
    places.make_private(folder, None)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_link_in_the_place_of_a_private_folder_is_refused(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "sock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BootError, match="belongs to somebody else"):
        places.make_private(tmp_path / "sock", None)


def test_root_keeps_data_out_of_closed_home_directories(tmp_path, monkeypatch):
    home = tmp_path / "home"
    (home / "var").mkdir(parents=True)
    home.chmod(0o700)
    monkeypatch.setattr(places, "is_root", lambda: True)
    assert places.servers_folder(home / "var").parent == places.ROOTS_FOLDER
    monkeypatch.setattr(places, "is_root", lambda: False)
    assert places.servers_folder(home / "var") == home / "var"


def test_a_var_folder_that_cannot_be_made_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(BootError, match="set PRM_VAR"):
        places.make_var(tmp_path / "file" / "var")


def test_a_full_disk_is_one_sentence(tmp_path):
    with pytest.raises(BootError, match="nearly full.*Free some space"):
        places.check_disk(tmp_path, 10**12)
    places.check_disk(tmp_path, 0)


def test_prm_var_names_the_folder(monkeypatch):
    monkeypatch.setenv("PRM_VAR", "some/where")
    assert places.var_folder() == Path.cwd() / "some/where"
    monkeypatch.delenv("PRM_VAR")
    assert places.var_folder() == places.PROJECT / "var"
