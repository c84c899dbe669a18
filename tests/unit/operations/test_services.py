"""Services as they are and as resources of Dagster's are the same, made from the same settings."""

import dagster as dg

from realestate_assets.operations.dagster_services import build_dagster_services
from realestate_assets.operations.services import build_services
from realestate_assets.settings import Settings


def test_each_service_has_the_values_of_the_resource_of_its_name():
    settings = Settings(qdrant_url="http://vectors:6333", embedding_model="some/model")
    plain, resources = build_services(settings), build_dagster_services(settings)
    assert resources.keys() - plain.keys() == {"lake_io", "http", "warehouse_io"}
    for name, service in plain.items():
        assert isinstance(resources[name], type(service))
        assert isinstance(resources[name], dg.ConfigurableResource)
        assert not isinstance(service, dg.ConfigurableResource)
        fields = {field for field in type(service).model_fields if field != "warehouse"}
        assert {f: getattr(service, f) for f in fields} == {f: getattr(resources[name], f) for f in fields}
