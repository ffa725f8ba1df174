"""All settings, read once from the environment (`ARCHIVAR_*`). The only module that touches the process environment.

Every field has a default that suits one machine and a line of help; `docs/settings.md` is checked against them.
"""

import json
import os
import re
from ipaddress import ip_network
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from core.errors import UnknownSetting

ROOT = Path(__file__).resolve().parent.parent
MEBIBYTE = 1024 * 1024


class Settings(BaseSettings):
    """The configuration of one process; immutable once read."""

    model_config = SettingsConfigDict(env_prefix="ARCHIVAR_", frozen=True, extra="ignore")

    data: Path = Field(Path("data"), description="Folder that holds the database, the uploaded files and the indexes.")
    cache: Path = Field(
        Path("~/.cache/archivar"), description="Folder for what can be made again, such as the converted embedder."
    )
    database_url: SecretStr = Field(
        SecretStr(""), description="SQLAlchemy URL of the database; empty means SQLite in the data folder."
    )
    redis_url: SecretStr = Field(
        SecretStr(""), description="URL of the Redis that carries doorbells; empty means the one that `up` starts."
    )
    host: str = Field("127.0.0.1", description="Address that the web server listens on.")
    port: int = Field(8080, ge=0, le=65535, description="Port that the web server listens on.")
    public_url: str = Field("", description="Address that people type, used in links; empty means host and port.")
    trusted_hosts: tuple[str, ...] = Field(
        ("127.0.0.1", "localhost", "[::1]"), description="Host names that requests may be addressed to, as JSON list."
    )
    web_threads: int = Field(64, ge=4, description="Threads of one web process; a streaming answer holds one.")
    silent_seconds: float = Field(
        30.0, ge=1, description="Seconds that a client may pause in the middle of a request or of a reply."
    )
    session_hours: int = Field(24 * 14, ge=1, description="Hours until a sign-in has to be repeated.")
    sign_in_link_minutes: int = Field(60, ge=1, description="Minutes that a one-time sign-in link stays valid.")

    max_file_bytes: int = Field(100 * MEBIBYTE, ge=1, description="Largest file that is accepted, in bytes.")
    max_files_per_request: int = Field(20, ge=1, description="Most files in one upload request.")
    max_question_chars: int = Field(4000, ge=1, description="Longest question or query, in characters.")
    max_results: int = Field(200, ge=1, description="Most hits that one search returns.")

    parser_children: int = Field(2, ge=1, description="Processes that read documents, for each worker.")
    parser_seconds: int = Field(120, ge=1, description="Longest time that reading one document may take.")
    parser_memory_mb: int = Field(1024, ge=128, description="Memory that one parser process may use, in MiB.")
    max_pages: int = Field(5000, ge=1, description="Most pages that are read from one document.")
    max_text_chars: int = Field(20_000_000, ge=1, description="Most characters that are read from one document.")
    max_image_pixels: int = Field(50_000_000, ge=1, description="Most pixels of a page's image, drawn or uploaded.")

    ocr: bool = Field(True, description="Read the words in scanned pages and pictures.")
    ocr_children: int = Field(1, ge=1, description="Processes that read scanned pages, for each worker.")
    ocr_threads: int = Field(2, ge=1, description="Processor cores that one of these uses.")
    ocr_dpi: int = Field(200, ge=72, le=600, description="Resolution at which scanned pages of PDFs are read.")
    ocr_seconds: int = Field(30, ge=1, description="Longest time that reading one scanned page may take.")
    ocr_memory_mb: int = Field(2048, ge=512, description="Memory that one of these processes may use, in MiB.")

    embedder: str = Field(
        "bundled",
        max_length=200,
        description="Embedding model: `bundled` (all-MiniLM-L6-v2) or a sentence-transformers folder or name.",
    )
    embedder_query_prefix: str = Field(
        "", max_length=200, description="What the embedder wants before a question; empty takes the model's own prompt."
    )
    embedder_passage_prefix: str = Field(
        "", max_length=200, description="What the embedder wants before a passage; empty takes the model's own prompt."
    )
    embedder_pooling: Literal["auto", "mean", "cls", "lasttoken"] = Field(
        "auto", description="How a model that does not say so itself makes one vector of a text; `auto` is its mean."
    )
    embedder_device: Literal["auto", "cpu", "cuda"] = Field(
        "auto", description="Where embedding runs; `auto` takes CUDA for ingestion when there is one."
    )
    passage_tokens: int = Field(200, ge=32, description="Longest passage, in tokens of the embedder.")

    lease_seconds: float = Field(30.0, gt=0, description="Seconds until a job whose worker fell silent is given away.")
    heartbeat_seconds: float = Field(10.0, gt=0, description="Seconds between two signs of life of a worker.")
    job_attempts: int = Field(3, ge=1, description="Attempts after which a job ends as failed.")
    sweep_seconds: float = Field(10.0, gt=0, description="Seconds between two looks for jobs that nobody works on.")
    worker_threads: int = Field(2, ge=1, description="Jobs that one ingest worker handles at the same time.")
    worker_queues: tuple[Literal["ingest", "batch"], ...] = Field(
        ("ingest", "batch"), description="What a worker does, as JSON list: `ingest` reads documents, `batch` the rest."
    )

    index: Literal["local", "milvus"] = Field(
        "local", description="Where vectors and keywords are searched: `local` files of this machine, or `milvus`."
    )
    milvus_url: str = Field(
        "", validate_default=True, description="Address of the Milvus server, such as http://milvus:19530."
    )
    milvus_token: SecretStr = Field(SecretStr(""), description="Token or `user:password` for Milvus; empty for none.")

    llm_url: str = Field(
        "",
        description="Base of the model's server, OpenAI-compatible (most end in /v1) or Ollama's; empty means none.",
    )
    llm_model: str = Field(
        "",
        description="Model at that server: `openai:NAME`, `ollama:NAME`, or NAME; empty means the first that it lists.",
    )
    llm_api_key: SecretStr = Field(SecretStr(""), description="Key for that server; empty for none.")
    llm_headers: SecretStr = Field(
        SecretStr(""), description="Further headers for that server, as JSON object; empty for none."
    )
    llm_form: Literal["auto", "chat", "completion"] = Field(
        "auto", description="How the model is asked: by `chat`, or by `completion` as models without a chat template."
    )
    llm_tokenizer: str = Field(
        "",
        description="Tokenizer of the model, a folder or cached name; empty asks the server or takes the model's.",
    )
    llm_window: int = Field(0, ge=0, description="Tokens that the model reads and writes at most; 0 asks the server.")
    llm_answer_tokens: int = Field(512, ge=16, description="Longest answer of the model, in tokens.")
    llm_seconds: float = Field(120.0, gt=0, description="Longest time that the model may take for an answer.")
    llm_silent_seconds: float = Field(30.0, gt=0, description="Longest silence of the model server within an answer.")
    llm_concurrency: int = Field(
        8, ge=1, description="Requests that the model's server gets at the same time from all processes; more wait."
    )
    summary_documents: int = Field(
        16, ge=1, description="Documents of one run that are summarised at the same time, if the model keeps up."
    )
    llm_answers: int = Field(
        24, ge=1, description="Answers that one process waits for or writes; never more than half of the web threads."
    )
    llm_failures: int = Field(
        3, ge=1, description="Failures of the model's server in a row after which it is left alone for a while."
    )

    llm_judge: bool = Field(
        False, description="Ask the model too whether passages support a sentence; it can only lower a verdict."
    )
    unsupported: Literal["mark", "drop"] = Field(
        "mark", description="What becomes of sentences that no passage supports: they are marked, or left out."
    )

    hub_url: str = Field(
        "https://huggingface.co", description="Hugging Face hub, or its mirror, that `llm download` alone contacts."
    )

    moderation_policy: str = Field("", description="File with the moderation policy; empty means the default one.")
    guard: str = Field(
        "",
        description="Guard model: `openai:URL#MODEL` for a Llama Guard at a server, or a Prompt Guard's folder.",
    )
    guard_api_key: SecretStr = Field(SecretStr(""), description="Key for the guard's server; empty for none.")

    mail_server: str = Field(
        "", description="Mail server (SMTP) that sends reports, as `host` or `host:port`; empty means no e-mail."
    )
    mail_security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="How the way to it is kept secret; without a port they mean 587, 465 and 25."
    )
    mail_user: str = Field("", description="Name to sign in with at the mail server; empty for none.")
    mail_password: SecretStr = Field(SecretStr(""), description="Password for the mail server; empty for none.")
    mail_from: str = Field("", validate_default=True, description="Address that reports come from.")
    mail_recipients: tuple[str, ...] = Field(
        (),
        description="Addresses and domains that people may send reports to besides their own address, as JSON list.",
    )
    webhook_origins: tuple[str, ...] = Field(
        (), description="Where webhooks may go, such as https://hooks.example.org, as JSON list; empty means nowhere."
    )
    webhook_networks: tuple[str, ...] = Field(
        (),
        description="Private networks, such as 10.0.0.0/8, that names in these may lead to, as JSON list.",
    )
    webhook_secret: SecretStr = Field(
        SecretStr(""),
        validate_default=True,
        description="Secret that signs webhooks; for a change of secrets two of them, with a space between.",
    )
    delivery_folder: str = Field("", description="Folder that reports may be written to; empty means none.")
    delivery_attempts: int = Field(8, ge=1, description="Attempts after which a delivery ends as failed.")
    delivery_pause_seconds: float = Field(
        30.0, gt=0, description="Pause before a second attempt; each later one is four times as long, up to 6 hours."
    )
    delivery_seconds: float = Field(30.0, gt=0, description="Longest time that one attempt at a delivery may take.")

    operator_in_eu: bool = Field(
        False,
        description="Whether the operator is domiciled in the EU: some licences withhold models that see pictures.",
    )

    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least severe log line shown.")

    @field_validator("embedder_query_prefix", "embedder_passage_prefix", "embedder_pooling")
    @classmethod
    def _bundled_is_used_as_it_is(cls, value: str, info: ValidationInfo) -> str:
        if value not in {"", "auto"} and info.data.get("embedder") == "bundled":
            raise ValueError("The bundled embedder takes none; name another one in ARCHIVAR_EMBEDDER")
        return value

    @field_validator("redis_url")
    @classmethod
    def _redis_has_an_address(cls, url: SecretStr) -> SecretStr:
        text = url.get_secret_value()
        # `port` raises `ValueError` for what is no number.
        if text and (urlsplit(text).scheme not in _REDIS or urlsplit(text).port == 0):
            raise ValueError(f"This is not a URL that begins with {', '.join(f'{one}://' for one in _REDIS)}")
        return url

    @field_validator("milvus_url")
    @classmethod
    def _milvus_has_an_address(cls, url: str, info: ValidationInfo) -> str:
        if info.data.get("index") == "milvus" and urlsplit(url).scheme not in _MILVUS:
            raise ValueError(f"This is not a URL that begins with {', '.join(f'{one}://' for one in _MILVUS)}")
        return url

    @field_validator("llm_url")
    @classmethod
    def _llm_has_an_address(cls, url: str) -> str:
        parts = urlsplit(url)
        # `port` raises `ValueError` for what is no number.
        if url and (parts.scheme not in {"http", "https"} or not parts.hostname or parts.port == 0):
            raise ValueError("This is not a URL that begins with http:// or https:// and names a host")
        if "@" in parts.netloc or parts.query or parts.fragment:
            raise ValueError(
                "A URL without user, query and fragment is needed; a key belongs into ARCHIVAR_LLM_API_KEY"
            )
        return url

    @field_validator("guard")
    @classmethod
    def _guard_has_an_address(cls, text: str) -> str:
        parts = urlsplit(text.removeprefix(_OPENAI))
        if text.startswith(_OPENAI):
            # `port` raises `ValueError` for what is no number.
            if parts.scheme not in {"http", "https"} or not parts.hostname or parts.port == 0 or not parts.fragment:
                raise ValueError("This is not openai: with a URL that names a host, # and a model")
            if "@" in parts.netloc or parts.query:
                raise ValueError("A URL without user and query is needed; a key belongs into ARCHIVAR_GUARD_API_KEY")
        elif "://" in text:
            raise ValueError("A guard at a server is written as openai:URL#MODEL")
        return text

    @field_validator("llm_headers")
    @classmethod
    def _llm_headers_are_headers(cls, text: SecretStr) -> SecretStr:
        _headers(text.get_secret_value())
        return text

    @property
    def llm_dialect(self) -> Literal["openai", "ollama"]:
        """What the model's server speaks."""
        return "ollama" if self.llm_model.startswith(_OLLAMA) else "openai"

    @property
    def llm_name(self) -> str:
        """The model's name at its server, without what says how that is spoken to; empty means the first listed."""
        return self.llm_model.removeprefix(_OLLAMA if self.llm_dialect == "ollama" else _OPENAI)

    @property
    def llm_base(self) -> str:
        """The address of the model's server, empty without a model; Ollama is found where it listens by default."""
        return self.llm_url or (_OLLAMA_URL if self.llm_dialect == "ollama" else "")

    @property
    def llm_more_headers(self) -> dict[str, str]:
        """Further headers for the model's server."""
        return _headers(self.llm_headers.get_secret_value())

    @property
    def guard_server(self) -> tuple[str, str] | None:
        """Where the guard is served, and the model's name there; None for a guard in a folder, or none."""
        if not self.guard.startswith(_OPENAI):
            return None
        url, _, model = self.guard.removeprefix(_OPENAI).partition("#")
        return url, model

    @field_validator("mail_server")
    @classmethod
    def _mail_server_is_an_address(cls, text: str) -> str:
        # `port` raises `ValueError` for what is no number.
        parts = urlsplit(f"//{text}")
        if text and (parts.netloc != text or not parts.hostname or "@" in text or parts.port == 0):
            raise ValueError("This is not a host, or a host and a port as in mail.example.org:587")
        return text

    @field_validator("mail_from")
    @classmethod
    def _mail_has_a_sender(cls, address: str, info: ValidationInfo) -> str:
        if info.data.get("mail_server") and not _MAIL_ADDRESS.fullmatch(address):
            raise ValueError("Mail needs an address that it comes from, such as archivar@example.org")
        if info.data.get("mail_user") and info.data.get("mail_security") == "none":
            raise ValueError("A password is not sent in the clear: set ARCHIVAR_MAIL_SECURITY to starttls or tls")
        return address

    @field_validator("webhook_origins")
    @classmethod
    def _webhooks_have_origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for one in origins:
            parts = urlsplit(one)
            # `port` raises `ValueError` for what is no number.
            if one != f"{parts.scheme}://{parts.netloc}" or not parts.hostname or "@" in one or parts.port == 0:
                raise ValueError("An origin is a scheme, a host and a port if need be, as in https://hooks.example.org")
            if parts.scheme not in {"http", "https"}:
                raise ValueError("Webhooks go to http:// or https://")
        return origins

    @field_validator("webhook_networks")
    @classmethod
    def _networks_are_networks(cls, networks: tuple[str, ...]) -> tuple[str, ...]:
        for one in networks:
            ip_network(one)
        return networks

    @field_validator("webhook_secret")
    @classmethod
    def _webhooks_are_signed(cls, secret: SecretStr, info: ValidationInfo) -> SecretStr:
        secrets = secret.get_secret_value().split()
        if any(len(one) < _SECRET_CHARACTERS for one in secrets) or (info.data.get("webhook_origins") and not secrets):
            raise ValueError(f"Webhooks need a secret of at least {_SECRET_CHARACTERS} characters")
        return secret

    @field_validator("hub_url")
    @classmethod
    def _hub_has_an_address(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc or parts.query:
            raise ValueError("This is not a URL that begins with http:// or https:// and names a host")
        return url

    @property
    def sqlalchemy_url(self) -> str:
        """The database URL, SQLite in the data folder unless one is set."""
        return self.database_url.get_secret_value() or f"sqlite:///{self.data / 'archivar.sqlite3'}"

    @property
    def files_dir(self) -> Path:
        """Folder of the content-addressed file store."""
        return self.data / "files"

    @property
    def index_dir(self) -> Path:
        """Folder of the derived indexes; safe to delete while nothing runs."""
        return self.data / "index"

    @property
    def models_dir(self) -> Path:
        """Folder of models that `llm download` fetched."""
        return self.data / "models"

    @property
    def run_dir(self) -> Path:
        """Folder for sockets, pid files and logs of running processes."""
        return self.data / "run"


def load_settings(**overrides: object) -> Settings:
    """Read the settings from the environment; `overrides` (from command-line options) win where not None.

    Raises `UnknownSetting` with the name of the setting when a value is not valid.
    """
    chosen = {name: value for name, value in overrides.items() if value is not None}
    try:
        settings = Settings(**chosen)  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = "ARCHIVAR_" + "_".join(str(part) for part in first["loc"]).upper()
        raise UnknownSetting(f"{name}: {first['msg']}. See docs/settings.md.") from None
    except SettingsError as error:
        field = str(error).partition('"')[2].partition('"')[0]  # the library says it in words only
        raise UnknownSetting(f"ARCHIVAR_{field.upper()}: This is not a JSON list. See docs/settings.md.") from None
    return settings.model_copy(
        update={"data": settings.data.expanduser().absolute(), "cache": settings.cache.expanduser().absolute()}
    )


def child_environment(settings: Settings) -> dict[str, str]:
    """The environment for a child process: this one's, with our settings made explicit and telemetry off."""
    values = {
        f"ARCHIVAR_{name.upper()}": _as_text(value)
        for name, value in settings
        if name in settings.model_fields_set or name in {"data", "cache"}
    }
    return {**os.environ, **_QUIET, **values}


def hub_child_environment(settings: Settings, token: str = "") -> dict[str, str]:
    """The environment for the child that may contact the hub; a token goes to it and nowhere else."""
    online = {"HF_ENDPOINT": settings.hub_url.rstrip("/"), "HF_HUB_OFFLINE": "0", "HF_HUB_DISABLE_PROGRESS_BARS": "1"}
    return {**child_environment(settings), **online, **({"HF_TOKEN": token} if token else {})}


def bare_environment(**more: str) -> dict[str, str]:
    """The environment for a child that handles untrusted bytes: what Python needs, and nothing that is a secret."""
    harmless = {name: value for name, value in os.environ.items() if name in _HARMLESS or name.startswith("LC_")}
    return {**harmless, **more}


def quiet_libraries() -> None:
    """Switch off telemetry and hub access of libraries for this process; call before they are imported."""
    os.environ.update(_QUIET)


def _headers(text: str) -> dict[str, str]:
    """Headers written as a JSON object. Raises `ValueError`, without what was written, since it may be a secret."""
    try:
        found = json.loads(text or "{}")
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise ValueError('This is not a JSON object such as {"X-Team": "legal"}') from None
    for name, value in found.items():
        if not (isinstance(value, str) and _HEADER_NAME.fullmatch(name) and _HEADER_VALUE.fullmatch(value)):
            raise ValueError("Names and values of headers are text, without line ends and spaces at their ends")
    return found


_OLLAMA, _OPENAI = "ollama:", "openai:"
_OLLAMA_URL = "http://127.0.0.1:11434"
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_HEADER_VALUE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")
_MAIL_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")
_SECRET_CHARACTERS = 24
_REDIS = ("redis", "rediss", "unix", "redis+socket")
_MILVUS = ("http", "https", "tcp")
_HARMLESS = frozenset({"PATH", "HOME", "LANG", "TMPDIR", "TZ", "LD_LIBRARY_PATH", "PYTHONHASHSEED"})
_QUIET = {
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_UPDATE_CHECK": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "DO_NOT_TRACK": "1",
    "ANONYMIZED_TELEMETRY": "false",
    # Products of small matrices take ten times as long where all cores are woken for them.
    "OPENBLAS_NUM_THREADS": "1",
    # pymilvus would read a `.env` file of whatever folder it finds one in.
    "PYTHON_DOTENV_DISABLED": "1",
    "LANGSMITH_TRACING": "false",
    "LANGSMITH_TRACING_V2": "false",
    "LANGCHAIN_TRACING": "false",
    "LANGCHAIN_TRACING_V2": "false",
    "OTEL_SDK_DISABLED": "true",
}


def _as_text(value: object) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, tuple):
        return json.dumps(value)
    return str(value)
