"""The page of the addresses: every page of the viewer and every answer for programs, as the viewer knows them."""

from __future__ import annotations

import inspect

from documents.markup import HOME, code, codes, page, table
from ecogeo.workspace import open_workspace
from viewer import create_app

_QUIET = {"HEAD", "OPTIONS"}


def address_page() -> str:
    """Return the page of all addresses."""
    rows = addresses()
    pages = [row for row in rows if not _is_for_programs(row[0])]
    programs = [row for row in rows if _is_for_programs(row[0])]
    head = ("地址", "方法", "Does")
    return page(
        "网页与接口 Pages and interfaces",
        "一个服务器有几个县时，每个地址前面加县代码，如 `/450206/projects`。`GET` 不改变任何东西；"
        "`POST` 须带页面的令牌，只作计算的须来自同一网站，见 [Security](../security.md)。\n\n"
        "With several counties in one server, a county's code goes in front of each address, such as "
        "`/450206/projects`. `GET` changes nothing; `POST` asks for the token of the page, or for the same origin "
        "where it only computes: see [security](../security.md).",
        "## 网页 Pages",
        table(head, ((code(path), codes(methods), said) for path, methods, said in pages)),
        "## 给其他程序 For other programs",
        table(head, ((code(path), codes(methods), said) for path, methods, said in programs)),
    )


def _is_for_programs(path: str) -> bool:
    """Whether an address is there for programs and not for people."""
    return path.startswith(("/api", "/ogc", "/tiles", "/downloads/", "/metrics", "/healthz"))


def addresses() -> list[tuple[str, list[str], str]]:
    """Return every address with its methods and what it does, sorted."""
    app = create_app(open_workspace(HOME))
    found = []
    for rule in app.url_map.iter_rules():
        if rule.endpoint.rpartition(".")[2] == "static":
            continue
        said = (inspect.getdoc(app.view_functions[rule.endpoint]) or "").partition("\n")[0]
        found.append((rule.rule, sorted((rule.methods or set()) - _QUIET), said.replace("``", "`")))
    return sorted(found)
