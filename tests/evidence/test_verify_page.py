"""verify.html: one file, its own policy, no network, and Ed25519 with or without the browser's help."""

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from lianbot.evidence import verify_bundle

PAGE = Path(verify_bundle.__file__).parent / "enclosed/verify.html"
TEXT = PAGE.read_text("utf-8")


def part(pattern: str) -> str:
    found = re.search(pattern, TEXT, re.DOTALL)
    assert found
    return found[1]


def hashed(text: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


def test_the_policy_allows_exactly_its_own_script_and_style() -> None:
    assert part(r'Content-Security-Policy" content="([^"]+)"') == (
        "default-src 'none'; "
        f"script-src {hashed(part(r'<script>(.*?)</script>'))}; "
        f"style-src {hashed(part(r'<style>(.*?)</style>'))}; "
        "base-uri 'none'; form-action 'none'"
    )


def test_the_page_says_the_same_as_verify_py() -> None:
    texts = json.loads(part(r'id="texts">(.*?)</script>'))
    assert {code: tuple(pair) for code, pair in texts["reasons"].items()} == verify_bundle.REASONS
    assert {place: tuple(pair) for place, pair in texts["places"].items()} == verify_bundle.PLACES


def test_the_page_names_no_address() -> None:
    assert not re.search(r"https?:|//[a-z]+\.[a-z]|src=|@import", TEXT)


WAYS = {
    "the browser's Ed25519": "",
    "plain JavaScript": "crypto.subtle.importKey = async () => { throw Error('no') }",
    "no WebCrypto at all": "Object.defineProperty(crypto, 'subtle', { value: undefined })",
}


@pytest.fixture(params=list(WAYS.values()), ids=list(WAYS))
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    opened = context.new_page()
    opened.add_init_script(request.param)
    opened.goto(PAGE.as_uri())
    yield opened
    context.close()


def judged(page: Page, folder: Path) -> dict[str, Any]:
    page.set_input_files("#folder", folder)
    page.wait_for_selector("#json", state="attached")
    verdict: dict[str, Any] = json.loads(page.text_content("#json") or "")
    return verdict


@pytest.mark.browser
def test_a_good_bundle_is_accepted_by_every_way_of_checking_signatures(
    bundle: Any, page: Page
) -> None:
    assert judged(page, bundle.folder)["ok"]


@pytest.mark.browser
def test_a_broken_signature_is_refused_by_every_way_of_checking_signatures(
    bundle: Any, page: Page
) -> None:
    path = bundle.folder / "checkpoints/16.txt"
    note = path.read_text("utf-8")
    at = note.rindex(" ") + 12
    path.write_text(note[:at] + ("A" if note[at] != "A" else "B") + note[at + 1 :], "utf-8")
    assert judged(page, bundle.folder)["code"] == "bad_signature"


@pytest.mark.browser
def test_the_page_asks_for_nothing_and_complains_of_nothing(
    bundle: Any, verify_page: Page
) -> None:
    asked: list[str] = []
    said: list[str] = []
    verify_page.reload()
    verify_page.on("request", lambda request: asked.append(request.url))
    verify_page.on("console", lambda message: said.append(message.text))
    verify_page.on("pageerror", lambda error: said.append(str(error)))
    assert judged(verify_page, bundle.folder)["ok"]
    assert (asked, said) == ([], [])


@pytest.mark.browser
def test_a_person_reads_chinese_first_and_the_bad_line(bundle: Any, verify_page: Page) -> None:
    bundle.edit(17, minute="2026-12-01T22:06Z")
    verify_page.reload()
    judged(verify_page, bundle.folder)
    shown = verify_page.inner_text("#result")
    assert shown.index("第 17 条：时间早于前一条") < shown.index("entry 17: is earlier")


@pytest.mark.browser
def test_a_posted_checkpoint_of_another_form_is_explained(bundle: Any, verify_page: Page) -> None:
    verify_page.reload()
    verify_page.fill("#anchor", "16")
    verify_page.set_input_files("#folder", bundle.folder)
    verify_page.wait_for_selector("#result.bad")
    assert "应为 条数:根" in verify_page.inner_text("#result")


@pytest.mark.browser
def test_a_bundle_without_checkpoints_is_called_unsigned(bundle: Any, verify_page: Page) -> None:
    for name in ("checkpoints", "anchors"):
        for path in (bundle.folder / name).iterdir():
            path.unlink()
    verify_page.reload()
    judged(verify_page, bundle.folder)
    assert "UNSIGNED" in verify_page.inner_text("#result h2")
