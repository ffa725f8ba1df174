"""The collaborators of the web application, made once when it starts. No request and no route is known here."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.wire import Json
from llm.gpu_watch import GpuWatch
from web.duties import Duties
from web.guesses import Guesses
from web.metrics import Metrics

if TYPE_CHECKING:
    from ingest.children import ParserPool
    from llm.services import Services
    from workers.doorbell import Doorbell


@dataclass(frozen=True, slots=True)
class Front:
    """What views work with: services, the renderer of page images, doorbell, cards, and what is known of itself."""

    services: "Services"
    pages: "ParserPool"
    doorbell: "Doorbell"
    metrics: Metrics
    gpus: GpuWatch
    openapi: Json
    guesses: Guesses = field(default_factory=Guesses)

    @property
    def duties(self) -> Duties:
        """What the licence of the attached model asks."""
        return Duties(self.known_model, self.services.store.acceptances)

    def known_model(self) -> str:
        """The name of the attached model; empty without one, or until its server has said it."""
        model = self.services.model
        return model.known_name if model is not None else ""

    def ring(self, job_id: str) -> None:
        """Tell workers that a job waits; call it after the commit."""
        self.doorbell.ring(job_id)

    def close(self) -> None:
        """Let go of everything: the children that render, the index and the database."""
        self.gpus.close()
        self.pages.close()
        self.services.close()
