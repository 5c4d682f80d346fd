"""Calls in real threads that start at the same instant."""

from __future__ import annotations

import threading

from django.db import connection


def together(*calls, refusals: type[Exception] = Exception) -> list[object]:
    """Run the calls at the same instant in threads of their own; answers their results or refusals in order.

    An error of another kind than `refusals` ends its thread, which fails the test.
    """
    barrier, found = threading.Barrier(len(calls)), [None] * len(calls)

    def run(place: int, call) -> None:
        try:
            barrier.wait(10)
            found[place] = call()
        except refusals as error:  # handed to the test
            found[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return found
