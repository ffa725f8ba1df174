"""What scripts say, and what codes mean to people: all texts that do not stand in a template.

Texts have places such as `%(name)s`; scripts fill them in. How a text comes into another language is not decided here.
"""

from core.scans import POOR_CONFIDENCE
from llm.export import Words
from web.languages import gettext as _
from web.languages import ngettext
from web.place_names import place_name, place_words


def for_scripts() -> dict[str, object]:
    """Everything that scripts say, in the language of the request."""
    return {
        "words": {**_common(), **_library(), **_asking(), **_opinions(), **_summaries()},
        "counted": {name: (_form(texts, 1), _form(texts, 2)) for name, texts in _counted().items()},
        "troubles": troubles(),
        "warnings": warnings(),
        "poor_confidence": POOR_CONFIDENCE,
        "statuses": statuses(),
        "stages": stages(),
    }


def _form(texts: tuple[str, str], n: int) -> str:
    return ngettext(*texts, n)


def forms(one: str, other: str) -> tuple[str, str]:
    """Marks a text and its plural for translation, which comes later."""
    return one, other


def _common() -> dict[str, str]:
    return {
        "trouble": _("Something went wrong"),
        "close": _("Close"),
        "cancel": _("Cancel"),
        "continue": _("Continue"),
        "create": _("Create"),
        "save": _("Save"),
        "delete": _("Delete"),
        "deleted": _("Deleted."),
        "retry": _("Try again"),
        "stop": _("Stop"),
        "copy": _("Copy with sources"),
        "copied": _("Copied."),
        "copy.failed": _("Your browser does not allow copying here. Select the text and copy it yourself."),
        "loading": _("Loading …"),
        "collections": _("Collections"),
        "documents": _("Documents"),
        "page.n": _("Page %(n)s"),
        "page.of": _("Page %(n)s of %(all)s"),
        "page.loading": _("Fetching the page …"),
        "page.text": _("Text of this page"),
        "page.alt": _("Page %(n)s of %(name)s; its text follows below."),
        "page.alt.marked": _("Page %(n)s of %(name)s with the passage marked; its text follows below."),
        **{f"place.{word}": named for word, named in place_words().items()},
        "warning.words": _("Words: %(n)s. Pages:"),
        "left.moment": _("less than a minute left"),
        "stage.counted": _("%(stage)s: %(done)s of %(total)s"),
    }


def _library() -> dict[str, str]:
    return {
        "collection.new": _("New collection"),
        "collection.name": _("Name"),
        "collection.rename": _("Rename collection"),
        "collection.delete": _("Delete this collection?"),
        "collection.delete.text": _("All its documents are deleted with it. This cannot be undone."),
        "document.delete": _("Delete this document?"),
        "document.delete.text": _("All its versions are deleted, and answers that cite it are withdrawn."),
        "document.delete.named": _("Delete %(name)s"),
        "reprocess": _("Read again"),
        "reprocess.all": _("Read all documents again?"),
        "reprocess.all.text": _(
            "What was read before answers until the new reading takes its place. Uploads go first."
        ),
        "retry.named": _("Try to read %(name)s again"),
        "version.replaced": _("version %(n)s, replaced by version %(now)s"),
        "version.n": _("Version %(n)s"),
        "tags": _("Tags"),
        "tags.label": _("Tags, with commas between them"),
        "kinds.all": _("All kinds"),
        "kinds.types": _("Kind"),
        "kinds.languages": _("Language"),
        "filter.found": _("%(found)s of %(all)s documents"),
        "clash.title": _("These names are taken"),
        "clash.for": _("What to do with %(name)s"),
        "clash.all": _("For all of them"),
        "clash.version": _("New version"),
        "clash.version.text": _("replaces the document in answers; the old version can still be downloaded."),
        "clash.keep_both": _("Keep both"),
        "clash.keep_both.text": _("adds the file under a name with a number."),
        "clash.skip": _("Skip"),
        "clash.skip.text": _("does not upload the file."),
        "upload.folder": _("Folder"),
        "upload.done": _("Upload finished"),
        "upload.clear": _("Clear"),
        "upload.waiting": _("Waiting"),
        "upload.unchanged": _("Already there, unchanged"),
        "upload.dismiss": _("Remove from this list"),
        "upload.too_large": _("At most %(most)s are accepted for one file. Split it into parts or compress it."),
    }


