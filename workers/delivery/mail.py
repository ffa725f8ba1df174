"""Reports by e-mail, over SMTP. A message has the same Message-ID however often it is sent."""

import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from urllib.parse import urlsplit

from core.deliveries import Delivery, Format
from core.settings import Settings
from core.values import Failure
from workers.delivery.outcomes import Outcome, quoted
from workers.delivery.rendering import ENDINGS, MEDIA_TYPES, headline, plainly, written
from workers.delivery.reports import Report
from workers.delivery.words import Words

_PORTS = {"starttls": 587, "tls": 465, "none": 25}
_FINAL = 500


def message(settings: Settings, delivery: Delivery, report: Report, words: Words) -> EmailMessage:
    """The message: text, and beside it HTML, or the report in its format as a file."""
    wish, found = delivery.wish, EmailMessage(SMTP)
    found["From"] = f"Archivar <{settings.mail_from}>"
    found["To"] = ", ".join(wish.to)
    found["Subject"] = headline(report, words)
    found["Date"] = format_datetime(report.written_at)
    found["Message-ID"] = f"<{delivery.id}@{settings.mail_from.rpartition('@')[2]}>"
    found["Content-Language"] = wish.language
    # Nobody on holiday shall answer it.
    found["Auto-Submitted"] = "auto-generated"
    found["X-Auto-Response-Suppress"] = "All"
    found.set_content(plainly(report, words), cte="quoted-printable")
    text = written(report, wish.format, words, wish.language)
    if wish.format is Format.HTML:
        found.add_alternative(text, subtype="html", cte="quoted-printable")
    else:
        main, _, sub = MEDIA_TYPES[wish.format].partition("/")
        name = f"summary-{report.run.id[:8]}.{ENDINGS[wish.format]}"
        found.add_attachment(text.encode(), maintype=main, subtype=sub, filename=name, params={"charset": "utf-8"})
    return found


def send(settings: Settings, delivery: Delivery, ready: EmailMessage) -> Outcome:
    """Send it to those who have not received it yet, and say how that went."""
    left = [one for one in delivery.wish.to if one not in delivery.received]
    try:
        with _server(settings) as server:
            refused = server.send_message(ready, settings.mail_from, left)
    except smtplib.SMTPRecipientsRefused as error:
        return _judged((), error.recipients)
    except smtplib.SMTPResponseException as error:
        why = Failure("refused", f"The mail server answered {error.smtp_code} {quoted(error.smtp_error)}")
        return Outcome(never=why) if _is_final(error) else Outcome(later=why)
    except (smtplib.SMTPNotSupportedError, ssl.SSLError) as error:
        return Outcome(later=Failure("mail_settings", f"There is no safe way to the mail server: {quoted(str(error))}"))
    except (smtplib.SMTPException, OSError) as error:
        return Outcome(later=Failure("unreachable", f"The mail server did not take it: {quoted(str(error))}"))
    return _judged(tuple(one for one in left if one not in refused), refused)


def _judged(received: tuple[str, ...], refused: Mapping[str, tuple[int, bytes]]) -> Outcome:
    if not refused:
        return Outcome(received)
    said = "; ".join(f"{address} ({code} {quoted(why)})" for address, (code, why) in refused.items())
    failure = Failure("refused", f"The mail server refuses {said}")
    if all(code >= _FINAL for code, _ in refused.values()):
        return Outcome(received, never=failure)
    return Outcome(received, later=failure)


def _is_final(error: smtplib.SMTPResponseException) -> bool:
    # A wrong password or an odd greeting is for the operator to mend, and what waits goes out then.
    mendable = smtplib.SMTPAuthenticationError | smtplib.SMTPConnectError | smtplib.SMTPHeloError
    return error.smtp_code >= _FINAL and not isinstance(error, mendable)


@contextmanager
def _server(settings: Settings) -> Iterator[smtplib.SMTP]:
    """The mail server, signed in to. It is left when the time is up, wherever it stands."""
    security, address = settings.mail_security, urlsplit(f"//{settings.mail_server}")
    context = ssl.create_default_context()
    server = _Server(
        address.hostname or "",
        address.port or _PORTS[security],
        settings.delivery_seconds,
        context if security == "tls" else None,
    )
    try:
        if security == "starttls":
            server.starttls(context=context)
        if settings.mail_user:
            server.login(settings.mail_user, settings.mail_password.get_secret_value())
        yield server
        # What was taken stays taken, however the other side says goodbye.
        with suppress(smtplib.SMTPException, OSError):
            server.quit()
    finally:
        server.close()


class _Server(smtplib.SMTP):
    """Ends by itself after some seconds: the usual time-outs begin anew with each byte."""

    def __init__(self, host: str, port: int, seconds: float, context: ssl.SSLContext | None) -> None:
        self._context = context
        self._end: threading.Timer | None = None
        try:
            super().__init__(host, port, timeout=seconds)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close it, and look at the time no more."""
        if self._end is not None:
            self._end.cancel()
        super().close()

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        opened = socket.create_connection((host, port), timeout)
        self._end = threading.Timer(timeout, _shut, (opened.dup(),))
        self._end.daemon = True
        self._end.start()
        return opened if self._context is None else self._context.wrap_socket(opened, server_hostname=host)


def _shut(opened: socket.socket) -> None:
    with opened, suppress(OSError):
        opened.shutdown(socket.SHUT_RDWR)
