"""The product's executable at a terminal, with a person who types."""

import os
import pty
import subprocess

from harness.program import Result, binary


class AtTerminal:
    """A command whose standard input is a terminal."""

    def __init__(self, arguments, environment, directory):
        self.arguments = [str(argument) for argument in arguments]
        self.keyboard, inside = pty.openpty()
        self.child = subprocess.Popen(
            [binary(), *self.arguments],
            env=environment,
            cwd=directory,
            stdin=inside,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        os.close(inside)

    def type(self, line):
        """A line and Enter; nothing is the end of the input, Ctrl-D."""
        os.write(self.keyboard, f"{line}\n".encode() if line else b"\x04")
        return self

    def result(self, seconds=60):
        try:
            out, err = self.child.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.child.kill()
            out, err = self.child.communicate()
            raise AssertionError(f"it still waits: {out.decode()}\n{err.decode()}") from None
        finally:
            os.close(self.keyboard)
        return Result(self.arguments, self.child.returncode, out.decode(), err.decode())
