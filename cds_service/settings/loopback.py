"""Which hosts are this machine itself."""

from ipaddress import ip_address


def is_loopback(host: str | None) -> bool:
    """Whether a host name or an IP address leads nowhere but here; None and '' do not."""
    try:
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False
