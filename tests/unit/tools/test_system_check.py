"""What the system lacks is installed where that may be, after a question where a person sits."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from tools import system_check
from tools.system_check import CHROMIUM, LIBRARIES, MANAGERS, System, install, packages

ROOT = System(
    manager=MANAGERS["apt-get"],
    is_root=True,
    has_sudo=False,
    sudo_needs_no_password=False,
    has_person=False,
    wish="",
)
USER = replace(ROOT, is_root=False)
APT = ["apt-get", "install", "-y", "--no-install-recommends", "libpango-1.0-0", "chromium"]
MISSING = ["Pango", CHROMIUM]


class Terminal:
    """Answers a question, and keeps what was asked and run."""

    def __init__(self, answer: str = "y\n") -> None:
        self.answer, self.asked, self.run = answer, [], []

    def ask(self, question: str) -> str:
        self.asked.append(question)
        return self.answer

    def __call__(self, command: Sequence[str]) -> int:
        self.run.append(list(command))
        return 0


def test_root_installs_without_asking_after_a_look_for_newer_lists():
    terminal = Terminal()
    assert install(MISSING, ROOT, terminal.ask, terminal)
    assert terminal.run == [["apt-get", "update", "-qq"], APT]
    assert not terminal.asked


@pytest.mark.parametrize("system", [
    replace(USER, has_sudo=True, sudo_needs_no_password=True),
    replace(USER, has_sudo=True, has_person=True),
])  # fmt: skip
def test_a_user_installs_by_sudo_where_it_asks_for_nothing_or_a_person_can_answer(system):
    terminal = Terminal()
    assert install(MISSING, system, terminal.ask, terminal)
    assert terminal.run[-1] == ["sudo", *APT]
    assert len(terminal.asked) == system.has_person


@pytest.mark.parametrize("system", [
    USER,
    replace(USER, has_sudo=True),
    replace(ROOT, wish="no"),
    replace(ROOT, manager=None),
])  # fmt: skip
def test_nothing_is_tried_where_it_may_not_be(system):
    terminal = Terminal()
    assert not install(MISSING, system, terminal.ask, terminal)
    assert not terminal.run


@pytest.mark.parametrize(
    ("answer", "runs"), [("\n", True), ("Yes\n", True), ("n\n", False), ("what?\n", False)]
)
def test_a_person_at_the_terminal_is_asked_and_shown_the_command(answer, runs):
    terminal = Terminal(answer)
    assert install(MISSING, replace(ROOT, has_person=True), terminal.ask, terminal) is runs
    assert " ".join(APT) in terminal.asked[0]
    assert bool(terminal.run) is runs


def test_a_person_who_said_yes_beforehand_is_not_asked():
    terminal = Terminal()
    assert install(MISSING, replace(ROOT, has_person=True, wish="yes"), terminal.ask, terminal)
    assert not terminal.asked


def test_brew_wants_no_root_and_no_sudo():
    terminal = Terminal()
    assert install(["Pango", "PangoFT2"], replace(USER, manager=MANAGERS["brew"]), terminal.ask, terminal)
    assert terminal.run == [["brew", "install", "pango"]]


@pytest.mark.parametrize("name", MANAGERS)
def test_every_manager_knows_every_library(name):
    assert len(packages(MANAGERS[name], LIBRARIES)) >= 2
    assert set(LIBRARIES) <= MANAGERS[name].packages.keys()


def test_what_is_still_missing_fails_with_the_command_and_what_tests_want_does_not(monkeypatch, capsys):
    monkeypatch.setenv("SYSTEM_PACKAGES", "no")
    monkeypatch.setattr(system_check, "missing_for_setup", list)
    monkeypatch.setattr(system_check, "missing_for_tests", lambda: [CHROMIUM])
    assert system_check.main(["--install", "--tests"]) == 0
    assert "skipped" in capsys.readouterr().err
    monkeypatch.setattr(system_check, "missing_for_setup", lambda: ["Pango"])
    assert system_check.main(["--install"]) == 1
    assert "pango" in capsys.readouterr().err
