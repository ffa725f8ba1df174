"""What the licence of an attached Llama asks of the pages: its notice, and that each person accepts its conditions.

Browsers are asked, API keys and the command line are not: there whoever runs the server answers for the conditions.
"""

from collections.abc import Callable
from dataclasses import dataclass

from core.storage.acceptances import Acceptances
from llm import duties
from llm.catalogue import Licence
from web.identity import Identity

# Counts up when the words on the page of conditions change what people agree to.
_WORDING = 1


@dataclass(frozen=True, slots=True)
class Duties:
    """`model` gives the name of the attached model, empty without one or while nobody knows it."""

    model: Callable[[], str]
    acceptances: Acceptances

    @property
    def licence(self) -> Licence | None:
        """The licence of the attached Llama; None without one."""
        return duties.licence_of(self.model())

    @property
    def version(self) -> str:
        """Which text is accepted; empty where there is none."""
        licence = self.licence
        return f"{licence.version}; {_WORDING}" if licence is not None else ""

    def lacks_acceptance(self, identity: Identity) -> bool:
        """Whether the person of a browser has to accept the conditions first."""
        return bool(self.version) and identity.session is not None and self.accepted_at(identity) is None

    def accepted_at(self, identity: Identity) -> float | None:
        """When the person accepted the conditions that hold now, in seconds since 1970."""
        user_id = identity.reader.user_id
        return self.acceptances.accepted_at(user_id, self.version) if user_id is not None else None
