"""Receipts of deletions over REST, for administrators."""

from core.access import Action, require
from core.errors import Forbidden, InvalidRequest
from core.wire import Json, signed_receipt_json
from web import models
from web.api import Call, Endpoint, Routes
from web.paging import one_page

_PATH = "/api/v1/receipts"

routes = Routes("Receipts")


@routes.serve(
    Endpoint(
        "GET",
        _PATH,
        "List the receipts of deletions",
        models.ReceiptList,
        query=models.Paging,
        errors=(InvalidRequest, Forbidden),
    )
)
def index(call: Call, query: models.Paging) -> Json:
    """Receipts, the latest deletion first."""
    require(call.reader, Action.ADMINISTER)
    items, cursor = one_page(
        lambda after, limit: call.store.receipts.page(after=after, limit=limit), query.cursor, query.limit
    )
    return {"receipts": [signed_receipt_json(one) for one in items], "next_cursor": cursor}
