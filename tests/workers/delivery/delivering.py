"""The program `python -m tests.workers.delivery.delivering`: makes one attempt at one delivery."""

from core.settings import load_settings
from core.storage.store import Store
from workers.delivery.deliverer import Deliverer

if __name__ == "__main__":
    settings = load_settings()
    Deliverer(settings, Store(settings)).deliver()
