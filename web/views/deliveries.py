"""Deliveries over REST: which ways there are, and delivering again. How far they are is told with their runs."""

from core.deliveries import Channel
from core.errors import NotFound
from core.wire import Json
from web import delivery_models
from web.api import Call, Endpoint, Routes
from web.views.summaries import permitted_run
from workers.delivery.telling import delivery_told
from workers.delivery.wishes import available

routes = Routes("Deliveries")


@routes.serve(Endpoint("GET", "/api/v1/deliveries", "Say where reports can be delivered", delivery_models.Channels))
def channels(call: Call) -> Json:
    """Which ways the operator has set up."""
    ways = {channel.value: there for channel, there in available(call.settings).items()}
    return {**ways, "webhook_origins": list(call.settings.webhook_origins)}


@routes.serve(
    Endpoint(
        "POST",
        "/api/v1/summaries/{summary_id}/deliveries",
        "Deliver a report again",
        delivery_models.DeliveryTold,
        status=202,
        body=delivery_models.Repeat,
        errors=(NotFound,),
    )
)
def again(call: Call, summary_id: str, body: delivery_models.Repeat) -> Json:
    """Deliver again what has been delivered or has failed, and at once what waits for its next attempt."""
    run = permitted_run(call, summary_id)
    return delivery_told(call.store.deliveries.repeat(run.id, Channel(body.channel)))
