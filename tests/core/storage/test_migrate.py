"""The migrations lead to exactly the schema that the code expects."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from core.settings import Settings
from core.storage import migrate
from core.storage.store import Store
from core.storage.tables import metadata
from tests.places import unmigrate
from tests.processes import printed_by


def test_the_migrated_schema_is_the_schema_in_the_code(store: Store) -> None:
    with store.database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_the_known_head_is_the_newest_migration() -> None:
    folder = migrate.__file__.removesuffix("migrate.py") + "migrations"

    assert ScriptDirectory(folder).get_current_head() == migrate.HEAD


def test_opening_again_changes_nothing(store: Store, settings: Settings) -> None:
    store.collections.create("Kept")

    again = Store(settings)

    assert again.collections.by_name("kept").name == "Kept"
    again.close()


def test_programs_that_start_together_migrate_once(settings: Settings) -> None:
    unmigrate(settings)
    opening = "from core.settings import load_settings; from core.storage.store import Store; Store(load_settings())"

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: printed_by(opening, settings), range(4)))

    with closing(Store(settings)) as store, store.database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