def _asking() -> dict[str, str]:
    return {
        "answer.looking": _("Looking through your documents …"),
        "answer.next": _("The model is busy with other questions. Yours is next …"),
        "answer.checking": _("Checking each sentence …"),
        "answer.understood": _("Understood as: %(question)s"),
        "answer.quoted": _("Quoted from your documents"),
        "answer.written": _("Written by %(model)s: check the sources"),
        "answer.generated": _("AI-generated, may be wrong"),
        "answer.took": _("%(seconds)s s"),
        "answer.not_found": _("Not found in your documents"),
        "answer.not_found.text": _("Try other words, or look in more collections."),
        "answer.blocked": _("This question is not answered here"),
        "notice.conflicting_sources": _("Your documents disagree here: these sources give different figures."),
        "notice.passages_kept_out": _("Passages that talk to a language model were found and not used."),
        "notice.poor_scan": _("These sources are low-quality scans: compare them with the picture of the page."),
        "scan.poor": _("low-quality scan"),
        "answer.unavailable": _("The language model did not answer"),
        "answer.unavailable.text": _("These passages of your documents fit the question. You can also try again."),
        "answer.unavailable.none": _("Try again in a moment."),
        "answer.withdrawn": _("This answer has been withdrawn"),
        "answer.withdrawn.text": _("A document that it cited was deleted, or is no longer open to you. Ask again."),
        "answer.stopped": _("Stopped"),
        "answer.stopped.text": _("This answer is not kept."),
        "answer.broke": _("The connection broke off"),
        "answer.broke.text": _("Check your connection, then try again."),
        "answer.incomplete": _("What you see above is incomplete."),
        "verdict.partly": _("partly supported"),
        "verdict.unsupported": _("not supported"),
        **whys(),
        "source.at": _("%(name)s, page %(page)s"),
        "source.n": _("Source %(n)s: %(place)s"),
        "sources.title": _("Sources"),
        "scope.all": _("All collections"),
        "scope.title": _("Where to look"),
        "scope.filter": _("Find a document"),
        "scope.reset": _("Everywhere"),
        "scope.done": _("Done"),
        "scope.none": _("No documents to choose from."),
        "conversation.delete": _("Delete this conversation?"),
        "conversation.delete.text": _("Its questions and answers are deleted."),
        "conversation.delete.named": _("Delete the conversation “%(name)s”"),
    }


def whys() -> dict[str, str]:
    """Why a sentence was judged as it was, by the codes of `llm.verification`."""
    return {
        "verdict.why.verbatim": _("It stands in the source word for word."),
        "verdict.why.facts_agree": _("What the source says agrees."),
        "verdict.why.number": _("A number is not that of the source."),
        "verdict.why.unit": _("A unit is not that of the source."),
        "verdict.why.scale": _("A number is of another size than in the source."),
        "verdict.why.date": _("A date or year is not that of the source."),
        "verdict.why.name": _("A name does not stand in the source."),
        "verdict.why.role": _("Who or what does what is the other way round in the source."),
        "verdict.why.negation": _("The source says the opposite: one of both has a “not”."),
        "verdict.why.direction": _("It goes the other way in the source."),
        "verdict.why.quantifier": _("The source does not say this of so many or so few."),
        "verdict.why.not_found": _("The sources do not say this."),
        "verdict.why.partly_found": _("Parts of it were not found in the source."),
        "verdict.why.another_language": _(
            "The source is in another language: only numbers, dates and names were compared."
        ),
        "verdict.why.model": _("The language model disagrees as well."),
    }


def _summaries() -> dict[str, str]:
    return {
        "summary.ended": _("The summary has ended."),
        "summary.delete": _("Delete this summary?"),
        "summary.delete.text": _("What it says and its deliveries are gone then. What has arrived elsewhere stays."),
        "schedule.delete": _("Delete this schedule?"),
        "schedule.delete.text": _("What it has written stays."),
        "template.delete": _("Delete this template?"),
        "template.delete.text": _("What was written by it stays; schedules that use it need another one."),
        "preview": _("Preview"),
        "preview.writing": _("The preview is being written …"),
        "preview.none": _("Nothing in this document says what the template asks for."),
        "preview.open": _("Open it with its sources"),
        "estimate.none": _("There is no document that fits."),
        "estimate.soon": _("less than a minute"),
    }


def _opinions() -> dict[str, str]:
    return {
        "export": _("Download"),
        "export.title": _("Download this answer with its sources as Markdown"),
        "feedback": _("What do you think of this answer?"),
        "feedback.up": _("Helpful"),
        "feedback.down": _("Not helpful"),
        "feedback.thanks": _("Thank you. Your feedback has been kept."),
        "feedback.taken": _("Your feedback has been taken back."),
        "feedback.title": _("What was wrong?"),
        "feedback.reason": _("Reason"),
        **{f"feedback.reason.{code}": meaning for code, meaning in reasons().items()},
        "feedback.text": _("In your own words, if you like"),
        "feedback.seen": _("Administrators see this, together with your question and the answer."),
        "feedback.send": _("Send"),
    }


