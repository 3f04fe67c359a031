"""What the script of the one file writes, in both languages."""

from __future__ import annotations

from collections.abc import Mapping

from ecogeo.wording import Text

EXPORT_WORDS: Mapping[str, Text] = {
    "title": Text("规划与管控一张图（离线）", "planning and constraints, offline"),
    "navigation": Text("主导航", "Sections"),
    "tabMap": Text("地图", "Map"),
    "tabPresent": Text("演示", "Meeting"),
    "tabProjects": Text("项目", "Projects"),
    "tabFindings": Text("检查结果", "Findings"),
    "tabIndicators": Text("指标", "Indicators"),
    "tabShorelines": Text("岸线", "Shorelines"),
    "tabAbout": Text("说明", "About"),
    "language": Text("English", "中文"),
    "layers": Text("图层与图例", "Layers and legend"),
    "find": Text("查找项目、图斑、地名", "Find projects, features, places"),
    "found": Text("找到 {count} 个", "{count} found"),
    "foundMore": Text("找到 {count} 个，列出前 {shown} 个", "{count} found, the first {shown} listed"),
    "none": Text("没有找到", "nothing found"),
    "whole": Text("显示全图", "Whole county"),
    "key": Text("编号", "No."),
    "source": Text("数据日期与版本", "Date and version"),
    "accuracy": Text("位置精度（米）", "Placed to (m)"),
    "unknown": Text("不明", "unknown"),
    "aside": Text("另有 {count} 个要素没有可用图形，未画出", "{count} more features have no usable shape"),
    "search": Text("查找", "Find"),
    "every": Text("全部", "all"),
    "counted": Text("{count} 条，共 {total} 条", "{count} of {total}"),
    "more": Text("再显示 {count} 条", "{count} more"),
    "onMap": Text("在地图上看", "Show on the map"),
    "details": Text("各图层判断", "Answers by layer"),
    "site": Text("用地", "Site"),
    "layer": Text("图层", "Layer"),
    "answer": Text("判断", "Answer"),
    "much": Text("数量", "How much"),
    "verdict": Text("结论", "Verdict"),
    "clause": Text("条款", "Clause"),
    "nextStep": Text("下一步", "Next step"),
    "review": Text("复核", "Review"),
    "noRows": Text("没有内容", "nothing here"),
    "leftOut": Text("简化和未放入的内容", "What was simplified or left out"),
    "judgedOn": Text("判断依据的规则日期：{day}", "Judged by the rules of {day}"),
    "layerVersions": Text("图层版本", "Versions of the layers"),
    "inputs": Text("输入资料", "Inputs"),
    "notRun": Text("未运行或出错的检查", "Checks not run or broken"),
    "notLegal": Text(
        "坐标系 CGCS2000；面积、长度按椭球面量算；结果供内部核对，不代替法定审查。",
        "CGCS2000; areas and lengths on the ellipsoid; for internal checking, not a legal review.",
    ),
    "software": Text(
        "由 ecogeo {version} 生成；地图程序 Leaflet 的许可：", "Made by ecogeo {version}; licence of Leaflet:"
    ),
    "noMap": Text("这份文件不含地图和坐标。", "This file holds no map and no coordinates."),
    "name": Text("名称", "Name"),
    "versionName": Text("版本", "Version"),
    "date": Text("日期", "Date"),
    "origin": Text("来源", "Origin"),
    "licenceName": Text("许可", "Licence"),
    "file": Text("文件", "File"),
    "digest": Text("SHA-256", "SHA-256"),
    "reason": Text("原因", "Reason"),
}
"""What the page writes; ``{…}`` is filled in by its script."""
