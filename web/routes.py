"""Every route of the application: the table that serves requests, makes the OpenAPI document and drives the tests."""

from web.api import Route
from web.views import (
    answers,
    ask_pages,
    chat,
    collections,
    conversations,
    document_pages,
    documentation,
    documents,
    jobs,
    moderation,
    moderation_pages,
    operations,
    pages,
    preferences,
    search,
    search_pages,
    sign_in,
)

ROUTES: list[Route] = [
    *collections.routes,
    *documents.routes,
    *search.routes,
    *answers.routes,
    *chat.routes,
    *conversations.routes,
    *jobs.routes,
    *moderation.routes,
    *operations.routes,
    *documentation.routes,
    *sign_in.routes,
    *preferences.routes,
    *pages.routes,
    *ask_pages.routes,
    *search_pages.routes,
    *document_pages.routes,
    *moderation_pages.routes,
]
