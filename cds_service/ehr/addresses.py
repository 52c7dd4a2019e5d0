"""Which network addresses may be connected to; a name is looked up once, just before that."""

import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from cds_service.errors import NotObtainedError

# Gateways that reach an IPv4 address written in the last 32 bits (RFC 6052).
_TRANSLATED = IPv6Network("64:ff9b::/96")
_LAST_32_BITS = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Reach:
    """Which networks a client's servers may be on: the public one always, the site's own if so."""

    private: bool = False
    public: bool = True

    def holds(self, text: str) -> bool:
        """Whether an address may be connected to."""
        address = _meant(ip_address(text.partition("%")[0]))
        if address.is_multicast or address.is_unspecified or address.is_link_local:
            return False
        if address.is_loopback or address.is_private:
            return self.private
        return self.public and address.is_global


def address_of(host: str, port: int, reach: Reach) -> str:
    """The numeric address to connect to.

    Connecting to it, and not to the name again, leaves no moment for the name to change its mind.
    Raises NotObtainedError when the name is unknown, or stands for an address that is not allowed.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NotObtainedError("unreachable", "its name is not known to the network") from None
    addresses = [str(place[4][0]) for place in found]
    if not addresses or not all(reach.holds(each) for each in addresses):
        raise NotObtainedError("forbidden-address", "it is at an address that may not be asked")
    return addresses[0]


def _meant(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that an IPv6 address stands for, if it does."""
    if isinstance(address, IPv4Address):
        return address
    if address in _TRANSLATED:
        return IPv4Address(int(address) & _LAST_32_BITS)
    return address.ipv4_mapped or address.sixtofour or address
