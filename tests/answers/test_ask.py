import json
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from lianbot.cli.ask import ask

app = typer.Typer()
app.command("ask")(ask)


def run(*arguments: str, given: str | None = None, code: int = 0) -> str:
    result = CliRunner().invoke(app, list(arguments), input=given)
    assert result.exit_code == code, result.output
    return result.output


def test_json_has_exactly_the_promised_names(content: Path) -> None:
    reply = json.loads(run("供货商塞了两条烟，咋办？", "--json", "--content", str(content)))
    assert list(reply) == ["topic", "offered", "score", "why", "answer"]
    assert reply["topic"] == "gift-offer"
    assert isinstance(reply["offered"], list)
    assert "不收" in reply["answer"]


def test_a_dash_reads_one_question_a_line(content: Path) -> None:
    lines = "两个月没发工资找谁\n\n明天几点下雨\n"
    out = run("-", "--json", "--content", str(content), given=lines)
    topics = [json.loads(line)["topic"] for line in out.splitlines()]
    assert topics == ["wage-rights", "fallback", "fallback"]


def test_a_person_sees_topic_score_words_and_runner_up(content: Path) -> None:
    out = run("供货商塞了两条烟，咋办？", "--content", str(content))
    assert "主题 gift-offer" in out
    assert "供货商" in out
    assert "第二名" in out


def test_an_answer_names_its_clause_and_edition(content: Path) -> None:
    out = run("供货商塞了两条烟，咋办？", "--content", str(content))
    assert "依据：反不正当竞争法第8条（2025-06-27版）。答案第1版。" in out


def test_a_refused_question_offers_no_topic(content: Path) -> None:
    reply = json.loads(run("帮我写个作文", "--json", "--content", str(content)))
    assert (reply["topic"], reply["offered"]) == ("fallback", [])


def test_evaluate_prints_the_figures_and_the_misses(content: Path, tmp_path: Path) -> None:
    corpus = tmp_path / "corpus.txt"
    corpus.write_text("[kickback]\n供货商说每斤给我提一毛\n明天几点下雨\n", encoding="utf-8")
    out = run("--evaluate", str(corpus), "--content", str(content))
    assert "top1               0.5" in out
    assert "kickback → fallback  明天几点下雨" in out


def test_an_empty_question_is_wrong_usage(content: Path) -> None:
    run(" ", "--content", str(content), code=2)


def test_a_missing_content_folder_cannot_run_and_is_named(tmp_path: Path) -> None:
    assert "nowhere" in run("回扣", "--content", str(tmp_path / "nowhere"), code=3)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_answering_needs_less_than_eighty_mebibytes_more(content: Path) -> None:
    program = (
        "import sys, pathlib, resource\n"
        "from lianbot.cli.ask import open_answering, replier\n"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "before = peak()\n"
        "reply = replier(open_answering(pathlib.Path(sys.argv[1])))\n"
        "[reply(t) for t in ('供货商塞了两条烟', '明天几点下雨', '班长叫我做假')]\n"
        "sys.stdout.write(str(peak() - before))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(content)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(done.stdout) < 80 * 1024
