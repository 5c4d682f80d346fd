"""A mail server that takes everything and keeps nothing, in a process of its own: nothing of Django here, it has none."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection

HOST = "127.0.0.1"
START_SECONDS = 30


@contextmanager
def sink() -> Iterator[int]:
    """Yields its port. Raises RuntimeError when it does not start."""
    context = get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=serve, args=(there,), daemon=True)
    process.start()
    try:
        if not here.poll(START_SECONDS):
            raise RuntimeError("The mail sink did not start.")
        yield here.recv()
    finally:
        process.terminate()
        process.join()


def serve(told: Connection) -> None:
    """Run the sink; tells its port through the pipe."""

    async def forever() -> None:
        server = await asyncio.start_server(_talk, HOST, 0)
        told.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(forever())


async def _talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"220 sink\r\n")
    while line := await reader.readline():
        verb = line[:4].upper()
        if verb == b"DATA":
            writer.write(b"354 go on\r\n")
            await reader.readuntil(b"\r\n.\r\n")
            writer.write(b"250 taken\r\n")
        elif verb == b"QUIT":
            writer.write(b"221 bye\r\n")
            break
        else:
            writer.write(b"250 sink\r\n")
        await writer.drain()
    await writer.drain()
    writer.close()
