"""Work that outlives a request: Celery over Redis, where a message is only a doorbell and a SQL row the truth.

Imports core, ingest, retrieval and llm; web and cli import it. Celery is known nowhere else.
"""
