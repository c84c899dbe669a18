"""What `make site` adds to the documents: pages of the project, a page a package, the script of the diagrams.

MkDocs calls these functions (`hooks` in mkdocs.yml). Nothing is fetched.
"""

import hashlib
import posixpath
import re
from collections.abc import Iterator
from importlib.resources import files as package_files
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parent.parent
# Pages of the repository that lie outside of docs/ -> where they stand on the site.
PROJECT_PAGES = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "SECURITY.md": "security.md",
    "benchmarks/README.md": "benchmarks.md",
    "benchmarks/RESULTS.md": "speed.md",
    "deploy/README.md": "containers.md",
    "deploy/helm/README.md": "kubernetes.md",
    "deploy/terraform/README.md": "aws.md",
}
# What a newcomer calls: rooms of the domain, clients, and what a provider is made of. A folder is a page.
PACKAGES = ("realestate_assets/domain", "realestate_assets/providers", "resources")
# Mermaid 11.16.0 as published on npm (MIT), which the wheel mermaidx carries. Named by its hash: a wheel that
# brings another script is to be looked at first.
MERMAID = ("mermaidx", "assets/mermaid.js")
MERMAID_SHA256 = (
    "74d7c46dabca328c2294733910a8aa1ed0c37451776e8d5295da38a2b758fb9b"  # pragma: allowlist secret
)
STYLE = "tools/site.css"
# `](target)` of Markdown, and `src="target"` of HTML.
LINK = re.compile(r"(?P<before>\]\(|src=\")(?P<target>[^)\"#:\s]+)(?P<after>#[^)\"\s]*)?(?=[)\"])")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Put decisions and packages into the navigation."""
    navigation: list[Any] = config.nav or []
    for section in navigation:
        if "Decisions" in section:
            found = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
            section["Decisions"] += [f"decisions/{path.name}" for path in found]
    pages = [{short_name(package): api_page(package)} for package in packages()]
    config.nav = [*navigation, {"Reference of the code": ["api/index.md", *pages]}]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add what does not lie in docs/."""
    for source, target in PROJECT_PAGES.items():
        text = (ROOT / source).read_text(encoding="utf-8")
        files.append(File.generated(config, target, content=text))
    for package in packages():
        files.append(File.generated(config, api_page(package), content=api_text(package)))
    files.append(File.generated(config, "api/index.md", content=api_index()))
    files.append(File.generated(config, "assets/mermaid.min.js", content=mermaid_script()))
    files.append(File.generated(config, "assets/site.css", abs_src_path=str(ROOT / STYLE)))
    return files


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Links as they are in the repository become links of the site."""
    return rewritten(markdown, page.file.src_uri)


def rewritten(markdown: str, page: str) -> str:
    """The text of a page with its links to repository paths as links between pages of the site.

    Args:
        markdown: the text.
        page: where it stands on the site.
    """
    origins = {target: source for source, target in PROJECT_PAGES.items()}
    folder = posixpath.dirname(origins.get(page, f"docs/{page}"))

    def site_link(found: re.Match[str]) -> str:
        place = posixpath.normpath(posixpath.join(folder, found["target"]))
        target = PROJECT_PAGES.get(place, place.removeprefix("docs/"))
        link = posixpath.relpath(target, posixpath.dirname(page) or ".")
        return f"{found['before']}{link}{found['after'] or ''}"

    return LINK.sub(site_link, markdown)


def packages() -> list[str]:
    """Folders with modules of the public code, as paths, in order."""
    found = {path.parent for top in PACKAGES for path in (ROOT / top).rglob("*.py")}
    with_modules = (folder for folder in found if next(modules(folder), None))
    return sorted(folder.relative_to(ROOT).as_posix() for folder in with_modules)


def modules(folder: Path) -> Iterator[Path]:
    """Its own modules; a package's docstring is the page's first sentence."""
    return (path for path in sorted(folder.glob("*.py")) if path.name != "__init__.py")


def short_name(package: str) -> str:
    """`realestate_assets/domain/core` -> `domain.core`, which fits the column of the navigation."""
    return package.removeprefix("realestate_assets/").replace("/", ".")


def api_page(package: str) -> str:
    """`resources/http` -> `api/resources.http.md`."""
    return f"api/{package.replace('/', '.')}.md"


def api_text(package: str) -> str:
    """A page that names the modules; mkdocstrings fills in their docstrings."""
    name = package.replace("/", ".")
    directives = [f"::: {name}.{path.stem}" for path in modules(ROOT / package)]
    return "\n\n".join([f"# {name}", about(package), *directives, ""])


def api_index() -> str:
    """All packages with their first sentence."""
    rows = [
        f"| [{p.replace('/', '.')}]({posixpath.basename(api_page(p))}) | {about(p)} |" for p in packages()
    ]
    return "\n".join(
        [
            "# Reference of the code",
            "",
            "Made from the docstrings: public names, their arguments, what they give and raise.",
            "",
            "| package | what it is |",
            "|---|---|",
            *rows,
            "",
        ]
    )


def about(package: str) -> str:
    """First paragraph of a package's docstring."""
    text = (ROOT / package / "__init__.py").read_text(encoding="utf-8")
    return " ".join(text.partition('"""')[2].partition('"""')[0].strip().partition("\n\n")[0].split())


def mermaid_script() -> bytes:
    """The script that draws the diagrams.

    Raises:
        PluginError: the wheel carries another one than was looked at.
    """
    package, name = MERMAID
    script = (package_files(package) / name).read_bytes()
    if hashlib.sha256(script).hexdigest() != MERMAID_SHA256:
        raise PluginError(
            f"{package} brings another {name} than tools/site_hooks.py names: look at it first."
        )
    return script
