"""Where the watcher asks: the UI's own address may be another one than people open."""

from realestate_assets.operations.watch import looks
from realestate_assets.settings import Settings


def test_the_ui_is_asked_at_its_own_address_where_one_is_set(monkeypatch):
    asked: list[str] = []
    monkeypatch.setattr(looks, "webserver", lambda url: asked.append(url) or "answers")
    for settings in (
        Settings(dagster_webserver_url="https://homes.example"),
        Settings(dagster_webserver_url="https://homes.example", webserver_probe_url="http://webserver:3000"),
    ):
        looks.looks_of(settings, None, None)["webserver"]()
    assert asked == ["https://homes.example", "http://webserver:3000"]
