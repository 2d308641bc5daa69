"""What may not stand in the built pages: storage, markup from strings, other origins, a slow fallback."""

import re

import pytest

from lianbot.door.page import BUILT, load_assets
from lianbot.officer.desk import officer_page

pytestmark = pytest.mark.skipif(
    not (BUILT / "door.js").exists(), reason="run `npm ci && node build.mjs` in frontend/"
)
FORBIDDEN = (
    "localStorage",
    "sessionStorage",
    "indexedDB",
    "document.cookie",
    "innerHTML",
    "outerHTML",
    "insertAdjacentHTML",
    "document.write",
    "new Worker",
    "serviceWorker",
    "sendBeacon",
    "open.weixin",
    "res.wx.qq.com",
    "WeixinJSBridge",
    "new Function",
    "clipboard.write",
)


@pytest.mark.parametrize("word", FORBIDDEN)
def test_neither_page_holds_a_forbidden_word(word: str) -> None:
    assert word not in load_assets().script
    assert word.encode() not in officer_page()


def test_the_page_names_no_other_origin() -> None:
    named = set(re.findall(r"https?://[a-z0-9.-]+", load_assets().script + load_assets().frame))
    assert named == set()


def test_the_script_can_stand_inside_its_element() -> None:
    script = load_assets().script
    assert not re.search(r"</script|\r|\0", script, re.IGNORECASE)


def test_the_slow_fallback_is_not_shipped() -> None:
    script = load_assets().script
    assert "useAsm" not in script
    assert len(script) < 700_000


def test_the_officers_page_can_connect_to_nothing() -> None:
    policy = re.search(rb'Content-Security-Policy" content="([^"]+)"', officer_page())
    assert policy is not None
    said = policy.group(1).decode()
    assert said.startswith("default-src 'none'; script-src 'sha256-")
    assert "connect-src 'none'; base-uri 'none'; form-action 'none'" in said
    assert "unsafe-inline" not in said


def test_every_field_of_the_page_forbids_remembering() -> None:
    assert load_assets().script.count('autocomplete:"off"') >= 2
    assert 'translate="no"' in load_assets().frame
