"""The documents as the tests read them: their blocks, links and names, and a checklist carried out."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from resources.home import PROJECT_ROOT

LEFT_OUT = shutil.ignore_patterns(
    ".venv",
    ".git",
    "data",
    "build",
    "target",
    "logs",
    "*.egg-info",
    "__pycache__",
    ".*_cache",
    ".hypothesis",
    ".env",
)
FENCE = re.compile(r"^(?P<indent> *)```(?P<language>\w*)(?: title=\"(?P<title>[^\"]+)\")?\s*$")
HEADING = re.compile(r"^(?P<level>#+) (?P<text>.+)$")


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, the file it is or changes, and its text."""

    language: str
    title: str | None
    text: str


def pages() -> list[Path]:
    """Every Markdown file of the repository that is ours."""
    folders = ("docs", ".github", "benchmarks", "deploy")
    found = [path for folder in folders for path in (PROJECT_ROOT / folder).rglob("*.md")]
    return sorted([*found, *PROJECT_ROOT.glob("*.md")])


def text_of(page: str) -> str:
    """A page by its path in the repository."""
    return (PROJECT_ROOT / page).read_text(encoding="utf-8")


def split(markdown: str) -> tuple[list[Block], str]:
    """The fenced blocks of a page, and its text without them."""
    blocks, prose, open_fence, body = [], [], None, []
    for line in markdown.splitlines():
        fence = FENCE.match(line)
        if open_fence is None and fence:
            open_fence, body = fence, []
        elif open_fence is not None and line.strip() == "```":
            blocks.append(Block(open_fence["language"], open_fence["title"], "\n".join(body) + "\n"))
            open_fence = None
        elif open_fence is not None:
            body.append(line.removeprefix(open_fence["indent"]))
        else:
            prose.append(line)
    assert open_fence is None, "a block is not closed"
    return blocks, "\n".join(prose)


def section(markdown: str, heading: str) -> str:
    """The text below a heading, up to the next one of its level or above."""
    found, level, fenced = [], 0, False
    for line in markdown.splitlines():
        fenced ^= line.lstrip().startswith("```")
        head = None if fenced else HEADING.match(line)
        if head and level and len(head["level"]) <= level:
            break
        if head and head["text"] == heading:
            level = len(head["level"])
        elif level:
            found.append(line)
    assert level, f"there is no heading {heading!r}"
    return "\n".join(found)


def code_spans(markdown: str) -> list[str]:
    """What stands in backticks in the running text."""
    return re.findall(r"`([^`\n]+)`", split(markdown)[1])


def anchors(markdown: str) -> set[str]:
    """The anchors of a page's headings, as the forge and the site make them."""
    heads = (HEADING.match(line) for line in split(markdown)[1].splitlines())
    texts = (re.sub(r"[^\w\- ]", "", head["text"].replace("`", "").lower()) for head in heads if head)
    return {text.strip().replace(" ", "-") for text in texts}


class Checkout:
    """A copy of the checkout in which a page's steps are carried out, with this environment's programs."""

    def __init__(self, folder: Path) -> None:
        """Copy what is under version control, more or less."""
        self.root = folder / "checkout"
        shutil.copytree(PROJECT_ROOT, self.root, ignore=LEFT_OUT)
        (self.root / ".venv").symlink_to(PROJECT_ROOT / ".venv")

    def carry_out(self, blocks: list[Block]) -> None:
        """Write the files and make the changes that the blocks are."""
        for block in blocks:
            if block.title and block.language == "diff":
                self._change(self.root / block.title, block.text)
            elif block.title:
                path = self.root / block.title
                assert not path.exists(), f"{block.title} is there already"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(block.text, encoding="utf-8")

    def run_all(self, blocks: list[Block], **environment: str) -> list[str]:
        """Run the lines of the shell blocks; what each printed. A line that fails fails the test."""
        lines = [line for block in blocks if block.language == "sh" for line in block.text.splitlines()]
        assert lines, "the page runs nothing"
        return [self.run(line, **environment) for line in lines]

    def run(self, command: str, **environment: str) -> str:
        """Run a shell command in the copy; what it printed."""
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=self.root,
            # Before the editable install, which leads to the checkout itself.
            env={**inherited, "PYTHONPATH": str(self.root), **environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
        return done.stdout

    @staticmethod
    def _change(path: Path, diff: str) -> None:
        lines = diff.splitlines()
        assert all(line[:1] in ("+", "-", " ", "") for line in lines), diff
        before = "".join(f"{line[1:]}\n" for line in lines if line[:1] != "+")
        after = "".join(f"{line[1:]}\n" for line in lines if line[:1] != "-")
        text = path.read_text(encoding="utf-8")
        assert text.count(before) == 1, f"{path.name} has no single place for\n{diff}"
        path.write_text(text.replace(before, after), encoding="utf-8")


def commands(markdown: str) -> Iterator[str]:
    """Command lines of a page: lines of shell blocks, and what in backticks begins like one."""
    blocks, _ = split(markdown)
    spans = code_spans(markdown)
    lines = [line for block in blocks if block.language == "sh" for line in block.text.splitlines()]
    for line in [*lines, *spans]:
        # What is set before a command, and what is said after it.
        plain = re.sub(r"^([A-Z_]+=\S+ )+", "", line.strip()).partition(" #")[0].strip()
        plain = plain.removeprefix(".venv/bin/")
        if re.match(r"(realestate|make)( |$)", plain):
            yield plain
