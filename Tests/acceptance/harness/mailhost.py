"""A mail server as companies run them: encrypted, with a log-in, and with moods of its own for each recipient."""

import email
import email.policy
import socket
import ssl
import subprocess

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

from harness.ports import free_port
from harness.program import tool

# A name, not 127.0.0.1: mail to the machine itself may go unencrypted, mail to a name may not.
NAME = socket.gethostname()
ADDRESS = socket.gethostbyname(NAME)


class Certificate:
    """One that this machine's name goes by; trusted by whoever is told its file."""

    def __init__(self, directory, name):
        self.file, self.key = directory / f"{name}.pem", directory / f"{name}.key"
        subprocess.run(
            [tool("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
            + ["-keyout", self.key, "-out", self.file, "-days", "2", "-subj", f"/CN={NAME}"]
            + ["-addext", f"subjectAltName=DNS:{NAME}"],
            check=True,
            capture_output=True,
        )

    def context(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.file, self.key)
        return context


class MailHost:
    """STARTTLS where it has a certificate, AUTH where it has a password; a script for each recipient."""

    def __init__(self, certificate=None, password=None):
        self.password, self.scripts = password, {}
        # Every recipient asked for, every mail offered, and those that were kept.
        self.asked, self.offered, self.kept = [], [], []
        host = self

        class Host(Controller):
            def factory(self):
                return SMTP(
                    self.handler,
                    hostname=NAME,
                    tls_context=certificate.context() if certificate else None,
                    require_starttls=certificate is not None,
                    auth_required=password is not None,
                    auth_require_tls=True,
                    authenticator=host.check,
                )

        self.controller = Host(self, hostname=ADDRESS, port=free_port())
        self.controller.start()
        self.url = f"smtp://{NAME}:{self.controller.port}"

    def check(self, server, session, envelope, mechanism, data):
        known = data.password.decode() == self.password and data.login == b"desk"
        return AuthResult(success=known, handled=False)

    def next(self, recipient, stage):
        script = self.scripts.get(recipient, [])
        return script.pop(0)[1] if script and script[0][0] == stage else None

    async def handle_RCPT(self, server, session, envelope, address, options):
        self.asked.append((address, session.ssl is not None, session.authenticated))
        refusal = self.next(address, "RCPT")
        if refusal:
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server, session, envelope):
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        message.envelope = envelope
        self.offered.append(message)
        refusal = self.next(envelope.rcpt_tos[0], "DATA")
        if refusal:
            return refusal
        self.kept.append(message)
        return "250 kept"

    def to(self, recipient, mails=None):
        mails = self.kept if mails is None else mails
        return [mail for mail in mails if mail.envelope.rcpt_tos == [recipient]]

    def close(self):
        self.controller.stop()
