"""Sends one plain text mail through the site's own mail server."""

import smtplib
import ssl
from email.message import EmailMessage

from cds_service.errors import MailError
from cds_service.settings.digest import MailSettings

SECONDS_TO_WAIT = 20.0


def send(mail: MailSettings, message: EmailMessage) -> None:
    """Hands a message to the mail server, for every recipient. Raises MailError.

    Over TLS, but where the site says that its server on this machine has none.
    """
    try:
        with smtplib.SMTP(mail.host, mail.port, timeout=SECONDS_TO_WAIT) as server:
            if mail.starttls:
                server.starttls(context=_trusted(mail))
            if mail.user:
                server.login(mail.user, mail.password())
            refused = server.send_message(message)
    except (smtplib.SMTPException, OSError) as fault:
        # The server's own words can repeat addresses; the kind of fault tells what to look for.
        raise MailError(
            f"digest.mail: the mail server did not take the mail ({type(fault).__name__}). Look "
            "at host, port, starttls, user and password, and at the mail server's log."
        ) from None
    if refused:
        raise MailError(
            f"digest.mail: the mail server refused {len(refused)} of the recipients. Correct `to`."
        )


def _trusted(mail: MailSettings) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(mail.ca_file) if mail.ca_file else None)
