"""How the two systems are reached, from the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cchc.settings import Settings

if TYPE_CHECKING:
    from ingestion.sources.access import SourceAccess


def portal_access(settings: Settings, **changes: Any) -> SourceAccess:
    """The portal, as the settings have it; ``changes`` are other fields of ``SourceAccess``."""
    return _access(settings, settings.portal_url, settings.portal_client, changes)


def edoc_access(settings: Settings, **changes: Any) -> SourceAccess:
    """The e-document system, likewise."""
    return _access(settings, settings.edoc_url, settings.edoc_client, changes)


def _access(settings: Settings, url: str, client: tuple[str, str], changes: dict[str, Any]) -> SourceAccess:
    from ingestion.sources.access import SourceAccess

    trusted: bool | str = str(settings.ca_file) if settings.ca_file else True
    return SourceAccess(
        base_url=url,
        client_id=client[0],
        client_secret=client[1],
        verify_tls=trusted,
        limits=settings.limits,
        **changes,
    )
