"""Takes deliveries that are due, one after another, and brings each to its end or lets it wait for another attempt.

A delivery that was cut off is taken again once its lease has run out, so that each arrives at least once; its id says
that it is the same.
"""

import logging

from core.deliveries import DeliveryState, HeldDelivery
from core.errors import ArchivarError, InvalidRequest, LeaseLost, StorageFull, Unavailable
from core.settings import Settings
from core.storage.store import Store
from core.values import Failure, JobState
from workers.delivery.outcomes import Outcome
from workers.summary_items import Refused

_GROWS = 4
_LONGEST_PAUSE = 6 * 3600.0
_FORBIDDEN = Failure("forbidden", "The person who asked for this may no longer sign in or read any of it.")
_LOST = Failure("worker_lost", "The worker that delivered this stopped without a word several times.")
_CANCELLED = Failure("run_cancelled", "The run was cancelled, so there is nothing to deliver.")

log = logging.getLogger(__name__)


class Deliverer:
    """Delivers. Thread-safe; any number of them may work on the same data."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store

    def deliver(self) -> bool:
        """Take the delivery that waits longest and make one attempt; False when none is due."""
        # Writing the report takes time besides.
        held = self._store.deliveries.take(self._settings.delivery_seconds + self._settings.lease_seconds)
        if held is None:
            return False
        try:
            self._attempt(held)
        except LeaseLost as error:
            log.info("Delivery %s is no longer ours: %s", held.delivery.id, error)
        except (Unavailable, StorageFull) as error:
            log.warning("Delivery %s waits until its lease runs out: %s", held.delivery.id, error)
        return True

    def _attempt(self, held: HeldDelivery) -> None:
        delivery = held.delivery
        if delivery.attempts > self._settings.delivery_attempts:
            self._store.deliveries.end(held, DeliveryState.FAILED, delivery.error or _LOST)
            return
        try:
            outcome = self._bring(held)
        except Refused:
            self._store.deliveries.end(held, DeliveryState.FORBIDDEN, _FORBIDDEN)
        except InvalidRequest as error:
            # What was allowed when it was asked for is allowed no more.
            self._store.deliveries.end(held, DeliveryState.FAILED, Failure("not_allowed", error.message))
        except ArchivarError as error:
            self._settle(held, Outcome(later=Failure(error.code, error.message)))
        except Exception as error:
            # The entry point of a delivery: whatever went wrong belongs to it and not to its neighbours.
            log.exception("Delivery %s failed.", delivery.id)
            self._settle(held, Outcome(later=Failure("internal_error", f"{type(error).__name__}: {error}")))
        else:
            self._settle(held, outcome)

    def _bring(self, held: HeldDelivery) -> Outcome:
        # Reports need much that a worker without any does not wait for.
        from workers.delivery.bringing import bring  # noqa: PLC0415 - see above

        delivery, store = held.delivery, self._store
        job, run = store.jobs.get(delivery.run_id), store.summaries.get(delivery.run_id)
        if job.state is JobState.FORBIDDEN:
            raise Refused
        if job.state is JobState.CANCELLED:
            return Outcome(never=_CANCELLED)
        return bring(self._settings, store, delivery, run, job)

    def _settle(self, held: HeldDelivery, outcome: Outcome) -> None:
        deliveries, attempts = self._store.deliveries, held.delivery.attempts
        why = outcome.later or outcome.never
        if why is None:
            deliveries.end(held, DeliveryState.DELIVERED, received=outcome.received)
        elif outcome.later is None or attempts >= self._settings.delivery_attempts:
            log.warning("Delivery %s of run %s failed: %s", held.delivery.id, held.delivery.run_id, why.message)
            deliveries.end(held, DeliveryState.FAILED, why, outcome.received)
        else:
            grown = self._settings.delivery_pause_seconds * _GROWS ** (attempts - 1)
            pause = min(max(grown, outcome.pause), _LONGEST_PAUSE)
            deliveries.try_again(held, pause, why, outcome.received)
