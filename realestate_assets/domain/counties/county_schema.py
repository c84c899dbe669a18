"""The JSON schema of a county's YAML: made from the models, with the short forms that YAML may take."""

from typing import Any

from realestate_assets.domain.counties.column_map import MAPPABLE_COLUMNS, RENT_COLUMNS, UNIT_FACTORS
from realestate_assets.domain.counties.county import County
from realestate_assets.domain.counties.extra_features import NAME

SCALAR = {"type": ["string", "number"]}
# Model -> keys that take one value or several.
ONE_OR_MANY = {
    "ColumnMap": ("from", "format", "null_values"),
    "ExtraFeature": ("from", "null_values"),
    "Case": ("otherwise",),
    "Condition": ("is", "not"),
    "FieldRule": ("from", "null_values"),
    "ArcgisRule": ("from", "null_values"),
}
SOURCES = ("FileSource", "SocrataSource", "ArcgisSource", "ResoSource")


def county_schema() -> dict[str, Any]:
    """The schema, by which an editor completes and checks a county's YAML."""
    schema = County.model_json_schema(by_alias=True)
    models = schema["$defs"]
    for name, keys in ONE_OR_MANY.items():
        for key in keys:
            models[name]["properties"][key] = _one_or_many(models[name]["properties"][key])
    _short_rules(models)
    for name in SOURCES:
        _source(models[name])
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "County"}


def _one_or_many(many: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [SCALAR, {"type": "array", "items": SCALAR}], **_about(many)}


def _about(schema: dict[str, Any]) -> dict[str, Any]:
    return {key: schema[key] for key in ("description", "title", "default") if key in schema}


def _short_rules(models: dict[str, Any]) -> None:
    """Texts that YAML writes as numbers or truth values, and single columns instead of lists."""
    for name in ("ColumnMap", "ExtraFeature"):
        _short_column(models[name]["properties"])
    when = models["Case"]["properties"]["when"]
    when["additionalProperties"] = _one_or_many({})
    for rule in ("FieldRule", "ArcgisRule"):
        own = models[rule]["properties"]
        own["constant"] = {"type": ["string", "number", "boolean", "null"], **_about(own["constant"])}
    for model in models.values():
        fields = model.get("properties", {}).get("fields", {})
        rule = str(fields.get("additionalProperties", {}).get("$ref", "")) if isinstance(fields, dict) else ""
        if rule.endswith("Rule"):
            fields["additionalProperties"] = _or_name(rule.rpartition("/")[2])


def _short_column(column: dict[str, Any]) -> None:
    """What a column's rule may be written as."""
    column["constant"] = {"type": ["string", "number", "null"], **_about(column["constant"])}
    column["codes"] = {"type": "object", "additionalProperties": SCALAR, **_about(column["codes"])}
    units = sorted(UNIT_FACTORS)
    column["unit"] = {"enum": [*units, None], **_about(column["unit"])}
    column["unit_codes"] = {
        "type": "object", "additionalProperties": {"enum": units}, **_about(column["unit_codes"])
    }  # fmt: skip


def _source(source: dict[str, Any]) -> None:
    """A source may take over a layout, which then holds the columns; a column's rule may be its name."""
    properties = source["properties"]
    properties["layout"] = {"type": "string", "description": "A file of layouts/ to take over."}
    source["required"] = [key for key in source["required"] if key != "columns"]
    source["anyOf"] = [{"required": ["columns"]}, {"required": ["layout"]}]
    properties["columns"] = {
        "type": "object",
        # Those of rents too: which ones a source may have, `holds` says.
        "propertyNames": {"enum": sorted({**MAPPABLE_COLUMNS, **RENT_COLUMNS})},
        "properties": {
            name: {**_or_name("ColumnMap"), "description": column.description}
            for name, column in {**RENT_COLUMNS, **MAPPABLE_COLUMNS}.items()
        },
    }
    properties["features"] = {
        "type": "object",
        "propertyNames": {"pattern": NAME},
        "additionalProperties": _or_name("ExtraFeature"),
        "description": "Facts of the source's own that the value model may use.",
    }
    properties["null_values"] = _one_or_many(properties["null_values"])
    if "order" in properties:
        properties["order"] = _one_or_many(properties["order"])
    if isinstance(properties.get("where", {}).get("additionalProperties"), dict):
        condition = {"anyOf": [SCALAR, {"type": "array", "items": SCALAR}, {"$ref": "#/$defs/Condition"}]}
        properties["where"]["additionalProperties"] = condition


def _or_name(model: str) -> dict[str, Any]:
    return {"anyOf": [{"type": "string"}, {"$ref": f"#/$defs/{model}"}]}
