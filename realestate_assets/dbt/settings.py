"""Settings of the platform that dbt needs too, as macros: what a YAML says is not written again in SQL.

What dbt alone needs are variables of dbt_project.yml. These are no variables: dbt takes those from that file
or from the command line, where another value makes it parse the whole project again.
"""

from realestate_assets.dbt.project import PROJECT_DIR
from realestate_assets.domain.sales.rules import load_sale_rules
from realestate_assets.domain.scoring.config import load_scoring_config

SETTINGS_FILE = PROJECT_DIR / "macros" / "settings.sql"
HEADER = """\
{#-
    Settings that Python and dbt share. Made by tools/dbt_settings.py from realestate_assets/config, and
    compared with it by a test: change them there.
-#}
"""


def settings_macros() -> str:
    """The text of macros/settings.sql: one macro a setting, in the order below."""
    fields = ",\n".join(f"        '{field}'" for field in load_scoring_config().key_fields)
    price = f"{load_sale_rules().minimum_price_usd:.10g}"
    macros = (
        _macro(
            "key_fields", "scoring.yaml: whose presence a score's confidence counts.", f"[\n{fields}\n    ]"
        ),
        _macro("minimum_market_price_usd", "sale_validity.yaml: below it a price is nominal.", price),
    )
    return HEADER + "".join(macros)


def _macro(name: str, about: str, value: str) -> str:
    return f"\n{{#- {about} -#}}\n{{% macro {name}() -%}}\n    {{{{ return({value}) }}}}\n{{%- endmacro %}}\n"
