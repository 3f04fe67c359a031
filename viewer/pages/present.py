"""Meetings: the steps shown one by one, edited in the browser, kept in the county's folder, printed as a handout."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, abort, make_response, render_template, request, send_file, url_for
from flask_babel import gettext as _

from ecogeo.cells import CellLayer, cell_layers
from ecogeo.errors import EcogeoError, UsageError
from ecogeo.mapdata import DrawnLayer
from ecogeo.present.deck_file import Deck, deck_path, read_deck, save_deck
from ecogeo.present.default_steps import default_steps
from ecogeo.present.handout import handout_bytes
from ecogeo.present.pictures import MOST_PICTURE_BYTES, keep_picture, picture_folder, picture_names
from ecogeo.present.plain_cells import drawn_cells, plain_cells
from ecogeo.present.plain_map import pair, plain_map, plain_shapes
from ecogeo.present.steps import MOST_BYTES, Step, parse_steps, step_doubts, steps_json, steps_object
from ecogeo.present.words import WORDS, plain_words
from ecogeo.wording import Text
from viewer.boards import Board
from viewer.clock import today
from viewer.languages import current_lang
from viewer.pages.cells import drawn_picture
from viewer.prepared import board, prepared
from viewer.security import form_token, require_own_form

pages = Blueprint("present", __name__)

_FORM_BYTES = MOST_BYTES * 4
"""A form of steps: letters beyond ASCII take up to nine bytes in it."""

_LARGE_BYTES = 60_000
"""Layers that take more are fetched when a step first shows them, but for those that are on at first."""


@pages.get("/present")
def show() -> str:
    """Show the steps; ``#step=`` names the first one shown."""
    shown = board()
    deck, problems = _deck()
    steps = deck.steps or _computed(shown)
    doubts = step_doubts(
        steps,
        layers=[
            *(layer.name for layer in (*shown.county.layers, *shown.county.earlier)),
            *(one.name for one in _cells()),
        ],
        subjects=list(shown.by_id),
        pictures=_pictures(),
    )
    if deck.is_torn:
        doubts = (
            Text(
                "最后一次保存没有写完，显示的是之前的步骤", "the last save was cut off: the steps before it are shown"
            ),
            *doubts,
        )
    return render_template(
        "present.html",
        steps=steps,
        doubts=[*problems, *doubts],
        present_data=_data(shown, deck, steps),
    )


@pages.get("/present/layers/<name>.json")
def layer(name: str) -> Response:
    """Return the shapes of a layer as the page draws them."""
    if any(one.name == name for one in _cells()):
        try:
            return make_response(drawn_cells(drawn_picture(name), url_for("cells.picture", name=name)))
        except EcogeoError as error:
            return _refused(409, error.problems)
    drawn = board().county.drawn(name)
    if drawn is None or drawn.pack is not None:
        abort(404)
    return make_response(plain_shapes(drawn, with_words=False))


@pages.get("/present/steps.json")
def download() -> Response:
    """Hand out the steps as a file that can be loaded again."""
    deck, problems = _deck()
    if problems:
        abort(409)
    answer = make_response(steps_json(deck.steps or _computed(board())) + "\n")
    answer.mimetype = "application/json"
    answer.headers["Content-Disposition"] = "attachment; filename=steps.json"
    return answer


@pages.post("/present/steps")
def save() -> Response:
    """Keep the steps of the form in the county's folder; ``steps`` empty goes back to the computed ones."""
    require_own_form(most_bytes=_FORM_BYTES, most_typed_bytes=_FORM_BYTES)
    if (closed := prepared().why_closed) is not None:
        return _refused(403, [closed])
    text, after = request.form.get("steps", ""), request.form.get("after", "")
    if not after.isdecimal():
        abort(400)
    try:
        steps = parse_steps(text) if text else ()
    except UsageError as error:
        return _refused(400, error.problems)
    try:
        kept = save_deck(_path(), steps, after=int(after), on=today().isoformat())
    except UsageError as error:
        return _refused(409, error.problems)
    except EcogeoError as error:
        return _refused(409, error.problems)
    except OSError:
        return _refused(503, [_cannot_write()])
    return make_response({"number": kept.number, **steps_object(kept.steps or _computed(board()))})


@pages.post("/present/pictures")
def attach() -> Response:
    """Keep a picture for a step and return its name."""
    require_own_form(most_bytes=MOST_PICTURE_BYTES + 64 * 1024)
    if (closed := prepared().why_closed) is not None:
        return _refused(403, [closed])
    upload = request.files.get("picture")
    if upload is None:
        return _refused(400, [Text("请选择图片", "choose a picture")])
    try:
        name = keep_picture(_picture_folder(), upload.stream.read(MOST_PICTURE_BYTES + 1))
    except UsageError as error:
        return _refused(400, error.problems)
    except OSError:
        return _refused(503, [_cannot_write()])
    return make_response({"name": name, "url": url_for("present.picture", name=name)})


@pages.get("/present/pictures/<name>")
def picture(name: str) -> Response:
    """Return a picture of a step."""
    if name not in _pictures():
        abort(404)
    kind = "image/png" if name.endswith(".png") else "image/jpeg"
    return send_file((_picture_folder() / name).resolve(), mimetype=kind)


