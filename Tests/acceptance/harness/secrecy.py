"""No secret may be seen anywhere: not in an answer, not in a log."""


class SecretWatch:
    """For a `Desk`: knows the secrets of the run and looks for them."""

    def secret(self, value):
        self.secrets.add(value)
        return value

    def watch(self, answer):
        """No secret in an answer, wherever it went. A link's token may stand on the page it opens."""
        text = answer.text + str(answer.headers)
        for secret in self.secrets:
            assert secret not in text or secret in answer.request.url, (
                f"{answer.request.method} {answer.request.url} shows a secret"
            )

    def watch_result(self, result):
        """No secret in what a command prints, except one that it has just made."""
        for secret in self.secrets:
            assert secret not in result.out + result.err, f"countersign {result.arguments[0]} prints a secret"
        return result

    def scan_logs(self):
        """No secret in anything a process has written since the last scan."""
        for log in self.directory.glob("*.log"):
            with log.open("rb") as file:
                file.seek(self._read.get(log, 0))
                text = file.read().decode(errors="replace")
                self._read[log] = file.tell()
            for secret in self.secrets:
                if secret in text:
                    line = next(line for line in text.splitlines() if secret in line).replace(secret, "<it>")
                    raise AssertionError(f"{log.name} shows the secret {secret[:6]}…: {line}")

    def logs(self):
        logs = sorted(self.directory.glob("*.log"))
        return "\n".join(f"===== {log.name}\n{log.read_text(errors='replace')[-6000:]}" for log in logs)
