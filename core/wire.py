"""The JSON forms of values: the same over REST, on the command line and in stored answers."""

from dataclasses import asdict
from typing import Any

from core.exchanges import Conversation, Feedback
from core.receipts import Receipt
from core.results import SearchResult
from core.summaries import Statement, Summary
from core.values import (
    Answer,
    Collection,
    DeletionReceipt,
    Document,
    Failure,
    Hit,
    Job,
    Sentence,
    Upload,
)
from core.versions import VersionSummary

Json = dict[str, Any]


def failure_json(error: Failure | None) -> Json | None:
    """`{code, message}`, or nothing."""
    return asdict(error) if error is not None else None


def collection_json(collection: Collection) -> Json:
    """A collection with its size."""
    return {
        "id": collection.id,
        "name": collection.name,
        "created_at": collection.created_at.isoformat(),
        "documents": collection.documents,
    }


def document_json(document: Document) -> Json:
    """A document as its newest version stands."""
    return {
        "id": document.id,
        "collection_id": document.collection_id,
        "path": document.path,
        "filename": document.filename,
        "title": document.title,
        "status": document.status.value,
        "progress": asdict(document.progress),
        "in_progress": document.in_progress,
        "pages": document.pages,
        "passages": document.passages,
        "version": document.version,
        "size": document.size,
        "sha256": document.sha256,
        "media_type": document.media_type,
        "language": document.language,
        "warnings": list(document.warnings),
        "error": failure_json(document.error),
        "job_id": document.job_id,
        "created_at": document.created_at.isoformat(),
        "tags": list(document.tags),
    }


def version_json(version: VersionSummary) -> Json:
    """One version of a document."""
    return {
        **asdict(version),
        "status": version.status.value,
        "warnings": list(version.warnings),
        **{
            name: at.isoformat() if (at := getattr(version, name)) is not None else None
            for name in ("created_at", "published_at", "superseded_at")
        },
    }


def conversation_json(conversation: Conversation) -> Json:
    """A conversation as a list shows it."""
    return {**asdict(conversation), "updated_at": conversation.updated_at.isoformat()}


def upload_json(upload: Upload) -> Json:
    """What became of an uploaded file."""
    document = upload.document
    return {
        "id": document.id,
        "filename": document.filename,
        "status": document.status.value,
        "change": upload.change.value,
        "job_id": upload.job_id,
        "error": failure_json(document.error),
    }


def receipt_json(receipt: DeletionReceipt) -> Json:
    """What a deletion removed."""
    return {
        **asdict(receipt),
        "deleted_at": receipt.deleted_at.isoformat(),
        "files_removed": list(receipt.files_removed),
        "receipt": signed_receipt_json(receipt.receipt),
    }


def signed_receipt_json(receipt: Receipt) -> Json:
    """A receipt as it is kept in a file and checked; `signature` is empty until the look for remains has ended."""
    return {"body": dict(receipt.body), "signature": receipt.signature, "public_key": receipt.public_key}


def job_json(job: Job) -> Json:
    """A job with its progress and outcome."""
    return {
        "id": job.id,
        "kind": job.kind,
        "state": job.state.value,
        "attempts": job.attempts,
        "progress": asdict(job.progress),
        "result": dict(job.result) if job.result is not None else None,
        "error": failure_json(job.error),
    }


def search_json(result: SearchResult) -> Json:
    """Hits, best first; where they come from only if that was asked for."""
    told: Json = {"hits": [_hit_json(hit) for hit in result.hits], "took_ms": round(result.took_ms, 2)}
    if (moderated := result.moderation) is not None:
        told["moderation"] = {
            "query": moderated.query,
            "text": moderated.text or None,
            "redacted": moderated.redacted,
            "marked": len(moderated.marks),
        }
        for hit in told["hits"]:
            hit["marks"] = list(moderated.marks.get(hit["passage_id"], ()))
    if result.explanation is not None:
        told["explanation"] = {
            "leads": [{**asdict(lead), "score": round(lead.score, 4)} for lead in result.explanation.leads],
            "words": list(result.explanation.words),
        }
    return told


def _hit_json(hit: Hit) -> Json:
    told: Json = {
        "rank": hit.rank,
        "score": round(hit.score, 4),
        "document_id": hit.passage.document_id,
        "filename": hit.passage.filename,
        "page": hit.passage.page,
        "place": hit.passage.place,
        "scan_confidence": hit.passage.confidence,
        "passage_id": hit.passage.id,
        "version": hit.passage.version,
        "superseded": hit.passage.superseded,
        "text": hit.passage.text,
    }
    if hit.scores is not None:
        scores = asdict(hit.scores)
        told["scores"] = {name: None if value is None else round(value, 4) for name, value in scores.items()}
    return told


def sentence_line(sentence: Sentence) -> str:
    """A sentence as a line of text, with the numbers of its citations."""
    return sentence.text + "".join(f" [{n}]" for n in sentence.citations)


def sentence_json(sentence: Sentence) -> Json:
    """A sentence with its verdict, why it was judged so, and the numbers of its citations."""
    return {
        "text": sentence.text,
        "verdict": sentence.verdict.value,
        "citations": list(sentence.citations),
        "reasons": list(sentence.reasons),
    }


def answer_json(answer: Answer) -> Json:
    """An answer with its sentences, verdicts and citations."""
    return {
        "id": answer.id,
        "answer": answer.answer,
        "status": answer.status.value,
        "sentences": [sentence_json(sentence) for sentence in answer.sentences],
        "citations": [asdict(citation) for citation in answer.citations],
        "moderation": asdict(answer.moderation),
        "model": answer.model,
        "took_ms": round(answer.took_ms, 2),
        "question_understood": answer.question_understood,
        "notices": [{"code": notice.code, "citations": list(notice.citations)} for notice in answer.notices],
    }


def statement_line(statement: Statement) -> str:
    """A statement as a line of text, with the numbers of its citations."""
    return statement.text + "".join(f" [{n}]" for n in statement.citations)


def summary_json(summary: Summary, template: str) -> Json:
    """A summary by the template of this name, with its statements, verdicts and citations."""
    return {
        "summary": "\n".join(map(statement_line, summary.statements)),
        "statements": [
            {
                "text": statement.text,
                "verdict": statement.verdict.value,
                "citations": list(statement.citations),
                "heading": statement.heading,
                "reasons": list(statement.reasons),
            }
            for statement in summary.statements
        ],
        "citations": [asdict(citation) for citation in summary.citations],
        "model": summary.model,
        "template": template,
        "took_ms": round(summary.took_ms, 2),
        "notices": [{"code": notice.code, "citations": list(notice.citations)} for notice in summary.notices],
        "moderation": summary.moderation,
    }


def feedback_json(feedback: Feedback | None) -> Json | None:
    """What somebody thinks of an answer, or nothing."""
    return None if feedback is None else {**asdict(feedback), "given_at": feedback.given_at.isoformat()}
