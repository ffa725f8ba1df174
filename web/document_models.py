"""The typed bodies of what is done to one document, beyond those in `web.models`."""

from typing import Annotated

from pydantic import Field, SecretStr

from web.models import Request


class GivenPassword(Request):
    """The password of a locked file; it is used and not kept."""

    password: Annotated[SecretStr, Field(min_length=1, max_length=1024)]
