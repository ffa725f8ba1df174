"""A run that has ended, mail and webhook servers of this machine, and what they received."""

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from core.deliveries import Wish
from core.settings import Settings
from core.storage.store import Store
from core.summaries import SummaryOptions, SummaryRequest
from core.values import CollectionRole, InstallationRole, User
from tests import factories
from tests.processes import free_port
from tests.workers.first_sentences import FirstSentences
from workers.delivery.deliverer import Deliverer
from workers.summary_tasks import SummaryWorker

RENT, PETS = "The rent is 90 euros a month.", "Pets are allowed."
SECRET = "a secret of twenty-four characters".replace(" ", "-")


@dataclass
class Hook:
    """A webhook's server: what came, how it answers, and whether it does so at all."""

    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""
    answers: threading.Event = field(default_factory=threading.Event)

    def read(self) -> Any:
        """The JSON of the last request."""
        return json.loads(self.requests[-1][1])


@pytest.fixture
def hook() -> Iterator[Hook]:
    """A webhook's server."""
    told = Hook()
    told.answers.set()

    class Answering(BaseHTTPRequestHandler):
        """Answers as told."""

        def do_POST(self) -> None:
            """Take a report."""
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told.requests.append(({name.lower(): value for name, value in self.headers.items()}, body))
            told.answers.wait(30)
            self.send_response(told.status)
            for name, value in told.headers.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    told.url = f"http://127.0.0.1:{server.server_address[1]}"
    yield told
    server.shutdown()
    server.server_close()


@dataclass
class Post:
    """A mail server: what came, for whom, how it answers for each address, and what it says once it has a message."""

    messages: list[tuple[list[str], EmailMessage]] = field(default_factory=list)
    replies: dict[str, str] = field(default_factory=dict)
    after: str = "250 taken"
    signed_in: list[str] = field(default_factory=list)
    port: int = 0

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _: Any
    ) -> str:
        """Take or refuse an address."""
        reply = self.replies.get(address, "250 ok")
        if reply.startswith("250"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take a message."""
        assert isinstance(envelope.content, bytes)
        if self.after.startswith("250"):
            message = message_from_bytes(envelope.content, _class=EmailMessage, policy=policy.default)
            self.messages.append((list(envelope.rcpt_tos), message))
        return self.after

    def signs_in(self, _server: SMTP, _session: Session, _envelope: Envelope, _way: str, told: Any) -> AuthResult:
        """Look at a name and a password."""
        assert isinstance(told, LoginPassword)
        self.signed_in.append(told.login.decode())
        return AuthResult(success=told.password == b"right")


@pytest.fixture
def post() -> Iterator[Post]:
    """A mail server without TLS."""
    told = Post()
    yield from _served(told)


def _served(told: Post, **options: Any) -> Iterator[Post]:
    told.port = free_port()
    controller = Controller(told, hostname="127.0.0.1", port=told.port, ready_timeout=30, **options)
    controller.start()
    yield told
    controller.stop()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for localhost that signs itself, with its key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("certificate") / "localhost.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def secure_post(certificate: Path) -> Iterator[Post]:
    """A mail server that wants STARTTLS and a password."""
    told, context = Post(), ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    yield from _served(
        told, tls_context=context, require_starttls=True, auth_required=True, authenticator=told.signs_in
    )


@pytest.fixture
def settings(settings: Settings, tmp_path: Path, hook: Hook, post: Post) -> Settings:
    """Everything is set up, and pauses are short."""
    (tmp_path / "reports").mkdir()
    return settings.model_copy(
        update={
            "mail_server": f"127.0.0.1:{post.port}",
            "mail_security": "none",
            "mail_from": "archivar@example.org",
            "webhook_origins": (hook.url,),
            "webhook_secret": type(settings.webhook_secret)(SECRET),
            "delivery_folder": str(tmp_path / "reports"),
            "delivery_pause_seconds": 0.001,
            "delivery_attempts": 3,
            "delivery_seconds": 5.0,
            "public_url": "https://archivar.example.org",
        }
    )


@pytest.fixture
def user(store: Store) -> User:
    """Somebody who may read the collection."""
    mira = store.people.add("mira@example.org", InstallationRole.MEMBER)
    store.collections.set_member(factories.collection_id(store), mira.id, CollectionRole.READER)
    return mira


@pytest.fixture
def deliverer(settings: Settings, store: Store) -> Deliverer:
    """What delivers here."""
    return Deliverer(settings, store)


Ended = Callable[..., str]


@pytest.fixture
def ended(settings: Settings, store: Store, user: User) -> Ended:
    """Makes a run that has ended over documents, each a passage; its id."""

    def run(*wishes: Wish, documents: tuple[str, ...] = (RENT, PETS)) -> str:
        for number, text in enumerate(documents):
            factories.publish(store, factories.upload(store, f"{number}.txt", text.encode()), text)
        request = SummaryRequest(SummaryOptions(), factories.collection_id(store))
        run_id = store.summaries.start(request, owner=user.id, title="Lease", delivery=wishes)
        assert SummaryWorker(settings, store, lambda: FirstSentences(store)).run(run_id)
        return run_id

    return run
