"""One attempt at a delivery, from what may be told to the channel that brings it."""

from core.deliveries import Channel, Delivery
from core.settings import Settings
from core.storage.store import Store
from core.summaries import SummaryRun
from core.values import Job
from workers.delivery import folder, mail, webhook
from workers.delivery.outcomes import Outcome
from workers.delivery.rendering import written
from workers.delivery.reports import reported
from workers.delivery.wishes import checked
from workers.delivery.words import in_language


def bring(settings: Settings, store: Store, delivery: Delivery, run: SummaryRun, job: Job) -> Outcome:
    """Bring what a run says that has ended well, or that it failed.

    Raises `Refused` where nothing of it is open to who asked, and `InvalidRequest` where it may not go there any more.
    """
    wish = delivery.wish
    checked(settings, store, run.owner, [wish])
    words = in_language(wish.language)
    # As late as possible: what is closed or deleted by now is not told.
    report = reported(settings, store, delivery.id, run, job)
    if wish.channel is Channel.EMAIL:
        return mail.send(settings, delivery, mail.message(settings, delivery, report, words))
    text = written(report, wish.format, words, wish.language)
    if wish.channel is Channel.WEBHOOK:
        return webhook.send(settings, wish, delivery.id, text)
    return folder.send(settings, run, wish.format, text)
