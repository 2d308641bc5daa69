"""The audit speaks Chinese: every act has a name, and what changed is told without the fields of a database."""

import re
from pathlib import Path

import pytest

import lianbot
from lianbot.domain.people import Role
from lianbot.phrases.audit import ACTIONS, in_words

SOURCE = Path(lianbot.__file__).parent
LITERAL = re.compile(r'(?:action="|_note\(\s*")([a-z]+\.[a-z_]+)"')


def test_every_act_that_the_source_writes_has_a_name():
    written = {
        found
        for path in SOURCE.rglob("*.py")
        for found in LITERAL.findall(path.read_text(encoding="utf-8"))
    }
    assert len(written) > 20
    assert written - set(ACTIONS) == set()


def test_every_role_has_its_name():
    assert [one for one in Role if in_words({"roles": [one]}).endswith(one)] == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"state": "approved", "step": 1}, "状态：已批准；第几级审批：1"),
        ({"audience": {"posts": [], "new_days": None}}, "发给谁：全体"),
        ({"audience": {"posts": ["COOK"], "teams": []}}, "发给谁：（岗位：COOK）"),
        (
            {"schedule": {"kind": "once", "at": "2026-12-01T06:07:39.213633+00:00"}},
            "什么时候：（怎么排：一次；时间：2026-12-01 14:07）",
        ),
        (
            {"items": [f"LSN-{n}" for n in range(9)]},
            "内容：LSN-0、LSN-1、LSN-2、LSN-3、LSN-4、LSN-5等 9 项",
        ),
        ({"edition": "0236fc50247567918d0e47846c828fc9" * 2, "note": ""}, "版本：0236fc50…"),
        ({"push": "2c1208ed-901b-4ab9-91d1-8b5ed9e61e3f"}, "哪次推送：2c1208ed…"),
        ({"disabled": True, "roles": ["editor", "officer"]}, "停用：是；角色：编辑、纪检委员"),
        ({"nobody_named_it": 3}, "nobody_named_it：3"),
        ({}, ""),
    ],
)
def test_what_changed_is_told_in_words(changes, words):
    assert in_words(changes) == words
