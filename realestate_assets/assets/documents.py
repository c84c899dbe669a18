"""What is read on paper: investor memos in the lake with their manifest, and the dbt docs page."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg
import pandas as pd

from realestate_assets.assets import declare
from realestate_assets.assets.memo_reading import read_chosen
from realestate_assets.assets.memo_reuse import ExistingMemos, Key, memo_path, render_key, written
from realestate_assets.dbt.build import generate_docs
from realestate_assets.dbt.docs_key import docs_key
from realestate_assets.dbt.project import models_of
from realestate_assets.domain.memo import context as memo
from realestate_assets.domain.memo.context import build_memo_context
from realestate_assets.domain.memo.record import MemoRecord
from realestate_assets.domain.memo.rows import KEY, memo_candidates, memo_records
from realestate_assets.domain.scoring.config import load_scoring_config
from realestate_assets.domain.tables import MEMOS
from realestate_assets.extent import get_county
from realestate_assets.settings import get_settings
from resources.code_version import code_version
from resources.documents.templating import render, template_version
from resources.home import PROJECT_ROOT
from resources.lake.store import StoreResource
from resources.partition import Partition
from resources.scratch import scratch_folder
from resources.warehouse.frames import partition_rows
from resources.warehouse.resource import WarehouseResource

if TYPE_CHECKING:
    from resources.documents.pdf import PdfRenderer

TEMPLATES = PROJECT_ROOT / "templates"
MEMO_TEMPLATE = "memo/base.html.j2"
DOCS_PATH, DOCS_MADE_PATH = "dbt_docs/index.html", "dbt_docs/made_of.json"
MEMO_CODE = sorted(Path(memo.__file__).parent.glob("*.py"))


def memo_folder(partition: Partition) -> str:
    """Folder of a partition's memos below the lake."""
    return f"memos/{partition.hive_path}"


def memo_page(record: MemoRecord, version: str) -> str:
    """The HTML page of one property, on the paper of the settings."""
    county = get_county(record.score["county"])
    context = build_memo_context(record, county, version, get_settings().memo_paper)
    return render(TEMPLATES, MEMO_TEMPLATE, context)


@dataclass(frozen=True)
class RenderingMemos:
    """One partition's memos, of which those that do not stand already are being rendered."""

    rows: list[dict]
    html: dict[Key, bytes]
    render_keys: dict[Key, str]
    pdf_sha256: dict[Key, str | None]
    rendered: Iterator[bytes]

    @property
    def missing(self) -> list[Key]:
        """The memos that are rendered, in the order of `rendered`."""
        return [key for key, sha256 in self.pdf_sha256.items() if sha256 is None]


def begin_memos(
    chosen: pd.DataFrame, pages: list[str], renderer: "PdfRenderer", version: str, standing: ExistingMemos
) -> RenderingMemos:
    """Hand the pages of one partition's memos to the renderer, but for those that stand already."""
    from resources.documents.pdf import renderer_version

    rows = chosen[[*KEY, "memo_rank", "bird_dog_score", "model_id", "is_simulated"]].to_dict("records")
    keys = [(row["county"], row["month"], row["property_id"]) for row in rows]
    texts = dict(zip(keys, pages, strict=True))
    html = {key: page.encode() for key, page in texts.items()}
    wanted = {key: render_key(page, version, renderer_version()) for key, page in html.items()}
    stand = {key: standing.pdf_sha256(key, wanted[key]) for key in html}
    rendered = renderer.render([texts[key] for key, sha256 in stand.items() if sha256 is None])
    return RenderingMemos(rows, html, wanted, stand, rendered)


def write_memos(lake: StoreResource, begun: RenderingMemos, version: str) -> pd.DataFrame:
    """Write HTML and PDF of what was rendered; the manifest of the partition."""
    missing = begun.missing
    made = written(lake, missing, [begun.html[key] for key in missing], begun.rendered)
    pdfs = begun.pdf_sha256 | dict(zip(missing, made, strict=True))
    rows = [
        {
            **row,
            "pdf_path": memo_path(key, "pdf"),
            "html_path": memo_path(key, "html"),
            "pdf_sha256": pdfs[key],
            "html_sha256": hashlib.sha256(page).hexdigest(),
            "template_version": version,
            "render_key": begun.render_keys[key],
        }
        for row, (key, page) in zip(begun.rows, begun.html.items(), strict=True)
    ]
    return pd.DataFrame(rows, columns=MEMOS.column_names)


def remove_stale(lake: StoreResource, partition: Partition, manifest: pd.DataFrame) -> int:
    """Delete memos of earlier runs that the manifest no longer names; how many files went."""
    kept = {*manifest["pdf_path"], *manifest["html_path"]}
    stale = [path for path in lake.list_files(memo_folder(partition)) if path not in kept]
    for path in stale:
        lake.delete(path)
    return len(stale)


