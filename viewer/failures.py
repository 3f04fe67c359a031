"""Pages for what goes wrong: in the reader's language, and without the insides of the server."""

from __future__ import annotations

import logging

from flask import Flask, Response, current_app, make_response, render_template, request
from flask_babel import gettext as _
from werkzeug.exceptions import HTTPException, SecurityError

from ecogeo.errors import EcogeoError
from ecogeo.faults import system_trouble
from viewer.accounts.access import access, current_role
from viewer.accounts.gate import NotAllowed
from viewer.languages import current_lang

_LOG = logging.getLogger(__name__)


def set_up(app: Flask) -> None:
    """Answer errors by pages, or by JSON below ``/api/``."""
    app.register_error_handler(SecurityError, _untrusted)
    app.register_error_handler(NotAllowed, _not_allowed)
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(EcogeoError, _unusable)
    app.register_error_handler(OSError, _troubled)
    app.register_error_handler(Exception, _broken)


def _untrusted(_error: SecurityError) -> Response:
    """Answer a request under a name the server is not known by; no page, since no address can be built for it."""
    return Response("Bad Request: this host name is not served here.\n", status=400, mimetype="text/plain")


def _not_allowed(_error: NotAllowed) -> Response:
    """Answer what the role of the account does not allow."""
    if current_role() is None:
        return _page(403, _("您的账户不能使用这里，请找管理员"), [])
    return _page(403, _("您的账户没有这项权限"), [_("没有保存任何内容；需要时请让管理员改变您的角色。")])


def _refused(error: HTTPException) -> Response:
    code = error.code or 500
    wordings = {
        404: _("没有这个页面或项目"),
        405: _("这个地址不接受这种请求"),
        403: _("没有保存：这次提交没有被接受"),
        413: _("没有保存：提交的内容太长"),
        503: _("没有保存：日志写不进去"),
    }
    reasons = {
        503: _("谁做了什么都要先记入日志，日志现在写不进去（磁盘可能已满），请让管理员处理后再提交。"),
        403: _(
            "提交不是从本系统的页面发出的，或者页面已经过期（打开页面之后服务器重新启动过）。"
            "请后退取回填写的内容，重新打开原来的页面再提交。"
        ),
    }
    return _page(code, wordings.get(code, _("这个请求无法处理")), [reasons[code]] if code in reasons else [])


def _unusable(error: EcogeoError) -> Response:
    """Show what makes the county's files unusable: sentences written for people."""
    lang = current_lang()
    return _page(500, _("县域资料无法使用"), [problem.say(lang) for problem in error.problems])


def _troubled(error: OSError) -> Response:
    """Say what a disk, a drive or a right lacks; what else the system says stays in the log."""
    trouble = system_trouble(error)
    if trouble is None:
        return _broken(error)
    _LOG.error("request failed: %s", request.path, exc_info=error)
    return _page(503, _("磁盘或文件读写出错"), [trouble.say(current_lang())])


def _broken(error: Exception) -> Response:
    _LOG.error("request failed: %s", request.path, exc_info=error)
    return _page(500, _("服务器内部出错，已记入日志"), [])


def _page(code: int, title: str, problems: list[str]) -> Response:
    if request.path.startswith(("/api/", "/ogc", "/tiles/")):
        return make_response({"error": title, "problems": problems}, code)
    is_of_county = "county.show" in current_app.view_functions and (access() is None or current_role() is not None)
    shell = "base.html" if is_of_county else "accounts_base.html"
    return make_response(render_template("error.html", code=code, title=title, problems=problems, shell=shell), code)
