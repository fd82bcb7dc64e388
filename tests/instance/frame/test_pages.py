"""Templates: compiled once in a process, however many instances it serves."""

from __future__ import annotations

import jinja2

from instance import pages
from instance.settings import Settings


def written(folder, monkeypatch, language="en"):
    monkeypatch.setattr(pages, "templates_folder", lambda: folder)
    settings = Settings(
        origin="http://care.test", name="Care", database="sqlite+aiosqlite://", plain_http=True
    )
    return pages.Pages(settings).write(language, "some.txt", minutes=60)


def test_a_second_instance_compiles_nothing(tmp_path, monkeypatch):
    (tmp_path / "some.txt").write_text("{{ site.name }}: {{ minutes|hours }}")
    assert written(tmp_path, monkeypatch) == "Care: 1 h"
    monkeypatch.delattr(jinja2.Environment, "_generate")
    assert written(tmp_path, monkeypatch) == "Care: 1 h"


def test_a_changed_source_is_compiled_anew(tmp_path, monkeypatch):
    (tmp_path / "some.txt").write_text("before")
    assert written(tmp_path, monkeypatch) == "before"
    (tmp_path / "some.txt").write_text("after")
    assert written(tmp_path, monkeypatch) == "after"


def test_what_a_filter_makes_of_a_constant_stays_in_its_language(tmp_path, monkeypatch):
    (tmp_path / "some.txt").write_text("{{ 60|hours }}")
    assert written(tmp_path, monkeypatch) == "1 h"
    assert written(tmp_path, monkeypatch, "zh-Hant") == "1 小時"
