"""Lineage events (OpenLineage), where ``CCHC_OPENLINEAGE`` says where to send them: the night's assets as datasets, and
which table dbt built from which.

Airflow's provider tells of the DAG and its tasks by itself. It learns from ``provider`` (an entry point of this package) what an
address ``cchc://`` is; what dbt did is told by ``tell_dbt``, as a child of the task that ran it.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult

from cchc.settings import Settings

if TYPE_CHECKING:
    from airflow.sdk import Asset
    from openlineage.client.event_v2 import Dataset

NAMESPACE = "cchc"
PRODUCER = "urn:cchc-warehouse"
#: Namespace, job and run of the task that runs dbt, as OpenLineage's own tools name it.
_PARENT = "OPENLINEAGE_PARENT_ID"
_LOG = logging.getLogger(__name__)


def provider() -> dict[str, Any]:
    """What Airflow is told of this package."""
    return {
        "package-name": "cchc-warehouse",
        "name": "CCHC",
        "description": "The nightly warehouse of a province's administrative-reform statistics",
        "asset-uris": [
            {
                "schemes": ["cchc"],
                "handler": f"{__name__}.as_it_is",
                "to_openlineage_converter": f"{__name__}.as_dataset",
            }
        ],
    }


def as_it_is(address: SplitResult) -> SplitResult:
    """An asset's address needs no other form."""
    return address


def as_dataset(asset: Asset, _: object) -> Dataset:
    """``cchc://warehouse/raw`` as OpenLineage's dataset ``warehouse/raw`` of ``cchc``."""
    from openlineage.client.event_v2 import Dataset

    return Dataset(namespace=NAMESPACE, name=asset.uri.removeprefix("cchc://"))


def lineage_environment(settings: Settings) -> dict[str, str]:
    """What Airflow's provider is told by environment; nothing where no events are wanted."""
    transport = settings.openlineage.get_secret_value()
    if not transport:
        return {}
    return {
        "AIRFLOW__OPENLINEAGE__TRANSPORT": transport,
        "AIRFLOW__OPENLINEAGE__NAMESPACE": NAMESPACE,
        "AIRFLOW__OPENLINEAGE__DISABLE_SOURCE_CODE": "True",
    }


def remember_task(settings: Settings, context: Mapping[str, Any]) -> None:
    """Keep which task this process works for, so that dbt's events can name it."""
    if not settings.openlineage.get_secret_value():
        return
    try:
        from airflow.providers.openlineage.plugins.macros import lineage_parent_id

        os.environ[_PARENT] = lineage_parent_id(context["ti"])
    except Exception:
        _LOG.warning("lineage can't name the task", exc_info=True)


def tell_dbt(settings: Settings) -> int:
    """Send what dbt's last build read and wrote, from the account of it that dbt left; how many events. A receiver that is
    gone is logged and disturbs no night."""
    from openlineage.client import OpenLineageClient
    from openlineage.common.provider.dbt import ParentRunMetadata
    from openlineage.common.provider.dbt.local import DbtLocalArtifactProcessor

    processor = DbtLocalArtifactProcessor(
        project_dir=str(settings.dbt_project_path),
        target_path=str(settings.dbt_state_path / "target"),
        producer=PRODUCER,
        job_namespace=NAMESPACE,
        skip_errors=True,
    )
    if parent := os.environ.get(_PARENT):
        namespace, job, run = parent.split("/")
        processor.dbt_run_metadata = ParentRunMetadata(run_id=run, job_name=job, job_namespace=namespace)
    try:
        told = processor.parse()
        events = [*told.starts, *told.completes, *told.fails]
        client = OpenLineageClient(config={"transport": json.loads(settings.openlineage.get_secret_value())})
        for event in events:
            client.emit(event)
        client.close()
    except Exception:
        _LOG.warning("lineage of dbt's build was not told", exc_info=True)
        return 0
    return len(events)
