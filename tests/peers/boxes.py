"""The two independent implementations that we are tested against, each behind the same few words.

Both keep one global back end per process, which is set for a reading and taken away after it.
"""

import copy
import re
from contextlib import contextmanager

import active_boxes.activitypub as active
import active_boxes.backend
import little_boxes.activitypub as little

VERSIONS = {"active-boxes": "0.2.6", "little-boxes": "0.1.0"}


class _Documents:
    """Answers from documents at hand, in place of the network."""

    def __init__(self, documents):
        self._documents = documents

    def fetch_iri(self, iri, **_more):
        known = self._documents.get(iri) or self._documents[iri.partition("#")[0]]
        return copy.deepcopy(known)

    fetch_iri_sync = fetch_iri


class _ActiveBackend(_Documents, active_boxes.backend.Backend):
    def base_url(self):
        return "https://peer.example"

    def activity_url(self, obj_id):
        return f"https://peer.example/activities/{obj_id}"

    def note_url(self, obj_id):
        return f"https://peer.example/notes/{obj_id}"


class _LittleBackend(_Documents, little.BaseBackend):
    """As it comes, but for where documents are from."""


@contextmanager
def backend(peer, documents):
    """Let a peer know these documents, by id."""
    module, kind = {
        "active-boxes": (active, _ActiveBackend),
        "little-boxes": (little, _LittleBackend),
    }[peer]
    before = module.BACKEND
    module.use_backend(kind(documents))
    try:
        yield module
    finally:
        module.use_backend(before)


def build(peer, kind, documents, **members):
    """Let a peer build an activity as it would send it."""
    with backend(peer, documents) as module:
        built = module.parse_activity({"type": kind, **copy.deepcopy(members)})
        return built.to_dict()


def reading(peer, document, documents):
    """Let a peer read a document as if it had come in; return why it cannot, or None."""
    with backend(peer, documents) as module:
        try:
            read = module.parse_activity(copy.deepcopy(document))
            if "actor" in document and isinstance(document.get("object"), dict):
                inner = read.get_object_sync() if module is active else read.get_object()
                assert inner.id == document["object"].get("id")
        except Exception as error:  # noqa: BLE001  # whatever it stumbles over is what we want to know
            return _reason(error)
    return None


def _reason(error):
    text = str(getattr(error, "message", "") or error)
    if found := re.search(r"'(\w+)' is not a valid ActivityType", text):
        return f"does not know {found[1]}"
    if found := re.search(r"unexpected object type (\w+)", text):
        return f"does not take {found[1]} there"
    if found := re.search(r"unsupported activity type (\w+)", text):
        return f"knows {found[1]} by name only"
    if text == "missing actor":
        return "wants `actor` on what is no activity"
    return text.partition(" {")[0].partition("\n")[0][:60] or type(error).__name__
