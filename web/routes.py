"""Every route of the application: the table that serves requests, makes the OpenAPI document and drives the tests."""

from web.api import Route
from web.views import (
    answers,
    collections,
    conversations,
    documentation,
    documents,
    jobs,
    operations,
    pages,
    search,
    sign_in,
)

ROUTES: list[Route] = [
    *collections.routes,
    *documents.routes,
    *search.routes,
    *answers.routes,
    *conversations.routes,
    *jobs.routes,
    *operations.routes,
    *documentation.routes,
    *sign_in.routes,
    *pages.routes,
]
