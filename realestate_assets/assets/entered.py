"""What people enter in the service, as the graph's marts read it: shown as a source, made by no run."""

import dagster as dg

from realestate_assets.app.corrections import PropertyCorrection
from realestate_assets.assets.declare import CODE, OWNERS

ENTERED = dg.AssetsDefinition(
    specs=[
        dg.AssetSpec(
            PropertyCorrection.__tablename__,
            description="One row a field, home and proposal: what people say is wrong with a record."
            "\n\n"
            "- **Key:** correction_id.\n"
            "- **Source:** people, by the service.\n"
            "- **Caveat:** it stands beside the record, and no value or score reads it.\n"
            "- **If it fails:** Nothing makes it in a run: `realestate migrate` makes the table, and people "
            "fill it by the service.",
            kinds={"postgres"},
            owners=OWNERS,
            metadata={
                CODE: dg.CodeReferencesMetadataValue(
                    code_references=[dg.LocalFileCodeReference(file_path=__file__, line_number=1)]
                )
            },
        )
    ]
)