@declare.asset(
    declare.table(
        MEMOS,
        source="offers at or above `memo_min_score` of config/scoring.yaml, best first, up to "
        "MEMO_LIMIT_PER_PARTITION, and the best of sales in retrospect; templates/memo. PDF and HTML lie in "
        "the lake",
        caveat="equal input gives equal bytes, and a memo that would read as it does is not made again; "
        "memos of an earlier run that fell out are deleted",
        on_failure="`realestate doctor` names a system library that is missing (Pango, HarfBuzz). A memo "
        "whose file is gone or changed is listed by memo_files_match_the_manifest: materialize the month "
        "again, only what is missing is rendered. A template error names its file in templates/memo.",
        kinds=("pdf",),
    ),
    deps=[
        "features",
        "int_sales__valid",
        "properties",
        "enrichments",
        "enrichment_facts",
        "comparables",
        "value_contributions",
    ],
    code_version=f"{code_version(*map(str, MEMO_CODE))} {template_version(TEMPLATES / 'memo')}",
)
def memos(
    context: dg.AssetExecutionContext,
    warehouse: WarehouseResource,
    lake: StoreResource,
    scores: pd.DataFrame,
) -> pd.DataFrame:
    """Choose, render and file the memos of each partition."""
    # Heavy to import: not at each start.
    from resources.documents.pdf import PdfRenderer

    chosen = memo_candidates(
        scores, load_scoring_config().memo_min_score, get_settings().memo_limit_per_partition
    )
    records = memo_records(chosen, read_chosen(warehouse, chosen))
    version = template_version(TEMPLATES / "memo", TEMPLATES / "fonts")
    partitions = Partition.parse_all(context.partition_keys)
    earlier = warehouse.read_partitions(MEMOS.schema, MEMOS.name, partitions, MEMOS.column_names)
    standing = ExistingMemos(lake, earlier.to_pandas())
    manifests = [pd.DataFrame(columns=MEMOS.column_names)]
    with PdfRenderer(TEMPLATES, expected=len(chosen)) as renderer:
        begun = []
        # All are begun before the first is waited for: the processes render while further pages are made.
        for partition in partitions:
            own = partition_rows(chosen, partition)
            pages = [memo_page(records[position], version) for position in own.index]
            begun.append(begin_memos(own, pages, renderer, version, standing))
        for partition, memos_of in zip(partitions, begun, strict=True):
            manifest, made = write_memos(lake, memos_of, version), len(memos_of.missing)
            metadata = {
                "memos": len(manifest),
                "made": made,
                "reused": len(manifest) - made,
                "stale_files_removed": remove_stale(lake, partition, manifest),
                "folder": lake.uri(memo_folder(partition)),
            }
            manifests.append(manifest)
            context.add_asset_metadata(metadata, partition_key=partition.key)
            context.log.info(f"{partition}: {len(manifest)} memos, {made} made")
    filled = [m for m in manifests if len(m)]
    return pd.concat(filled, ignore_index=True) if filled else manifests[0]


@declare.asset(
    declare.files(
        "dbt_docs",
        grain="One page.",
        key=(),
        source="`dbt docs generate` over models and warehouse, self-contained",
        caveat="made when asked for, not with every run; column types come from the warehouse as it is",
        on_failure="The message is dbt's own and names the model or YAML file it cannot read. A lock that is "
        "held means that another run is building models: it is tried again for some minutes, or start it "
        "after that run.",
        kinds=("dbt", "html"),
    ),
    # The page describes the marts as they stand, all partitions together.
    deps=models_of("marts"),
    is_partitioned=False,
)
def dbt_docs(
    context: dg.AssetExecutionContext, warehouse: WarehouseResource, lake: StoreResource
) -> dg.MaterializeResult:
    """Generate the page and put it into the lake, where none stands that says the same."""
    # Before it is made: what changes meanwhile is made again the next time.
    key = docs_key(warehouse)
    page = standing_docs(lake, key)
    is_made = page is None
    if page is None:
        with scratch_folder("docs") as folder:
            page = generate_docs(warehouse, folder).read_bytes()
        lake.write_bytes(DOCS_PATH, page)
        lake.write_bytes(DOCS_MADE_PATH, _made_of(key, page))
    counts = {"size_bytes": len(page), "made": int(is_made), "reused": int(not is_made)}
    return dg.MaterializeResult(metadata={"dagster/uri": lake.uri(DOCS_PATH), **counts})


def standing_docs(lake: StoreResource, key: str) -> bytes | None:
    """The page that an earlier run left and that follows from the same; None where there is none."""
    if not (lake.exists(DOCS_PATH) and lake.exists(DOCS_MADE_PATH)):
        return None
    page = lake.read_bytes(DOCS_PATH)
    return page if lake.read_bytes(DOCS_MADE_PATH) == _made_of(key, page) else None


def _made_of(key: str, page: bytes) -> bytes:
    return json.dumps({"key": key, "page_sha256": hashlib.sha256(page).hexdigest()}).encode()
