import socket

import pytest

from prm.boot import port
from prm.boot.errors import BootError


@pytest.mark.parametrize("text", ["abc", "0", "65536", "-1", "80 80", "٨٠٠٠", "1" * 5000])
def test_a_port_that_is_none_is_refused_in_one_sentence(monkeypatch, text):
    monkeypatch.setenv("PORT", text)
    with pytest.raises(BootError, match="must be a number from 1 to 65535"):
        port.read_port()


@pytest.mark.parametrize(("text", "number"), [("", 8000), ("9123", 9123)])
def test_port_is_read_and_has_a_default(monkeypatch, text, number):
    monkeypatch.setenv("PORT", text)
    assert port.read_port() == number


def test_unset_listens_on_this_machine_only(monkeypatch):
    monkeypatch.delenv("BIND", raising=False)
    assert port.read_bind() == "127.0.0.1"


def test_a_busy_port_is_named_with_a_way_out():
    with socket.create_server(("127.0.0.1", 0)) as server:
        number = server.getsockname()[1]
        with pytest.raises(BootError, match=f"Port {number} is already in use by another program.*PORT="):
            port.check_free(number)


def test_a_free_port_passes():
    with socket.create_server(("127.0.0.1", 0)) as server:
        number = server.getsockname()[1]
    port.check_free(number)


def test_an_address_of_another_machine_cannot_be_listened_on():
    with pytest.raises(BootError, match="Cannot listen on"):
        port.check_free(8000 + 1, "203.0.113.7")
