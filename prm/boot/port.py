"""The address of the demo: PORT and BIND from the environment, checked before anything is started."""

from __future__ import annotations

import os
import socket

from prm.boot.errors import BootError

LOOPBACK = "127.0.0.1"


def read_port() -> int:
    text = os.environ.get("PORT") or "8000"
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and 1 <= int(text) <= 65535):
        raise BootError(f"PORT is {text!r}; it must be a number from 1 to 65535.")
    return int(text)


def read_bind() -> str:
    """The address to listen on; unset means this machine only."""
    return os.environ.get("BIND") or LOOPBACK


def check_free(port: int, bind: str = LOOPBACK) -> None:
    """Raise when another program listens on the port, or we may not."""
    for host in {"localhost", LOOPBACK}:
        if _somebody_answers(host, port):
            raise BootError(f"Port {port} is already in use by another program; choose another one: make demo PORT={_next(port)}")
    with socket.socket(socket.AF_INET6 if ":" in bind else socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((bind.strip("[]"), port))
        except OSError as error:
            raise BootError(
                f"Cannot listen on {bind}:{port} ({error.strerror}); choose another one: make demo PORT={_next(port)}"
            ) from error


def _next(port: int) -> int:
    return port + 1 if 1024 <= port < 65535 else 8001


def _somebody_answers(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False
