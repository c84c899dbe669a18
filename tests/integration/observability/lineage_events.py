"""Holds events to the specification of OpenLineage, as far as its client carries it.

The client's classes are generated from the specification's JSON schema: each facet names its own, with the
fields it must and may have. The schema's files themselves come with no package.
"""

import uuid
from datetime import datetime
from urllib.parse import urlsplit

import attr
from openlineage.client import event_v2, facet_v2
from openlineage.client.generated.base import (
    DatasetFacet,
    InputDatasetFacet,
    JobFacet,
    OutputDatasetFacet,
    RunFacet,
)

KINDS = {
    ("run", "facets"): RunFacet,
    ("job", "facets"): JobFacet,
    ("dataset", "facets"): DatasetFacet,
    ("dataset", "inputFacets"): InputDatasetFacet,
    ("dataset", "outputFacets"): OutputDatasetFacet,
}


def _classes() -> dict[str, type]:
    """Facet classes by the address of their schema."""
    found = {}
    for module in vars(facet_v2).values():
        for each in vars(module).values() if hasattr(module, "__name__") else ():
            if isinstance(each, type) and attr.has(each) and hasattr(each, "_get_schema"):
                found[each._get_schema()] = each
    return found


CLASSES = _classes()


def refused(event: dict) -> list[str]:
    """What the specification does not allow in an event; empty where all is well."""
    faults = (
        [] if {"eventTime", "eventType", "run", "job", "producer", "schemaURL"} <= event.keys() else ["keys"]
    )
    if event["eventType"] not in event_v2.RunState.__members__:
        faults.append("eventType")
    if datetime.fromisoformat(event["eventTime"]).tzinfo is None:
        faults.append("eventTime")
    uuid.UUID(event["run"]["runId"])
    if not urlsplit(event["producer"]).scheme:
        faults.append("producer")
    faults += _facets(event["run"], "run") + _facets(event["job"], "job")
    for dataset in [*event.get("inputs", []), *event.get("outputs", [])]:
        if not dataset["namespace"] or not dataset["name"]:
            faults.append("dataset")
        faults += _facets(dataset, "dataset")
    return faults


def _facets(owner: dict, kind: str) -> list[str]:
    faults = []
    for (of, key), base in KINDS.items():
        for name, facet in owner.get(key, {}).items() if of == kind else ():
            known = CLASSES.get(facet["_schemaURL"])
            if known is None or not issubclass(known, base):
                faults.append(f"{key}: {name} is no {base.__name__}")
            else:
                faults += [f"{name}: {fault}" for fault in _fields(facet, known)]
            if not facet["_producer"].startswith("urn:realestate-os:"):
                faults.append(f"{name}: producer")
    return faults


def _fields(value: dict, known: type) -> list[str]:
    declared = {field.name: field for field in attr.fields(known)}
    told = {name for name in value if not name.startswith("_")}
    needed = {name for name, field in declared.items() if field.default is attr.NOTHING}
    return [*(f"has no {n}" for n in needed - told), *(f"knows no {n}" for n in told - declared.keys())]
