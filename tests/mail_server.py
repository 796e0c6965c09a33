"""A mail server on loopback that takes mail, refuses it, or dies at a chosen moment."""

import socketserver
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field

REFUSE_READER = "refuse reader"
REFUSE_MAIL = "refuse mail"
DIE_BEFORE_MAIL = "die before mail"
DIE_BEFORE_ANSWER = "die before answer"


@dataclass
class MailServer:
    """``taken`` holds the mails that the server had whole, whatever it answered then."""

    port: int = 0
    behaviour: str = ""
    taken: list[bytes] = field(default_factory=list)


class Handler(socketserver.StreamRequestHandler):
    def say(self, line):
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self):
        told = self.server.told
        self.say("220 ready")
        for raw in self.rfile:
            word = raw.strip().upper().split(b":")[0].split(b" ")[0]
            if word == b"RCPT" and told.behaviour == REFUSE_READER:
                self.say("550 no such reader")
            elif word == b"DATA" and told.behaviour == DIE_BEFORE_MAIL:
                return
            elif word == b"DATA":
                self.say("354 go on")
                lines = []
                for line in self.rfile:
                    if line == b".\r\n":
                        break
                    lines.append(line)
                if told.behaviour == REFUSE_MAIL:
                    self.say("554 not this one")
                    continue
                told.taken.append(b"".join(lines))
                if told.behaviour == DIE_BEFORE_ANSWER:
                    return
                self.say("250 taken")
            elif word == b"QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 fine")


@contextmanager
def mail_server(settings):
    """Django's mail goes to the server that this yields."""
    told = MailServer()
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.told = told
        told.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", told.port
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_TIMEOUT = 5
        try:
            yield told
        finally:
            server.shutdown()
            thread.join()
