"""The storage as one object: opens the database, brings its schema up to date and holds the repositories."""

from core.settings import Settings
from core.storage.acceptances import Acceptances
from core.storage.agreements import Agreements
from core.storage.answers import Answers
from core.storage.changes import Changes
from core.storage.collections import Collections
from core.storage.database import Database
from core.storage.decisions import Decisions
from core.storage.deliveries import Deliveries
from core.storage.dissolution import Dissolution
from core.storage.documents import Documents
from core.storage.feedback import Opinions
from core.storage.files import FileStore
from core.storage.history import History
from core.storage.inspection import Inspection
from core.storage.installation import Installation
from core.storage.jobs import Jobs
from core.storage.migrate import migrate
from core.storage.paces import Paces
from core.storage.passages import Passages
from core.storage.people import People
from core.storage.quarantine import Quarantine
from core.storage.receipts import Receipts
from core.storage.rereading import Rereading
from core.storage.schedules import Schedules
from core.storage.soundness import Soundness
from core.storage.summaries import Summaries
from core.storage.tags import Tags
from core.storage.templates import Templates
from core.storage.testimony import Testimony
from core.storage.token_codes import TokenCodes
from core.storage.vectors import Vectors


class Store:
    """Everything that is stored. Thread-safe; open one for each process and close it at the end."""

    def __init__(self, settings: Settings) -> None:
        self.database = Database(settings.sqlalchemy_url)
        migrate(self.database, settings.data)
        self.files = FileStore(settings.files_dir, settings.max_file_bytes)
        self.collections = Collections(self.database)
        self.documents = Documents(self.database, self.files)
        self.rereading = Rereading(self.database)
        self.history = History(self.database)
        self.receipts = Receipts(self.database, self.files)
        self.dissolution = Dissolution(self.database, self.documents, self.receipts)
        self.passages = Passages(self.database)
        self.quarantine = Quarantine(self.database)
        self.changes = Changes(self.database)
        self.jobs = Jobs(self.database, settings.lease_seconds, settings.job_attempts)
        self.people = People(self.database)
        self.summaries = Summaries(self.database)
        self.deliveries = Deliveries(self.database)
        self.templates = Templates(self.database)
        self.paces = Paces(self.database)
        self.schedules = Schedules(self.database)
        self.acceptances = Acceptances(self.database)
        self.tags = Tags(self.database)
        self.answers = Answers(self.database)
        self.decisions = Decisions(self.database)
        self.opinions = Opinions(self.database)
        self.inspection = Inspection(self.database)
        self.soundness = Soundness(self.database, self.files, self.documents)
        self.testimony = Testimony(self.database, self.receipts, self.decisions)
        self.installation = Installation(self.database)
        self.agreements = Agreements(self.database)
        self.vectors = Vectors(self.database)
        self.token_codes = TokenCodes(self.database)

    def close(self) -> None:
        """Close the database connections."""
        self.database.close()
