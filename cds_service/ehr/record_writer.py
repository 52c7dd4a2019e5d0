"""Writes records of our own into an EHR's FHIR server, each once however often it is tried."""

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

import msgspec

from cds_service.ehr.answers import check_written, checked
from cds_service.ehr.web_client import WebClient
from cds_service.errors import NotObtainedError

SECONDS_A_CALL = 10.0
LARGEST_ANSWER = 1024 * 1024

_FHIR_JSON = "application/fhir+json"
_SERVERS_OWN = ("id", "meta")
_ID = re.compile(r"[A-Za-z0-9.-]{1,64}", re.ASCII)

Json = dict[str, Any]


class RecordWriter:
    """Writes to one server. `token` gives a token that holds now; it may raise NotObtainedError."""

    def __init__(self, server: str, web: WebClient, token: Callable[[], str]) -> None:
        self._server = server
        self._web = web
        self._token = token

    def write(self, record: Mapping[str, Any]) -> None:
        """Makes the resource there, or brings the one with its first identifier up to date.

        Raises NotObtainedError, whose text continues "The server ...".
        """
        kind, identifier = record["resourceType"], record["identifier"][0]
        query = f"identifier={quote(identifier['system'] + '|' + identifier['value'], safe='')}"
        resource = {name: found for name, found in record.items() if name not in _SERVERS_OWN}
        there = self._there(kind, query, identifier["value"])
        if there is None:
            # Another process may make it at this moment: the server then keeps the one it has.
            self._send("POST", kind, resource, {"If-None-Exist": query})
            return
        version = there.get("meta", {}).get("versionId")
        only = {"If-Match": f'W/"{version}"'} if isinstance(version, str) else {}
        resource |= {"id": there["id"]}
        self._send("PUT", f"{kind}/{quote(there['id'], safe='')}", resource, only)

    def _there(self, kind: str, query: str, value: str) -> Json | None:
        """The resource that the server has under this identifier."""
        url = f"{self._server}/{kind}?{query}"
        reply = self._web.get(url, self._headers(), SECONDS_A_CALL, LARGEST_ANSWER)
        found = [each for each in _found(checked(reply, kind), kind) if _carries(each, value)]
        if len(found) > 1:
            raise NotObtainedError("several", "has this record more than once")
        return found[0] if found else None

    def _send(self, method: str, path: str, resource: Json, headers: Mapping[str, str]) -> None:
        sent = {**self._headers(), **headers, "Content-Type": _FHIR_JSON}
        body = msgspec.json.encode(resource)
        url = f"{self._server}/{path}"
        reply = self._web.send(method, url, body, sent, (SECONDS_A_CALL, LARGEST_ANSWER))
        check_written(reply, resource["resourceType"])

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token()}", "Accept": _FHIR_JSON}


def _found(body: bytes, kind: str) -> list[Json]:
    """The resources of a kind in a searchset that name themselves."""
    try:
        bundle = msgspec.json.decode(body)
        entries = bundle.get("entry", [])
        found = [entry["resource"] for entry in entries]
        return [
            each for each in found if each["resourceType"] == kind and _ID.fullmatch(each.get("id"))
        ]
    except (msgspec.DecodeError, RecursionError, AttributeError, TypeError, KeyError):
        raise NotObtainedError("not-fhir", "answered with something that is not FHIR") from None


def _carries(record: Json, value: str) -> bool:
    """Whether it has the identifier: a server that ignores a search must not mislead us."""
    named = record.get("identifier")
    entries = named if isinstance(named, list) else []
    return any(isinstance(each, dict) and each.get("value") == value for each in entries)
