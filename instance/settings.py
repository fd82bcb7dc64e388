"""The settings: one TOML file, overruled by AYNI_* variables; every one with its meaning."""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from federation.errors import FederationError
from federation.iri import origin_of
from instance.language import LANGUAGES

_CHOICES = {"language": tuple(LANGUAGES), "policy": ("generic", "hk")}


class SettingsError(ValueError):
    """A setting that cannot be used, with the sentence that says why."""


def setting(help_text: str, default: Any = MISSING, *, secret: bool = False) -> Any:
    """Declare a setting with what it is for; secret ones are also read from `AYNI_<NAME>_FILE`."""
    metadata = {"help": help_text, "secret": secret}
    if default is MISSING:
        return field(metadata=metadata)
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that differs between one instance and the next."""

    origin: str = setting("Where the world reaches this instance, such as https://coop.example.")
    name: str = setting("The co-op's name, as people read it.")
    database: str = setting(
        "Where rows live: sqlite+aiosqlite:///… or postgresql+asyncpg://….", secret=True
    )
    language: str = setting("The language of new people and of e-mail: en, zh-Hant or ar.", "en")
    timezone: str = setting("The IANA time zone of the place.", "Asia/Hong_Kong")
    currency: str = setting("The currency of pay, three letters.", "HKD")
    policy: str = setting("The working-time rules in force: generic or hk.", "generic")
    welcome: str = setting(
        "A Markdown file whose text stands on the first page; welcome.zh-Hant.md beside welcome.md"
        " is for those who read Chinese.",
        "",
    )
    help_contact: str = setting("Whom to turn to: a telephone number or an address.", "")
    listen: str = setting("Where the server listens, HOST:PORT.", "127.0.0.1:8080")
    plain_http: bool = setting("Whether peers may be reached over plain http.", False)
    loopback_peers: bool = setting("Whether peers may live on this machine.", False)
    allies_only: bool = setting(
        "Whether only allies, and whom an administrator allows, may speak to this instance.", False
    )
    peer_per_second: int = setting(
        "How many messages one other server may send in a second, on average.", 500
    )
    peer_waiting: int = setting(
        "How many of its messages may wait here for their effects; then it is asked to wait.",
        50_000,
    )
    smtp_host: str = setting("The server that sends e-mail; without it e-mail is only kept.", "")
    smtp_port: int = setting("The port of that server.", 587)
    smtp_user: str = setting("The name to sign in to it with.", "")
    smtp_password: str = setting("The password to sign in to it with.", "", secret=True)
    smtp_from: str = setting("The address that e-mail comes from.", "")
    text_gateway: str = setting(
        "The https address that sends text messages for the co-op; without it there are none.", ""
    )
    text_secret: str = setting(
        "The secret with which what goes to that address is signed.", "", secret=True
    )

    def __post_init__(self) -> None:
        """Refuse what cannot work, with a sentence."""
        try:
            origin = origin_of(self.origin)
        except FederationError as error:
            raise SettingsError(f"origin: {error}") from error
        if origin != self.origin:
            raise SettingsError(f"origin has to be written {origin}")
        for name, known in _CHOICES.items():
            if getattr(self, name) not in known:
                raise SettingsError(f"{name} is {' or '.join(known)}")
        if not _is_zone(self.timezone):
            raise SettingsError("timezone is an IANA name, such as Asia/Hong_Kong or Europe/Madrid")
        if not _is_place(self.listen):
            raise SettingsError("listen is HOST:PORT, such as 127.0.0.1:8080")
        _require_gateway(self.text_gateway, self.text_secret, plain=self.plain_http)
        if self.peer_per_second < 1 or self.peer_waiting < 1:
            raise SettingsError("peer_per_second and peer_waiting are 1 or more")
        if not self.database.startswith(("sqlite+aiosqlite://", "postgresql+asyncpg://")):
            raise SettingsError("database starts with sqlite+aiosqlite:// or postgresql+asyncpg://")
        if origin.startswith("http://") and not self.plain_http:
            raise SettingsError("origin is plain http: set plain_http = true if that is meant")

    @property
    def on_sqlite(self) -> bool:
        """Whether rows live in a SQLite file."""
        return self.database.startswith("sqlite")

    @property
    def host(self) -> str:
        """Host and port, as in addresses such as name@host."""
        return self.origin.partition("://")[2]


def _require_gateway(address: str, secret: str, *, plain: bool) -> None:
    if not address:
        return
    if not address.startswith(("https://", "http://") if plain else "https://"):
        raise SettingsError("text_gateway starts with https://")
    if len(secret) < 16:
        raise SettingsError("text_secret has to be 16 characters or more, for text_gateway")


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _is_place(listen: str) -> bool:
    _, colon, port = listen.rpartition(":")
    return bool(colon) and port.isdecimal() and int(port) < 65536


def load(path: Path | None, environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from a file and the environment.

    Raises SettingsError for a key nobody knows (naming the nearest one), a value of another kind,
    or one that is missing.
    """
    environ = os.environ if environ is None else environ
    values = _read_file(path) if path else {}
    values |= _read_environment(environ)
    known = {one.name: one for one in fields(Settings)}
    for name, value in values.items():
        if name not in known:
            raise SettingsError(_unknown(name, known))
        values[name] = _convert(known[name], value)
    missing = [n for n, one in known.items() if one.default is MISSING and n not in values]
    if missing:
        raise SettingsError(f"missing: {', '.join(missing)}")
    return Settings(**values)


def _read_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: {error}") from error


def _read_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    secret = {one.name for one in fields(Settings) if one.metadata["secret"]}
    found: dict[str, Any] = {}
    for variable, value in environ.items():
        name = variable.removeprefix("AYNI_").lower()
        ours = variable.startswith("AYNI_") and not name.startswith("test_")
        if not ours or name in {"config", "demo_data"}:
            continue
        if name.endswith("_file") and name.removesuffix("_file") in secret:
            found[name.removesuffix("_file")] = _read_secret(variable, Path(value))
        else:
            found[name] = value
    return found


def _read_secret(variable: str, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise SettingsError(f"{variable}: {path} cannot be read: {reason}") from error


def _unknown(name: str, known: Mapping[str, Any]) -> str:
    near = difflib.get_close_matches(name, known, 1, 0.5)
    hint = f"; did you mean {near[0]}?" if near else f"; known are {', '.join(sorted(known))}"
    return f"unknown setting {name}{hint}"


def _convert(one: Field[Any], value: Any) -> Any:
    kinds: dict[str, type] = {"str": str, "bool": bool, "int": int}
    kind = kinds[str(one.type)]
    if isinstance(value, kind) and not (kind is int and isinstance(value, bool)):
        return value
    if kind is bool and str(value).lower() in {"true", "1", "yes", "false", "0", "no"}:
        return str(value).lower() in {"true", "1", "yes"}
    if kind is int and str(value).isdigit():
        return int(value)
    raise SettingsError(f"{one.name} has to be {'a number' if kind is int else kind.__name__}")
