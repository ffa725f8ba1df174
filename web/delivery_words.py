"""What pages say of deliveries: by what way a report goes, how far it is, and why it did not arrive."""

from web.languages import gettext as _


def channels() -> dict[str, str]:
    """The ways."""
    return {
        "email": _("By e-mail"),
        "webhook": _("As a signed call"),
        "folder": _("As a file in the folder of this server"),
    }


def states() -> dict[str, str]:
    """How far a delivery is."""
    return {
        "waiting": _("Waiting"),
        "delivered": _("Delivered"),
        "failed": _("Not delivered"),
        "forbidden": _("No longer allowed"),
    }


def whys() -> dict[str, str]:
    """Why it did not arrive, by the code of what went wrong."""
    return {
        "refused": _("The server it goes to refused it."),
        "redirected": _("Its address leads elsewhere by now, which is not followed. Name the new address."),
        "unreachable": _("The server it goes to cannot be reached."),
        "too_slow": _("The server it goes to did not answer in time."),
        "broken_off": _("The server it goes to gave no valid answer."),
        "mail_settings": _("There is no safe way to the mail server. Tell whoever runs this server."),
        "folder_trouble": _("It could not be written to its folder. Tell whoever runs this server."),
        "not_allowed": _("Whoever runs this server does not allow it to go there, or not any more."),
        "forbidden": _("None of what it would say is open any more to whom it belongs."),
        "worker_lost": _("Delivering it was interrupted several times."),
        "run_cancelled": _("The run was stopped, so there is nothing to deliver."),
        "internal_error": _("Something went wrong that should not have happened. The server's log says more."),
    }
