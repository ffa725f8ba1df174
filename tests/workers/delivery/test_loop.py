"""The threads that deliver."""

from core.deliveries import Channel, DeliveryState, Format, Wish
from core.settings import Settings
from core.storage.store import Store
from tests.processes import eventually
from tests.workers.delivery.conftest import Ended, Hook
from workers.delivery.deliverer import Deliverer
from workers.delivery.loop import DeliveryLoop


def test_one_that_hangs_leaves_the_others_alone(settings: Settings, store: Store, ended: Ended, hook: Hook) -> None:
    hook.answers.clear()
    stuck = ended(Wish(Channel.WEBHOOK, Format.JSON, url=hook.url))
    loop = DeliveryLoop(Deliverer(settings, store), 0.05)
    loop.start()
    eventually(lambda: hook.requests)
    other = ended(Wish(Channel.FOLDER, Format.JSON), documents=())

    eventually(lambda: store.deliveries.of_run(other)[0].state is DeliveryState.DELIVERED)

    assert store.deliveries.of_run(stuck)[0].state is DeliveryState.WAITING
    hook.answers.set()
    eventually(lambda: store.deliveries.of_run(stuck)[0].state is DeliveryState.DELIVERED)
    loop.stop()