@pages.route("/present/handout", methods=["GET", "POST"])
def handout() -> Response:
    """Draw the steps as an A3 handout: those that are kept, or those of the form."""
    if request.method == "POST":
        require_own_form(most_bytes=_FORM_BYTES, most_typed_bytes=_FORM_BYTES)
        try:
            steps = parse_steps(request.form.get("steps", ""))
        except UsageError as error:
            return _refused(400, error.problems)
    else:
        steps = read_deck(_path()).steps or _computed(board())
    content = handout_bytes(
        prepared().workspace, board().report, board().records, steps, lang=current_lang(), pictures=_picture_folder()
    )
    answer = make_response(content)
    answer.mimetype = "application/pdf"
    answer.headers["Content-Disposition"] = "attachment; filename=handout.pdf"
    return answer


def _deck() -> tuple[Deck, tuple[Text, ...]]:
    """Return the steps that are kept, or none and why they cannot be read."""
    try:
        return read_deck(_path()), ()
    except EcogeoError as error:
        return Deck(), error.problems


def _computed(shown: Board) -> tuple[Step, ...]:
    return default_steps(prepared().workspace, shown.report, shown.records, list(shown.plans.values()))


def _data(shown: Board, deck: Deck, steps: Sequence[Step]) -> dict[str, Any]:
    closed = prepared().why_closed
    notice = prepared().workspace.county.mark
    lit = {name for step in steps[:1] for name in step.layers or ()}

    def is_needed(drawn: DrawnLayer) -> bool:
        return drawn.is_inline or drawn.name in lit or drawn.page_bytes < _LARGE_BYTES

    plain = plain_map(
        shown.county,
        relief=None,
        with_words=False,
        layer_url=lambda drawn: url_for("present.layer", name=drawn.name),
        tile_url=_tile_url,
        is_needed=is_needed,
    )
    cells = [plain_cells(one) | {"url": url_for("present.layer", name=one.name)} for one in _cells()]
    return {
        "map": {**plain, "layers": [*plain["layers"], *cells], "relief": _relief(shown)},
        **steps_object(steps),
        "pictures": {name: url_for("present.picture", name=name) for name in sorted(_pictures())},
        "words": plain_words(WORDS),
        "notice": None if notice is None else pair(notice),
        "lang": current_lang(),
        "edit": {
            "token": form_token(),
            "number": deck.number,
            "closed": None if closed is None else pair(closed),
            "saveUrl": url_for("present.save"),
            "pictureUrl": url_for("present.attach"),
            "handoutUrl": url_for("present.handout"),
            "county": prepared().workspace.county.code or prepared().workspace.county.name,
            "subjects": [[record.record_id, record.name] for record in shown.records if record.sites],
            "mostPictureMb": MOST_PICTURE_BYTES // (1024 * 1024),
            "words": _edit_words(),
        },
    }


def _cells() -> tuple[CellLayer, ...]:
    return cell_layers(prepared().workspace)


def _relief(shown: Board) -> dict[str, Any] | None:
    return None if shown.relief is None else {"url": url_for("api.relief"), "bounds": list(shown.relief.bounds)}


def _tile_url(drawn: DrawnLayer) -> str:
    """Return the address of a layer's tiles; it names what they are drawn from, so that a browser may keep them."""
    address = url_for("tiles.picture", layer=drawn.name, z=0, x=0, y=0, v=drawn.drawn_from)
    return address.replace("/0/0/0.png", "/{z}/{x}/{y}.png")


def _path() -> Path:
    return deck_path(prepared().workspace.data_folder)


def _picture_folder() -> Path:
    return picture_folder(prepared().workspace.data_folder)


def _pictures() -> frozenset[str]:
    return picture_names(_picture_folder())


def _cannot_write() -> Text:
    return Text(
        "文件夹写不进去，没有保存；请让管理员开放写入权限",
        "the folder cannot be written and nothing was saved: have it opened for writing",
    )


def _refused(code: int, problems: Sequence[Text]) -> Response:
    return make_response({"problems": [problem.say(current_lang()) for problem in problems]}, code)


def _edit_words() -> dict[str, str]:
    """Return the words the editor writes."""
    return {
        "edit": _("编辑步骤"),
        "done": _("结束编辑"),
        "title": _("标题"),
        "text": _("文字（一行一段）"),
        "layers": _("显示的图层"),
        "spotlight": _("聚焦的项目或用地"),
        "none": _("不用"),
        "comparison": _("前后对比"),
        "withWithout": _("有无：%(layer)s"),
        "versions": _("旧版与现行：%(layer)s"),
        "without": _("不显示%(layer)s"),
        "with": _("显示%(layer)s"),
        "before": _("旧版"),
        "now": _("现行"),
        "picture": _("图片（PNG 或 JPEG，至多 %(most)s MB）"),
        "pictureAlt": _("图片说明"),
        "pictureOff": _("去掉图片"),
        "view": _("用当前地图范围"),
        "whole": _("用全县范围"),
        "add": _("按当前地图加一步"),
        "copy": _("复制本步"),
        "delete": _("删除本步"),
        "up": _("前移"),
        "down": _("后移"),
        "save": _("保存"),
        "saved": _("已保存"),
        "savedHere": _("已存在本浏览器里"),
        "notSavedHere": _("浏览器不让保存，请下载"),
        "unsaved": _("有未保存的改动"),
        "download": _("下载步骤"),
        "load": _("导入步骤文件"),
        "loaded": _("已导入，尚未保存"),
        "badFile": _("不是步骤文件"),
        "computed": _("恢复自动生成的步骤"),
        "handout": _("下载 A3 讲义（PDF）"),
        "failed": _("没有保存，请重试"),
        "deleted": _("已删除"),
        "sureComputed": _("放弃改动，恢复自动生成的步骤？"),
        "newStep": _("新的一步"),
        "stepOf": _("第 %(number)s 步"),
    }
