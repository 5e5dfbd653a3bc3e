"""Waiting for conditions, never for time."""

import time


def wait_until(condition, what, seconds=60, interval=0.05):
    """The first true value that `condition` returns; fails in words after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        last = condition()
        if last:
            return last
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} s in vain: {what} (last seen: {last!r})")
        time.sleep(interval)
