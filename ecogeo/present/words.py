"""The words the script of a meeting writes, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecogeo.present.plain_map import pair
from ecogeo.wording import Text

WORDS: Mapping[str, Text] = {
    "step": Text("第 {number} 步，共 {total} 步", "Step {number} of {total}"),
    "previous": Text("上一步", "Previous"),
    "next": Text("下一步", "Next"),
    "list": Text("步骤目录", "All steps"),
    "themeDark": Text("深色", "Dark"),
    "themeLight": Text("浅色", "Light"),
    "fullScreen": Text("全屏", "Full screen"),
    "keys": Text("按键说明", "Keys"),
    "close": Text("关闭", "Close"),
    "compare": Text("只看前或后", "Before or after alone"),
    "swipe": Text("前后分界线的位置", "Where before and after meet"),
    "map": Text("地图", "Map"),
    "zoomIn": Text("放大地图", "Zoom in"),
    "zoomOut": Text("缩小地图", "Zoom out"),
    "legend": Text("图例", "Legend"),
    "enlarge": Text("放大图片", "Enlarge the picture"),
    "sites": Text("{count} 处用地", "{count} sites"),
    "siteTo": Text("用地与{layer}：{answer}", "site and {layer}: {answer}"),
    "siteHere": Text("用地（本步）：{answer}", "site (this step): {answer}"),
    "vagueKey": Text("虚线圈：只知大致位置", "dashed circle: whereabouts only"),
    "vague": Text("只知大致位置", "whereabouts only"),
    "loading": Text("正在载入图层…", "Loading layers…"),
    "failed": Text("图层载入失败，请刷新页面后重试", "A layer could not be loaded: reload the page"),
    "noShape": Text("没有图形，不上图", "it has no shape and is on no map"),
    "controls": Text("演示操作", "Controls"),
    "text": Text("本步文字", "Words of this step"),
    "keyLines": Text(
        "→ 空格 PageDown：下一步|← PageUp：上一步|↑ ↓：翻看文字|Home End：第一步、最后一步|"
        "B：只看前或只看后；焦点在分界线上时 ← → 移动它|L：步骤目录|T：深色、浅色|F：全屏|？：本说明|Esc：关闭",
        "→ Space PageDown: next|← PageUp: previous|↑ ↓: scroll the words|Home End: first, last|"
        "B: before or after alone; ← → move the dividing line where it has the focus|L: all steps|"
        "T: dark or light|F: full screen|?: this list|Esc: close",
    ),
}
"""What the script of the steps writes; ``{…}`` is filled in by it."""


def plain_words(words: Mapping[str, Text]) -> dict[str, Any]:
    """Return words of a script in both languages."""
    return {name: pair(text) for name, text in words.items()}
