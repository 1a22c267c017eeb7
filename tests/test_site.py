"""The site of the documentation: all its links hold, and it works from a folder without a network."""

from __future__ import annotations

import importlib.util
import sys
import tomllib
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.cli.browser import open_browser, schemes_asked, why_absent

ROOT = Path(__file__).resolve().parent.parent
SEARCH = """
    const host = [...document.querySelectorAll("div")].find(each => each.shadowRoot);
    const input = host?.shadowRoot.querySelector("input");
"""
"""Finds the field that words are searched in."""
TYPE = "input.value = 'backoffLimitPerIndex'; input.dispatchEvent(new InputEvent('input', {bubbles: true}));"
FOUND = (
    "[...host.shadowRoot.querySelectorAll('a')].some(link => link.href.includes('docs/many-machines.html#'))"
)
LOADS = {"script": "src", "img": "src", "iframe": "src", "link": "href"}


@pytest.fixture(scope="module")
def build():
    spec = importlib.util.spec_from_file_location("build_site", ROOT / "docs" / "site" / "build.py")
    module = importlib.util.module_from_spec(spec)
    path = list(sys.path)
    spec.loader.exec_module(module)
    sys.path[:] = path
    return module


@pytest.fixture(scope="module")
def site(build, tmp_path_factory):
    pytest.importorskip("zensical")
    folder = tmp_path_factory.mktemp("site") / "built"
    assert build.main([str(folder)]) == 0
    return folder


class Page(HTMLParser):
    """What a page holds and what it leads to.

    Attributes:
        anchors: the names of its places.
        links: addresses that a reader may follow.
        loaded: addresses that a browser fetches by itself.
    """

    def __init__(self, path):
        super().__init__()
        self.anchors, self.links, self.loaded = set(), [], []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.anchors.add(found.get("id"))
        if tag == "a" and found.get("href"):
            self.links.append(found["href"])
        if tag in LOADS and found.get(LOADS[tag]):
            self.loaded.append(found[LOADS[tag]])


@pytest.fixture(scope="module")
def pages(site):
    return {path: Page(path) for path in site.rglob("*.html") if path.name != "404.html"}


def test_every_link_and_anchor_leads_somewhere(pages):
    lost, followed = [], 0
    for path, page in pages.items():
        for link in (*page.links, *page.loaded):
            parts = urlsplit(link)
            if parts.scheme in ("http", "https", "data"):
                continue
            followed += 1
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not target.is_file() or (
                parts.fragment and unquote(parts.fragment) not in pages[target].anchors
            ):
                lost.append(f"{path.name}: {link}")
    assert lost == []
    assert followed > 1000


def test_nothing_is_loaded_from_another_host(pages):
    assert [link for page in pages.values() for link in page.loaded if urlsplit(link).netloc] == []


def test_every_page_stands_in_the_menu(build):
    settings = tomllib.loads((ROOT / "docs" / "site" / "zensical.toml").read_text(encoding="utf-8"))[
        "project"
    ]
    shown = [
        page
        for entry in settings["nav"]
        for value in entry.values()
        for page in (value if isinstance(value, list) else [value])
    ]
    wanted = (
        {f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md")} | set(build.OTHERS) | {"commands.md"}
    )
    assert sorted(shown) == sorted(wanted)


def test_all_commands_are_listed_with_their_options(build):
    text = "\n".join(build.reference())
    for words in ("## srcli upscale\n", "## srcli models import\n", "<code>--resume</code>"):
        assert words in text


def test_links_that_lead_nowhere_end_the_build(build, tmp_path, capfd):
    pytest.importorskip("zensical")
    build.lay_out(tmp_path)
    with (tmp_path / "pages" / "README.md").open("a", encoding="utf-8") as readme:
        readme.write("\n[x](docs/no-page.md)\n[x](docs/stores.md#no-place)\n")
    assert build.make_site(tmp_path) != 0
    said = "".join(capfd.readouterr())
    assert "page does not exist" in said
    assert "anchor does not exist" in said


@pytest.mark.skipif(why_absent() is not None, reason=str(why_absent()))
def test_it_is_read_and_searched_from_a_folder_without_a_network(site, tmp_path):
    with open_browser(tmp_path) as window:
        window.open(site / "docs" / "stores.html")
        heading = window.run("return document.querySelector('h1').textContent")
        assert heading.startswith("Pictures in stores")
        window.wait(
            f"{SEARCH} if (!input) document.querySelector('.md-search__button').click(); return input"
        )
        window.wait(f"{SEARCH} {TYPE} return {FOUND}")
        assert schemes_asked(window) <= {"file", "chrome", "data"}
        assert window.log("browser") == []
