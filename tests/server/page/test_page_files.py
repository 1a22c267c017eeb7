"""The files of the page: whole, relative, and free of what a strict policy of contents forbids."""

from __future__ import annotations

import posixpath
import re

import pytest

from srcli.cli.app import run
from srcli.server.page.files import page_files

TEXTS = {address: file.content.decode() for address, file in page_files().items()}
REFERENCES = re.compile(r"""(?:src|href)="([^"#]+)"|^import [^"]*"([^"]+)"|url\("?([^")]+)""", re.MULTILINE)


@pytest.mark.parametrize("address", TEXTS)
def test_all_that_a_file_refers_to_is_there(address):
    for found in REFERENCES.findall(TEXTS[address]):
        target = posixpath.normpath(posixpath.join(posixpath.dirname(address), "".join(found)))
        assert target in TEXTS


@pytest.mark.parametrize("address", TEXTS)
def test_nothing_is_asked_of_another_host_or_of_the_root(address):
    without_namespace = TEXTS[address].replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?://|[\"'`(]//|[\"'`(]/(?:v1|static)", without_namespace)


def test_page_holds_no_script_and_no_style_of_its_own():
    page = TEXTS[""]
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\bstyle=|\bon[a-z]+=|javascript:", page)


def test_every_field_has_a_label():
    page = TEXTS[""]
    labelled = re.findall(r'<label[^>]* for="([^"]+)"', page)
    ids = re.findall(r'<(?:input|select)[^>]* id="([^"]+)"', page)
    assert set(ids) <= set(labelled)


def test_same_content_has_the_same_tag():
    tags = {file.etag for file in page_files().values()}
    assert len(tags) == len(page_files())
    assert all(re.fullmatch(r'"[0-9a-f]{64}"', tag) for tag in tags)


def test_options_that_the_page_names_are_those_of_the_command(capsys):
    assert run(["serve", "--help"]) == 0
    known = set(re.findall(r"--[a-z-]+", capsys.readouterr().out))
    named = set(re.findall(r"(?<=[ `])--[a-z]+[a-z-]*", TEXTS["static/page/limits.js"]))
    assert named
    assert named <= known
