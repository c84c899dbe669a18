"""Settings of the platform that dbt needs too, as macros: what a YAML says is not written again in SQL.

What a county may say otherwise, as its lowest market price, stands in the table ops.counties instead.
What dbt alone needs are variables of dbt_project.yml. These are no variables: dbt takes those from that file
or from the command line, where another value makes it parse the whole project again.
"""

from realestate_assets.dbt.project import PROJECT_DIR
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
    return HEADER + _macro(
        "key_fields", "scoring.yaml: whose presence a score's confidence counts.", f"[\n{fields}\n    ]"
    )


def _macro(name: str, about: str, value: str) -> str:
    return f"\n{{#- {about} -#}}\n{{% macro {name}() -%}}\n    {{{{ return({value}) }}}}\n{{%- endmacro %}}\n"
