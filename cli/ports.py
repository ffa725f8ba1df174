"""Ports that a program can be started on."""

import socket

from core.errors import Conflict, InvalidRequest


def free_port(host: str, port: int) -> int:
    """The port, or any free one for 0. Raises `Conflict` when it is taken, `InvalidRequest` for a strange host."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            found: int = probe.getsockname()[1]
    except socket.gaierror:
        raise InvalidRequest(f"{host} is not an address of this machine.") from None
    except OSError as error:
        raise Conflict(
            f"Port {port} on {host} cannot be used ({error.strerror}). Choose another with --port."
        ) from None
    return found
