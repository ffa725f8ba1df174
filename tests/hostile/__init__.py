"""Files that somebody made to hurt: each is read within the limits or refused with a reason, and reaches nothing."""