def reasons() -> dict[str, str]:
    """What the codes mean that say what was wrong with an answer."""
    return {
        "wrong": _("It is wrong"),
        "incomplete": _("Something is missing"),
        "not_found": _("The documents say it, but it was not found"),
        "wrong_source": _("The source does not say this"),
        "outdated": _("It is out of date"),
        "unclear": _("It is hard to understand"),
        "harmful": _("It is harmful, or shows what it should not"),
        "other": _("Something else"),
    }


def for_exports() -> Words:
    """What exported answers say of their own, in the language of the request."""
    return Words(
        sources=_("Sources"),
        page=_("page %(page)s"),
        place=place_name,
        poor=_("low-quality scan"),
        replaced=_("version %(version)s, replaced by version %(current_version)s"),
        understood=_("Understood as: %(question)s"),
        quoted=_("Quoted from your documents"),
        written=_("Written by %(model)s, which may be wrong: check the sources"),
        partly=_("partly supported"),
        unsupported=_("not supported"),
        withdrawn=_("This answer has been withdrawn"),
        asked=_("Asked on %(at)s"),
    )


def _counted() -> dict[str, tuple[str, str]]:
    return {
        "documents": forms("%(n)s document", "%(n)s documents"),
        "documents.queued": forms("%(n)s document is read again.", "%(n)s documents are read again."),
        "left.minutes": forms("about %(n)s minute left", "about %(n)s minutes left"),
        "left.hours": forms("about %(n)s hour left", "about %(n)s hours left"),
        "documents.busy": forms("%(n)s still to be read", "%(n)s still to be read"),
        "documents.bad": forms("%(n)s needs your attention", "%(n)s need your attention"),
        "clash.text": forms(
            "A document of this name is already in the collection. What should happen to the new file?",
            "Documents of these %(n)s names are already in the collection. What should happen to the new files?",
        ),
        "upload.open": forms("Uploading %(n)s file", "Uploading %(n)s files"),
        "upload.failed": forms("%(n)s file was not uploaded", "%(n)s files were not uploaded"),
        "upload.more": forms("and %(n)s more", "and %(n)s more"),
        "scope.collections": forms("%(n)s collection", "%(n)s collections"),
        "scope.documents": forms("%(n)s document", "%(n)s documents"),
        "narrow.chosen": forms("Narrowed by %(n)s filter", "Narrowed by %(n)s filters"),
        "scope.more": forms(
            "%(n)s more; type a part of its name to find it.", "%(n)s more; type a part of a name to find it."
        ),
        "estimate.pages": forms("%(n)s page", "%(n)s pages"),
        "estimate.tokens": forms("%(n)s token to read", "%(n)s tokens to read"),
        "estimate.minutes": forms("about %(n)s minute", "about %(n)s minutes"),
        "sources": forms("%(n)s source", "%(n)s sources"),
        "answer.waiting": forms(
            "The model is busy. %(n)s question is ahead of yours …",
            "The model is busy. %(n)s questions are ahead of yours …",
        ),
        "passages.found": forms("%(n)s passage", "%(n)s passages"),
        "verdict.explained": forms(
            "%(n)s marked sentence says more than its sources do. Check it before you rely on it.",
            "%(n)s marked sentences say more than their sources do. Check them before you rely on them.",
        ),
    }


def troubles() -> dict[str, tuple[str, str]]:
    """For every code of an error its title, and what to do about it."""
    return {**_of_documents(), **_of_requests()}


def _of_documents() -> dict[str, tuple[str, str]]:
    return {
        "corrupt": (_("Damaged file"), _("It cannot be opened. Save the original once more and upload that.")),
        "empty": (_("Empty file"), _("There is nothing in it. Check the original and upload it again.")),
        "unsupported": (
            _("Unknown kind of file"),
            _("PDF, office files, mail, web pages, Markdown, CSV, pictures and text are read. Save it as PDF."),
        ),
        "password_required": (_("Locked by a password"), _("Give its password, or upload a copy without one.")),
        "wrong_password": (_("Wrong password"), _("The password does not open the document. Try another.")),
        "parser_limit": (_("Too much to read"), _("Reading it took too much time or memory. Split it into parts.")),
        "unreadable": (_("Cannot be read"), _("Save the original once more, as PDF if possible, and upload that.")),
        "too_large": (_("Too large"), _("It is over the size limit. Split it into parts or compress it.")),
        "missing_file": (_("Stored file is missing"), _("Upload it again, and tell whoever runs this server.")),
        "worker_lost": (_("Reading was interrupted"), _("It stopped several times without a reason. Try again later.")),
        "cancelled": (_("Cancelled"), _("Reading was cancelled. Try again to read it.")),
        "lease_lost": (_("Reading was interrupted"), _("Try again.")),
        "no_page_image": (_("No picture of this page"), _("Read the page's text instead.")),
        "unreadable_folder": (_("Folder cannot be read"), _("Your browser may not open it. Choose its files instead.")),
        "empty_folder": (_("Empty folder"), _("There are no files in it.")),
        "stopped": (_("Stopped"), _("This file was not uploaded.")),
    }


