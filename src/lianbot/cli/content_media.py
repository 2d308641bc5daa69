"""`lianbot content draw|voice|speak`: pictures from their sources, recordings from a phone, a synthetic voice as an extra."""

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Annotated, Final

import typer

from lianbot.bootstrap import content_directory
from lianbot.cli.edge import Exit, fail, guarded, say
from lianbot.curriculum import load
from lianbot.curriculum.drawing import draw_all
from lianbot.curriculum.recording import convert
from lianbot.curriculum.voicing import SYNTHETIC, keep_voice, voice_script_of
from lianbot.settings import load_settings

ESPEAK: Final = "espeak-ng"
SPOKEN_MARK: Final = "下面是合成语音，不是真人念的。"
_PACE = "170"

Directory = Annotated[
    Path | None, typer.Option("--content", help="内容文件夹，不写就用设置里的", show_default=False)
]


def _root(directory: Path | None) -> Path:
    root = directory or content_directory(guarded(load_settings))
    if not root.is_dir():
        fail(f"没有文件夹 {root}", Exit.USAGE)
    return root


def draw(directory: Directory = None) -> None:
    """把 media/ 里的 .svg 画成 .png，内容里用 .png。"""
    root = _root(directory)
    changed = guarded(lambda: draw_all(root))
    for name in changed:
        say(f"media/{name}")
    say(f"画了 {len(changed)} 张。" if changed else "都是最新的。")


def voice(
    item: Annotated[str, typer.Argument(help="内容编号，如 LSN-RECV-001")],
    recording: Annotated[
        Path, typer.Argument(help="手机录的文件：.m4a .mp3 .wav .webm .amr 都行")
    ],
    slow: Annotated[bool, typer.Option("--slow", help="这是慢速的一遍")] = False,
    directory: Directory = None,
) -> None:
    """把真人录音转成 .mp3 和 .amr，放进 voice/，写进那条内容；发布后要重新审核。"""
    root = _root(directory)
    if not recording.is_file():
        fail(f"没有文件 {recording}", Exit.USAGE)
    made = guarded(lambda: convert(recording.read_bytes()))
    names = guarded(lambda: keep_voice(root, item, made, slow=slow))
    say(
        f"{'、'.join(names)}，{made.seconds:.0f} 秒。接着运行 lianbot content publish，等另一个人审核。"
    )


def speak(
    item: Annotated[str, typer.Argument(help="内容编号，如 LSN-RECV-001")],
    directory: Directory = None,
) -> None:
    """用电脑念语音稿（额外的，没有真人录音时顶一顶）；开头和页面上都说明是合成的。"""
    if shutil.which(ESPEAK) is None:
        fail(
            f"这台机器没有装 {ESPEAK}，念不了。请装上（apt install {ESPEAK}），或者请人用手机录：lianbot content voice",
            Exit.CANNOT_RUN,
        )
    root = _root(directory)
    script = guarded(lambda: voice_script_of(load(root), item))
    with tempfile.TemporaryDirectory() as folder:
        spoken = Path(folder) / "spoken.wav"
        subprocess.run(  # noqa: S603 - a fixed program; the text goes in by its standard input
            [ESPEAK, "-v", "cmn", "-s", _PACE, "--stdin", "-w", str(spoken)],
            input=f"{SPOKEN_MARK}{script}",
            text=True,
            check=True,
        )
        made = guarded(lambda: convert(spoken.read_bytes()))
    names = guarded(lambda: keep_voice(root, item, made, mark=SYNTHETIC))
    say(f"{'、'.join(names)}，{made.seconds:.0f} 秒，合成语音。有真人录音以后请换掉。")
