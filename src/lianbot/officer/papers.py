"""What the officer prints: the hand-on sheet (线索移送) and the poster with its fingerprint."""

import io
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import segno
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Image, Paragraph, SimpleDocTemplate, Spacer, Table

from lianbot.officer.casework import NAMES, Case
from lianbot.printing.fonts import PLACES, chinese_font
from lianbot.sealing.recipients import Recipients

CATEGORIES = {
    "gift": "收礼、回扣、人情菜",
    "buying": "采购、验收、库存",
    "food": "食品安全",
    "safety": "用火用电、安全",
    "wage": "欠薪、工时、扣钱",
    "bully": "欺负、骚扰、打击报复",
    "property": "公物私用、偷拿",
    "leader": "领导干部的事",
    "other": "别的",
}
KNOWING = {"one": "只有本人", "few": "两三个人", "many": "很多人都知道", "unsure": "说不清"}
KINDS = {"concern": "意见", "more": "补充", "object": "不同意处理结果"}
LONGEST_CELL = 120
"""A row of the table cannot go on over the page: a longer fact would leave no PDF at all."""
HAND_ON_NOTE = (
    "来件匿名，本单位不掌握来件人的姓名、账号、地址、设备和时间（只到日）。请勿核对笔迹、语气或排查来件人；"
    "知情人数见上，核查方式请避免暴露来件人。"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """Who prints, and when; both stand across every page."""

    officer: str
    day: date
    fonts: tuple[Path, ...] = PLACES


def hand_on_sheet(case: Case, to: str, sheet: Sheet) -> bytes:
    """线索移送单 as PDF, with the watermark of officer and day."""
    font = chinese_font(sheet.fonts)
    body, head = _style(font, 11), _style(font, 18)
    facts = [
        ["编号", case.id],
        ["移送单位", sheet.officer],
        ["接收单位", to],
        ["来件日期", case.letters[0].day],
        ["移送日期", sheet.day.isoformat()],
        ["类别", CATEGORIES.get(case.category, "别的")],
        ["地点", case.place or "未说"],
        ["知情人数", KNOWING.get(case.knowing, "说不清")],
        ["办理状态", NAMES[case.state]],
    ]
    story: list[Flowable] = [Paragraph("线索移送单", head), Spacer(1, 8 * mm)]
    story.append(
        _table([[Paragraph(_safe(_cut(cell)), body) for cell in row] for row in facts], font)
    )
    if _cut(case.place) != case.place:
        story += [Spacer(1, 5 * mm), *_lines(f"地点（全文）：{case.place}", body)]
    for letter in case.letters:
        story.append(Spacer(1, 5 * mm))
        label = f"{KINDS.get(letter.kind, '来件')}（{letter.day}，照片 {len(letter.photos)} 张）"
        story += [Paragraph(label, body), *_lines(letter.text, body)]
    story += [Spacer(1, 8 * mm), Paragraph(HAND_ON_NOTE, body), Spacer(1, 12 * mm)]
    story.append(Paragraph("移送人（签字）：____________　接收人（签字）：____________", body))
    return _build(story, font, sheet, "线索移送单")


def poster(recipients: Recipients, url: str, script: str, sheet: Sheet) -> bytes:
    """意见箱 poster: address, QR code, key fingerprint, the other ways."""
    font = chinese_font(sheet.fonts)
    code = io.BytesIO()
    segno.make(url, error="m").save(code, kind="png", scale=12, border=2)
    code.seek(0)
    big, text, small = (
        _style(font, 34, middle=True),
        _style(font, 17, middle=True),
        _style(font, 11, middle=True),
    )
    offices = "、".join(office.name for office in recipients.offices)
    story = [
        Paragraph("学习与服务 · 意见箱", big),
        Spacer(1, 12 * mm),
        Paragraph(
            "看见不对的事，想说又怕被认出来：用手机自带的浏览器或微信扫一扫，不用登录，不问姓名。",
            text,
        ),
        Spacer(1, 6 * mm),
        Image(code, width=85 * mm, height=85 * mm),
        Paragraph(_safe(url), text),
        Spacer(1, 8 * mm),
        Paragraph(f"谁能打开：{_safe(offices)}。系统管理员打不开。", text),
        Paragraph(f"收信人钥匙指纹：{recipients.fingerprint}", text),
        *([Paragraph(f"页面程序校验：{script}", small)] if script else []),
        Spacer(1, 6 * mm),
        Paragraph(
            "也可以：12388 纪检举报　12333 工资社保　12315 食品价格　110 有人正受伤害　纸条放进意见箱",
            text,
        ),
        Spacer(1, 4 * mm),
        Paragraph(
            "微信和网络运营商不在我们控制之内；最稳妥的是用自己的流量、手机自带的浏览器。", small
        ),
    ]
    return _build(story, font, sheet, "意见箱海报", marked=False)


def _build(
    story: list[Flowable], font: str, sheet: Sheet, title: str, *, marked: bool = True
) -> bytes:
    out = io.BytesIO()

    def mark(canvas: Canvas, _doc: object) -> None:
        if marked:
            watermark(canvas, font, f"{sheet.officer} {sheet.day.isoformat()}")

    document = SimpleDocTemplate(out, pagesize=A4, title=title, author="", invariant=1)
    document.build(story, onFirstPage=mark, onLaterPages=mark)
    return out.getvalue()


def watermark(canvas: Canvas, font: str, text: str) -> None:
    """The reader's name across the page: a leaked copy says whose it was."""
    canvas.saveState()
    canvas.setFont(font, 30)
    canvas.setFillGray(0.86)
    canvas.translate(A4[0] / 2, A4[1] / 2)
    canvas.rotate(40)
    for line in (-220, 0, 220):
        canvas.drawCentredString(0, line, text)
    canvas.restoreState()


def _style(font: str, size: int, *, middle: bool = False) -> ParagraphStyle:
    return ParagraphStyle(
        name=f"{font}{size}{middle}",
        fontName=font,
        fontSize=size,
        leading=size * 1.6,
        wordWrap="CJK",
        alignment=1 if middle else 0,
    )


def _table(rows: list[list[Paragraph]], font: str) -> Table:
    return Table(
        rows,
        colWidths=[32 * mm, 128 * mm],
        style=[("GRID", (0, 0), (-1, -1), 0.5, "#888888"), ("FONTNAME", (0, 0), (-1, -1), font)],
    )


def _cut(text: str) -> str:
    """One line or a few: short enough for a row, however the page that wrote it was built."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_CELL else f"{line[:LONGEST_CELL]}…"


def _lines(text: str, style: ParagraphStyle) -> list[Flowable]:
    """A paragraph a line: one with thousands of breaks would be split anew at every page, for minutes."""
    return [Paragraph(_safe(line) or "&nbsp;", style) for line in text.split("\n")]


def _safe(text: str) -> str:
    """Sealed text is a stranger's: no markup of the PDF library may stand in it."""
    clean = "".join(sign if sign.isprintable() else " " for sign in text)
    return clean.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