def _of_requests() -> dict[str, tuple[str, str]]:
    return {
        "not_a_backup": (_("Not a backup"), _("It is damaged, or no backup at all. Nothing of it was used.")),
        "network": (_("No connection"), _("The server cannot be reached. Check your connection, then try again.")),
        "internal_error": (_("Something went wrong"), _("This should not have happened. The server's log says more.")),
        "invalid_request": (_("This is not possible"), ""),
        "unknown_setting": (_("A setting is not valid"), ""),
        "not_signed_in": (_("Sign in first"), _("You are signed out. Open a sign-in link, then load this page again.")),
        "forbidden": (_("Not allowed"), _("Your role does not allow this. Ask an owner of the collection.")),
        "not_found": (_("Not found"), _("It does not exist, or you have no access to it.")),
        "conflict": (_("Already there"), _("It clashes with something that exists. Choose another name, or reload.")),
        "too_many_requests": (_("Too many requests"), _("Wait a moment, then try again.")),
        "unavailable": (_("Not available right now"), _("Wait a moment, then try again.")),
        "model_unavailable": (_("The language model does not answer"), _("Wait a moment, then try again.")),
        "embedder_missing": (_("Searching is not prepared"), _("Tell whoever runs this server: make install.")),
        "embedder_changed": (_("Searching is not prepared"), _("Tell whoever runs this server: archivar reindex.")),
        "embedder_replaced": (_("Not available right now"), _("Wait a moment, then try again.")),
        "storage_full": (_("The disk is full"), _("Nothing was stored. Tell whoever runs this server.")),
        "method_not_allowed": (_("This is not possible"), ""),
        "request_timeout": (_("Too slow"), _("The upload paused for too long. Try again.")),
        "unsupported_media_type": (_("This is not possible"), ""),
        "requested_range_not_satisfiable": (_("This is not possible"), ""),
    }


def warnings() -> dict[str, tuple[str, str]]:
    """For every warning about a document its title, and what it means."""
    return {
        "no_text": (
            _("Pages without text"),
            _("On some pages there are no words that could be read. They are not searched."),
        ),
        "ocr_failed": (_("Scans not read"), _("The words in some scanned pages could not be read. Pages:")),
        "poor_scan": (_("Low-quality scan"), _("The words in some scanned pages may have been misread. Pages:")),
        "type_mismatch": (
            _("Name and content differ"),
            _("Its name says another kind of file; it was read all the same."),
        ),
        "hidden_text": (
            _("Hidden text left out"),
            _("It has text that nobody sees who opens it. That was not read, and is not searched."),
        ),
        "instructions": (
            _("Talks to a language model"),
            _("Some passages are not for readers but tell a language model what to do. Look at them first. Pages:"),
        ),
        "scripts": (_("Has scripts"), _("It would run scripts in other programs. Here nothing was run.")),
        "launches": (_("Starts programs"), _("It has links that start programs elsewhere. Here nothing was started.")),
        "embedded_files": (_("Has files inside"), _("It has files in it. They were neither opened nor read.")),
        "cut_off": (
            _("Not read to its end"),
            _("It is larger than what is read of one document. What comes after that is not searched: split the file."),
        ),
        "uncalculated": (
            _("Formulas without results"),
            _(
                "Some cells hold formulas whose results were not saved with it; they are not searched. "
                "Open it in a spreadsheet program, save it there and upload that."
            ),
        ),
        "attachment_not_read": (
            _("Attachments not read"),
            _("Some of what is attached could not be read. Upload it by itself to learn why."),
        ),
        "invisible_characters": (
            _("Invisible characters left out"),
            _("It has characters that nobody sees and that can carry text, or turn its direction. They were left out."),
        ),
        "not_read_again": (
            _("Could not be read again"),
            _("Reading it once more did not work. What was read before still answers. Reason:"),
        ),
        "damaged": (_("Damaged, but read"), _("Parts of it may be missing. Compare it with the original.")),
        "fallback_parser": (
            _("Read in another way"),
            _("It is not quite regular; tables and columns may be mixed up."),
        ),
    }


def statuses() -> dict[str, str]:
    """The states of a document."""
    return {
        "queued": _("Waiting"),
        "processing": _("Being read"),
        "ready": _("Ready"),
        "failed": _("Not read"),
        "password_required": _("Locked by a password"),
        "quarantined": _("Held back"),
    }


def stages() -> dict[str, str]:
    """The steps of reading a document."""
    return {
        "queued": _("Waiting"),
        "reading": _("Reading pages"),
        "recognising": _("Reading scanned pages"),
        "splitting": _("Finding passages"),
        "embedding": _("Preparing search"),
        "publishing": _("Nearly done"),
    }
