"""GET, POST and PUT to servers that the site named, and what is read of their answers.

No redirect is followed, no proxy or password of the environment is used, no cookie is kept, and an
answer is read only up to a limit, decompressed.
"""

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from socket import socket
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError
from urllib3.util.connection import create_connection

from cds_service import __version__
from cds_service.ehr.addresses import Reach, address_of
from cds_service.ehr.call import NOT_IN_TIME, connection_is_used
from cds_service.errors import NotObtainedError

_PIECE = 65536
_GZIP = zlib.MAX_WBITS | 16
_AT_ONCE = 32
_HEADERS = {
    "Accept-Encoding": "gzip",
    "User-Agent": f"itb-pump-cds/{__version__}",
}


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it came; `body` is decompressed. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class WebClient:
    """Keeps connections to the servers of one client open between calls."""

    def __init__(self, allow_private_network: bool, authority: Path | None = None) -> None:
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.verify = str(authority) if authority else True
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        adapter = _Adapter(allow_private_network)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)

    def get(self, url: str, headers: Mapping[str, str], seconds: float, limit: int) -> Reply:
        """The answer to a GET. `seconds` bounds each wait for the network, not their sum.

        Raises NotObtainedError when there is none, or when it holds more than `limit` bytes.
        """
        return self._reply("GET", url, {"headers": {**_HEADERS, **headers}}, seconds, limit)

    def post_form(
        self,
        url: str,
        fields: Mapping[str, str],
        headers: Mapping[str, str],
        seconds: float,
        limit: int,
    ) -> Reply:
        """The answer to a form that is posted; bounds and errors as for `get`."""
        sent = {"headers": {**_HEADERS, **headers}, "data": dict(fields)}
        return self._reply("POST", url, sent, seconds, limit)

    def send(
        self,
        method: str,
        url: str,
        body: bytes,
        headers: Mapping[str, str],
        bounds: tuple[float, int],
    ) -> Reply:
        """The answer to a body that is sent; `bounds` are seconds and bytes, as for `get`."""
        sent = {"headers": {**_HEADERS, **headers}, "data": body}
        return self._reply(method, url, sent, *bounds)

    def _reply(
        self, method: str, url: str, sent: Mapping[str, Any], seconds: float, limit: int
    ) -> Reply:
        try:
            response = self._session.request(
                method, url, **sent, timeout=seconds, allow_redirects=False, stream=True
            )
            with response:
                body = _limited(response, limit)
        except (requests.Timeout, urllib3.exceptions.TimeoutError):
            raise NotObtainedError("timeout", NOT_IN_TIME) from None
        except (requests.exceptions.SSLError, urllib3.exceptions.SSLError):
            raise NotObtainedError("unreachable", "its certificate is not trusted") from None
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError):
            raise NotObtainedError("unreachable", "could not be reached") from None
        return Reply(response.status_code, _lower(response.headers), body)

    def close(self) -> None:
        """Closes the connections."""
        self._session.close()


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): text for name, text in headers.items()}


def _limited(response: requests.Response, limit: int) -> bytes:
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip", ""):
        raise NotObtainedError("not-fhir", "answered in a compression that was not asked for")
    pieces: Iterator[bytes] = response.raw.stream(_PIECE, decode_content=False)
    if encoding == "gzip":
        pieces = _unzipped(pieces, limit)
    kept, size = [], 0
    try:
        for piece in pieces:
            size += len(piece)
            if size > limit:
                raise NotObtainedError("too-large", "answered with more than can be read")
            kept.append(piece)
    except urllib3.exceptions.ProtocolError:
        raise NotObtainedError("broken-off", "broke off its answer") from None
    return b"".join(kept)


def _unzipped(pieces: Iterator[bytes], limit: int) -> Iterator[bytes]:
    """What the pieces decompress to, up to a little more than the limit."""
    decoder = zlib.decompressobj(_GZIP)
    try:
        for piece in pieces:
            yield decoder.decompress(piece, limit + 1)
            if decoder.unconsumed_tail:
                raise NotObtainedError("too-large", "answered with more than can be read")
        yield decoder.flush()
    except zlib.error:
        raise NotObtainedError("not-fhir", "answered with something that is not gzip") from None
    if not decoder.eof:
        raise NotObtainedError("not-fhir", "broke off its answer")


class _Adapter(HTTPAdapter):
    """Connections that look at the address before they are made."""

    def __init__(self, allow_private: bool) -> None:
        self._allow_private = allow_private
        super().__init__(pool_connections=4, pool_maxsize=_AT_ONCE, max_retries=0)

    def init_poolmanager(self, *options: Any, **named: Any) -> None:
        super().init_poolmanager(*options, **named)
        own, public = (_OwnHttpPool, _OwnHttpsPool), (_PublicHttpPool, _PublicHttpsPool)
        http, https = own if self._allow_private else public
        self.poolmanager.pool_classes_by_scheme = {"http": http, "https": https}


class _Guarded(HTTPConnection):
    # Without encryption only on the site's own network: the token and the record stay there.
    reach = Reach(private=False, public=False)

    def _new_conn(self) -> socket:
        address = address_of(self._dns_host, self.port, self.reach)
        try:
            made: socket = create_connection(
                (address, self.port), self.timeout, socket_options=self.socket_options
            )
        except TimeoutError as fault:
            raise ConnectTimeoutError(self, "no connection in time") from fault
        except OSError as fault:
            raise NewConnectionError(self, "no connection") from fault
        connection_is_used(made)
        return made

    def getresponse(self) -> Any:
        connection_is_used(self.sock)
        return super().getresponse()


class _GuardedTls(_Guarded, HTTPSConnection):
    reach = Reach()


class _OwnHttp(_Guarded):
    reach = Reach(private=True, public=False)


class _OwnTls(_GuardedTls):
    reach = Reach(private=True)


class _PublicHttpPool(HTTPConnectionPool):
    ConnectionCls = _Guarded


class _PublicHttpsPool(HTTPSConnectionPool):
    ConnectionCls = _GuardedTls


class _OwnHttpPool(HTTPConnectionPool):
    ConnectionCls = _OwnHttp


class _OwnHttpsPool(HTTPSConnectionPool):
    ConnectionCls = _OwnTls
