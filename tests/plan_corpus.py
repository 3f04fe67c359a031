"""Ten planning documents of counties that do not exist, in every kind of file, each with what a reader must find in it.

All places, figures and offices are invented. The manner is that of real plans: heads in one and two rows, groups with
counts, units above tables, tables broken over pages, prose targets. What is true of each was written down by hand next
to its text, and never taken from the program.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from dataclasses import dataclass, field

import openpyxl
from plan_documents import Cell, docx, paragraph, table

DOWN = Cell(down="continue")


def top(text: str, span: int = 1) -> Cell:
    """Return a cell with which one merged downwards begins."""
    return Cell(text, span, "restart")


@dataclass(frozen=True)
class Truth:
    """What a reader must find.

    ``indicators`` are number, sub-number, name, unit, comparator, target; ``projects`` number, system, name, first and
    last year, 万元; ``tasks`` number, name, deadline, departments. ``also`` are further cells by table, row and column.
    ``stated`` are about, subject, measure, value; ``said`` words of what must be listed, all of it; nothing more may
    be.
    """

    plan: dict[str, object]
    indicators: list[tuple[str, str, str, str, str, float | None]] = field(default_factory=list)
    projects: list[tuple[str, str, str, int | None, int | None, float | None]] = field(default_factory=list)
    tasks: list[tuple[str, str, str, str]] = field(default_factory=list)
    also: dict[tuple[str, int, str], object] = field(default_factory=dict)
    stated: set[tuple[str, str, str, float]] = field(default_factory=set)
    said: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Sample:
    """A document: its file and the truth about it."""

    file: str
    content: bytes
    truth: Truth


def nested_heads() -> Sample:
    """Two rows of head, domains as group rows with counts, merged offices, a table going on after a page break."""
    head = [
        [
            top("序号"),
            top("指标名称"),
            top("计量单位"),
            Cell("现状值", 1),
            Cell("规划目标", 2),
            top("指标属性"),
            top("责任主体"),
        ],
        [DOWN, DOWN, DOWN, "2025年", "2027年", "2030年", DOWN, DOWN],
    ]
    first = [
        [Cell("一、生态安全（3项）", 8)],
        ["1", "森林覆盖率", "%", "61.2", "62", "≥６３", "约束性", top("县林业局")],
        ["2", "生态保护红线面积", "平方公里", "412.50", Cell("面积不减少", 2), "约束性", DOWN],
        ["3", "单位GDP能耗下降率", "%", "—", "[6]", "[13.5]", "预期性", "县发改局"],
    ]
    second = [
        [Cell("二、生态生活（2项）", 8)],
        ["4", "城镇生活污水处理率*", "%", "91", "不低于95", "不低于97", "约束性", "县住建局"],
        [
            "5",
            "城乡垃圾\n（1）城镇无害化率\n（2）农村处理村占比",
            "%",
            "100\n82",
            "100\n≥85",
            "100\n≥90",
            "参考性",
            "县城管局",
        ],
    ]
    blocks = [
        paragraph("青岚县"),
        paragraph("“十五五”生态环境保护规划"),
        paragraph("青岚县人民政府"),
        paragraph("2025年12月"),
        paragraph("为加强全县生态环境保护，改善环境质量，依据国家和省有关规划，结合青岚县实际，制定本规划。"),
        paragraph("规划期限：2026年至2030年，以2025年为基准年。规划范围包括青岚县全域，土地总面积1520.4平方公里。"),
        paragraph("本规划指标体系由5项指标组成，其中约束性指标3项，参考性指标1项，预期性指标1项。"),
        paragraph("表1 青岚县“十五五”生态环境保护规划指标体系"),
        table([*head, *first]),
        paragraph("续表1"),
        table([*head, *second]),
        paragraph("注：*按城区口径统计。"),
    ]
    truth = Truth(
        {
            "title": "青岚县“十五五”生态环境保护规划",
            "issuer": "青岚县人民政府",
            "area": "青岚县",
            "area_km2": 1520.4,
            "period": (2026, 2030),
            "base_year": 2025,
        },
        [
            ("1", "", "森林覆盖率", "%", "=", 62),
            ("2", "", "生态保护红线面积", "平方公里", "no_decrease", None),
            ("3", "", "单位GDP能耗下降率", "%", "=", 6),
            ("4", "", "城镇生活污水处理率", "%", ">=", 95),
            ("5", "", "城乡垃圾", "%", "", None),
            ("5", "1", "城镇无害化率", "", "=", 100),
            ("5", "2", "农村处理村占比", "", ">=", 85),
        ],
        also={
            ("indicators", 0, "domain"): "生态安全",
            ("indicators", 0, "target_value_2030"): 63,
            ("indicators", 0, "target_text_2030"): "≥６３",
            ("indicators", 1, "departments"): "县林业局",
            ("indicators", 1, "target_text_2030"): "面积不减少",
            ("indicators", 1, "current_value"): 412.5,
            ("indicators", 2, "departments"): "县发改局",
            ("indicators", 3, "domain"): "生态生活",
            ("indicators", 6, "target_value_2030"): 90,
            ("indicators", 6, "current_value"): 82,
        },
        stated={
            ("indicators", "", "count", 5),
            ("indicators", "binding", "count", 3),
            ("indicators", "reference", "count", 1),
            ("indicators", "expected", "count", 1),
            ("indicators", "生态安全", "count", 3),
            ("indicators", "生态生活", "count", 2),
        },
        said=["按城区口径统计"],
    )
    return Sample("青岚县.docx", docx(blocks), truth)


def money_above() -> Sample:
    """A unit above the table, money and years in nested columns, numbers such as A-1, totals, a joint investment."""
    head = [
        [
            top("项目编号"),
            top("项目名称"),
            top("建设地点"),
            top("建设性质"),
            top("主要建设内容"),
            Cell("建设年限", 2),
            Cell("投资", 3),
            top("责任主体"),
            top("备注"),
        ],
        [DOWN, DOWN, DOWN, DOWN, DOWN, "开工年", "完工年", "合计", "中央", "县级", DOWN, DOWN],
    ]
    rows = [
        [Cell("一、水环境治理工程（2项）", 12)],
        [
            "A-1",
            "白水河整治",
            "松坪镇",
            "新建",
            "治理河道8.5公里",
            "2024",
            "2026",
            "1,250.50",
            "1000",
            "250.50",
            top("县水利局"),
            "",
        ],
        [
            "A-2",
            "城东污水处理厂扩建",
            "城东街道",
            "扩建",
            "规模由１万吨/日扩至２万吨/日",
            "2023",
            "2025",
            "8600",
            "5000",
            "3600",
            DOWN,
            "",
        ],
        [Cell("小计", 7), "9850.50", "6000", "3850.50", "", ""],
        [Cell("二、固体废物处置工程（1项）", 12)],
        [
            "B-1",
            "垃圾焚烧厂",
            "石门乡",
            "新建",
            "日处理300吨",
            "2025",
            "2027",
            "21000",
            "",
            "21000",
            "县城管局",
            "已立项",
        ],
        [Cell("合  计", 7), "30850.50", "6000", "24850.50", "", ""],
    ]
    blocks = [
        paragraph("云溪县生态文明建设示范区规划（2023—2027年）重点工程"),
        paragraph("规划共安排重点工程3个，总投资30850.50万元。"),
        paragraph("附表2 云溪县生态文明建设重点工程表"),
        paragraph("单位：万元"),
        table([*head, *rows]),
    ]
    truth = Truth(
        {"title": "云溪县生态文明建设示范区规划（2023—2027年）重点工程", "area": "云溪县", "period": (2023, 2027)},
        projects=[
            ("A-1", "水环境治理工程", "白水河整治", 2024, 2026, 1250.5),
            ("A-2", "水环境治理工程", "城东污水处理厂扩建", 2023, 2025, 8600),
            ("B-1", "固体废物处置工程", "垃圾焚烧厂", 2025, 2027, 21000),
        ],
        also={
            ("projects", 0, "place"): "松坪镇",
            ("projects", 0, "funding"): "中央1000万元、县级250.50万元",
            ("projects", 2, "funding"): "县级21000万元",
            ("projects", 1, "departments"): "县水利局",
            ("projects", 2, "departments"): "县城管局",
            ("projects", 2, "content"): "日处理300吨",
        },
        stated={
            ("projects", "水环境治理工程", "count", 2),
            ("projects", "固体废物处置工程", "count", 1),
            ("projects", "水环境治理工程", "invest", 9850.5),
            ("projects", "", "invest", 30850.5),
            ("projects", "", "count", 3),
        },
        said=["备注"],
    )
    return Sample("云溪县.docx", docx(blocks), truth)


def workbook() -> Sample:
    """Several sheets, one hidden; dates as dates, numbers as text, full-width digits, a hidden row, a note row."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "指标"
    for row in (
        ["临江县生态文明建设规划（2024-2028年）指标表"],
        ["填报单位：临江县生态环境局"],
        ["类别", "序号", "指标名称", "单位", "2023年（现状）", "2028年（目标）", "指标性质", "牵头科室"],
        ["环境质量", 1, "优良天数比例", "%", 0.953, "≥96", "约束性", "大气科"],
        [None, "２", "地表水Ⅲ类以上比例", "%", "100", "100", "约束性", "水科"],
        ["资源利用", "3", "农田灌溉水有效利用系数", None, "0.55", "≥0.58", "参考性", None],
        ["注：优良天数比例按标况统计。"],
    ):
        sheet.append(row)
    sheet["E4"].number_format = "0.0%"
    sheet.merge_cells("A1:H1")
    sheet.merge_cells("A4:A5")
    sheet.merge_cells("H5:H6")
    projects = book.create_sheet("项目库")
    for row in (
        ["临江县重点项目表"],
        ["单位：亿元"],
        ["编号", "工程名称", "建设规模及内容", "开工时间", "竣工时间", "总投资", "资金来源", "实施单位"],
        [
            "A-1",
            "江滩湿地修复",
            "修复湿地120公顷",
            dt.date(2024, 3, 1),
            dt.date(2026, 12, 31),
            "０.８５",
            "中央、县级",
            "县林业局",
        ],
        ["A-2", "老城管网改造", "改造管网35公里", dt.date(2025, 1, 1), "2027年6月", 1.2, "专项债", "县住建局"],
        ["A-3", "撤销的项目", "已并入他项", "2025", "2026", 0.3, "县级", "县住建局"],
        ["合计", None, None, None, None, 2.35, None, None],
    ):
        projects.append(row)
    projects.row_dimensions[6].hidden = True
    hidden = book.create_sheet("底稿")
    hidden.append(["过程数据", "不报送"])
    hidden.append(["甲", "1"])
    hidden.sheet_state = "hidden"
    out = io.BytesIO()
    book.save(out)
    truth = Truth(
        {
            "title": "临江县生态文明建设规划（2024-2028年）",
            "issuer": "临江县生态环境局",
            "area": "临江县",
            "period": (2024, 2028),
            "base_year": 2023,
        },
        [
            ("1", "", "优良天数比例", "%", ">=", 96),
            ("2", "", "地表水Ⅲ类以上比例", "%", "=", 100),
            ("3", "", "农田灌溉水有效利用系数", "", ">=", 0.58),
        ],
        [
            ("A-1", "", "江滩湿地修复", 2024, 2026, 8500),
            ("A-2", "", "老城管网改造", 2025, 2027, 12000),
            ("A-3", "", "撤销的项目", 2025, 2026, 3000),
        ],
        also={
            ("indicators", 0, "current_value"): 95.3,
            ("indicators", 0, "current_year"): 2023,
            ("indicators", 1, "domain"): "环境质量",
            ("indicators", 1, "lead_departments"): "水科",
            ("indicators", 2, "lead_departments"): "水科",
            ("indicators", 2, "target_value_2028"): 0.58,
        },
        stated={("projects", "", "invest", 2.35)},
        said=["按标况统计", "底稿", "隐藏"],
    )
    return Sample("临江县.xlsx", out.getvalue(), truth)


def gbk_tabs() -> Sample:
    """Runs of TABs in GB18030: a project table with dates of every form and a task table."""
    text = (
        "古井县生态环境局关于印发《古井县重点流域水生态环境保护三年行动方案》的通知\r\n"
        "各乡镇人民政府：\r\n"
        "现将《古井县重点流域水生态环境保护三年行动方案》印发给你们，请认真抓好落实。\r\n"
        "实施期限为2024—2026年。\r\n"
        "附件1 工程项目清单\r\n"
        "序号\t项目类型\t项目名称\t建设内容及规模\t建设起止年限\t投资额（万元）\t牵头单位\t配合单位\r\n"
        "1\t河道整治\t东河清淤\t清淤12公里\t2024.01-2026.12\t1200\t县水利局\t东河镇\r\n"
        "2\t河道整治\t西河护岸\t护岸3公里\t2024年1月—2025年6月\t860.5\t县水利局\t\r\n"
        "3\t污水治理\t集镇管网\t管网9公里\t2024/3-2025/11\t２３４０\t县住建局\t各乡镇\r\n"
        "4\t污水治理\t农村污水站\t6座\t2025年底前\t约300\t县住建局\t\r\n"
        "合计\t\t\t\t\t4700.5\t\t\r\n"
        "附件2 任务分工表\r\n"
        "序号\t任务类别\t工作任务\t具体内容\t完成时限\t牵头科室\r\n"
        "1\t排污口\t排查入河排污口\t逐一登记建档\t2024年6月底前\t水科\r\n"
        "2\t排污口\t整治入河排污口\t一口一策\t2025年12月\t水科、执法队\r\n"
    )
    truth = Truth(
        {
            "title": "古井县重点流域水生态环境保护三年行动方案",
            "issuer": "古井县生态环境局",
            "area": "古井县",
            "period": (2024, 2026),
        },
        projects=[
            ("1", "河道整治", "东河清淤", 2024, 2026, 1200),
            ("2", "河道整治", "西河护岸", 2024, 2025, 860.5),
            ("3", "污水治理", "集镇管网", 2024, 2025, 2340),
            ("4", "污水治理", "农村污水站", None, 2025, 300),
        ],
        tasks=[
            ("1", "排查入河排污口", "2024年6月底前", "水科"),
            ("2", "整治入河排污口", "2025年12月", "水科、执法队"),
        ],
        also={
            ("projects", 0, "departments"): "县水利局、东河镇",
            ("projects", 0, "lead_departments"): "县水利局",
            ("tasks", 1, "category"): "排污口",
        },
        stated={("projects", "", "invest", 4700.5)},
        said=["约300"],
    )
    return Sample("古井县.txt", text.encode("gb18030"), truth)


def markdown() -> Sample:
    """Markdown: bold heads, prose that repeats targets, counts in Chinese numerals, a unit with a footnote mark."""
    text = """# 望月县“十四五”生态环境保护规划

为深入打好污染防治攻坚战，依据上级要求，结合本县实际情况，编制本规划，作为全县生态环境保护工作的依据。

## 第一章 目标指标

共设置四项指标，其中约束性指标三项、预期性指标一项。到2025年，森林覆盖率达到58%，空气质量优良天数比率稳定在97%以上。

**表1 望月县“十四五”主要指标**

| **类别** | **指标** | **单位①** | **2020年** | **2025年** | **属性** |
|:--|:--|:-:|--:|--:|:-:|
| 环境治理（2项） | （1）空气质量优良天数比率 | %① | 96.1 | 97.0 | 约束性 |
| | （2）受污染耕地安全利用率 | % | 90 | ≥93 | 约束性 |
| 生态保护（2项） | （3）森林覆盖率 | % | 57.4 | 58.0 | 约束性 |
| | （4）生态质量指数（EQI） | - | - | 稳中向好 | 预期性 |

注：①按国家考核口径。
"""
    truth = Truth(
        {"title": "望月县“十四五”生态环境保护规划", "area": "望月县", "period": (2021, 2025), "base_year": 2020},
        [
            ("1", "", "空气质量优良天数比率", "%", "=", 97),
            ("2", "", "受污染耕地安全利用率", "%", ">=", 93),
            ("3", "", "森林覆盖率", "%", "=", 58),
            ("4", "", "生态质量指数（EQI）", "-", "steady_or_better", None),
        ],
        also={
            ("indicators", 1, "domain"): "环境治理",
            ("indicators", 3, "domain"): "生态保护",
            ("indicators", 0, "kind"): "binding",
        },
        stated={
            ("indicators", "", "count", 4),
            ("indicators", "binding", "count", 3),
            ("indicators", "expected", "count", 1),
            ("indicators", "环境治理", "count", 2),
            ("indicators", "生态保护", "count", 2),
            ("indicators", "3", "figure", 58),
            ("indicators", "1", "figure", 97),
        },
        said=["按国家考核口径"],
    )
    return Sample("望月县.md", text.encode(), truth)


def pdf_text() -> Sample:
    """The text of a PDF: cells broken over lines of their own, sub-items, page numbers, a head on every page."""
    text = """柳塘县国家生态文明建设示范县规划（2022—2028年）

柳塘县人民政府

第一章 总则

规划基准年为2021年，规划期限为2022—2028年。规划范围为柳塘县行政区域，总面积986平方公里。

第二章 指标

表 3-1 柳塘县生态文明建设指标

序号
指标名称
单位
2021年
现状值
2025年
目标值
2028年
目标值
指标
属性
1
林草覆盖率
%
54.3
≥55
≥56
约束性
2
城镇污水
处理率
%
88
≥92
≥95
约束性
- 12 -
3
农村环境
（1）生活污水治理率
（2）垃圾处理村占比
%
（1）35
（2）80
（1）≥45
（2）≥85
（1）≥60
（2）≥95
参考性
4
生物多样性保护
—
有效保护
不降低
不降低
参考性

第三章 任务
"""
    truth = Truth(
        {
            "title": "柳塘县国家生态文明建设示范县规划（2022—2028年）",
            "issuer": "柳塘县人民政府",
            "area": "柳塘县",
            "area_km2": 986,
            "period": (2022, 2028),
            "base_year": 2021,
        },
        [
            ("1", "", "林草覆盖率", "%", ">=", 55),
            ("2", "", "城镇污水处理率", "%", ">=", 92),
            ("3", "", "农村环境", "%", "", None),
            ("3", "1", "生活污水治理率", "", ">=", 45),
            ("3", "2", "垃圾处理村占比", "", ">=", 85),
            ("4", "", "生物多样性保护", "—", "no_decrease", None),
        ],
        also={
            ("indicators", 0, "current_value"): 54.3,
            ("indicators", 1, "target_value_2028"): 95,
            ("indicators", 3, "target_value_2028"): 60,
            ("indicators", 3, "current_value"): 35,
            ("indicators", 4, "kind"): "reference",
        },
        said=["指标 4 的单元格没有分隔"],
    )
    return Sample("柳塘县.txt", text.encode("utf-8-sig"), truth)


def prose_only() -> Sample:
    """A work plan in prose: targets with and without words that ask, present figures that are none."""
    text = """红枫区 2025 年生态文明建设工作要点

2025年，全区生态文明建设工作以改善环境质量为核心，重点抓好以下工作，各有关单位要认真贯彻执行，确保各项工作落到实处。

一、主要目标

2024年，全区森林覆盖率达到48.6%，空气质量优良天数比例为93.2%。

二、重点任务

（一）改善大气环境。加强扬尘管控。全区PM2.5年均浓度控制在30微克/立方米以内，优良天数比例不低于94%。（牵头单位：区生态环境局；配合单位：区住建局）

（二）提升水环境。完成排口整治12个。城镇生活污水集中收集率达65%以上，黑臭水体消除比例为100%，重要江河湖泊水功能区水质达标率完成市级下达任务。（责任单位：区水利局、区住建局）

（三）推进绿色生活。至2025年底，公共机构人均能耗较2020年下降6%；绿色出行比例≥70%；新能源公交车
占比提高到 85 %以上。（牵头部门：区机关事务局）
"""
    truth = Truth(
        {"title": "红枫区2025年生态文明建设工作要点", "area": "红枫区", "period": (2025, 2025)},
        [
            ("1", "", "全区PM2.5年均浓度", "微克/立方米", "<=", 30),
            ("2", "", "优良天数比例", "%", ">=", 94),
            ("3", "", "城镇生活污水集中收集率", "%", ">=", 65),
            ("4", "", "黑臭水体消除比例", "%", ">=", 100),
            ("5", "", "重要江河湖泊水功能区水质达标率", "", "assigned", None),
            ("6", "", "公共机构人均能耗", "%", "fall", 6),
            ("7", "", "绿色出行比例", "%", ">=", 70),
            ("8", "", "新能源公交车占比", "%", ">=", 85),
        ],
        tasks=[
            ("1", "改善大气环境", "", "区生态环境局、区住建局"),
            ("2", "提升水环境", "", "区水利局、区住建局"),
            ("3", "推进绿色生活", "", "区机关事务局"),
        ],
        said=["2024年，全区森林覆盖率达到48.6%"],
    )
    return Sample("红枫区.txt", text.encode(), truth)


def marked_up() -> Sample:
    """Word with tracked changes, TABs inside cells, a text box, a table inside a cell, a broken table without head."""
    ins = (
        "<w:p><w:r><w:t>星湖县</w:t></w:r><w:ins><w:r><w:t>生态文明</w:t></w:r></w:ins>"
        "<w:del><w:r><w:delText>生态</w:delText></w:r></w:del><w:r><w:t>建设规划（2021-2025年）</w:t></w:r></w:p>"
    )
    box = (
        "<w:p><w:r><w:pict><v:shape xmlns:v='urn:v'><v:textbox><w:txbxContent>"
        f"{paragraph('规划基准年为2020年。')}</w:txbxContent></v:textbox></v:shape></w:pict></w:r></w:p>"
    )
    head = ["序号", "任务名称", "主要内容", "完成时限", "责任单位"]
    rows = [
        head,
        ["1", "巡河\t护河", "落实河长制", top("2022年12月"), "水利局"],
        ["2", "增绿", "植树造林", DOWN, "林业局"],
    ]
    rest = [["3", "节能", "推广新能源车", "2024年12月", "发改局"]]
    inner = table([["甲镇", "5公里"], ["乙镇", "3公里"]])
    first = table(rows).replace("巡河\t护河", "巡河</w:t><w:tab/><w:t>护河")
    first = first.replace(paragraph("植树造林"), paragraph("植树造林") + inner + "<w:p/>")
    blocks = [ins, box, paragraph("表1 重点任务"), first, paragraph(""), table(rest)]
    truth = Truth(
        {"title": "星湖县生态文明建设规划（2021-2025年）", "area": "星湖县", "period": (2021, 2025), "base_year": 2020},
        tasks=[
            ("1", "巡河 护河", "2022年12月", "水利局"),
            ("2", "增绿", "2022年12月", "林业局"),
            ("3", "节能", "2024年12月", "发改局"),
        ],
        also={("tasks", 1, "content"): "植树造林\n甲镇 5公里\n乙镇 3公里"},
        said=["修订", "接上表"],
    )
    return Sample("星湖县.docx", docx(blocks), truth)


def summary_and_boxes() -> Sample:
    """A text export with a table of projects in parts, a unit per row, and boxes of programmes."""

    def tabbed(rows: list[list[str]]) -> str:
        return "".join("".join(f"\t{cell}\n" for cell in row) + "\n" for row in rows)

    text = (
        "金竹市生态环境保护“十五五”规划\n编制单位：金竹市生态环境局\n\n"
        "专栏1 大气环境治理工程\n工业炉窑治理：完成18台炉窑改造。\n（2）扬尘治理：建设监控系统。\n第三章 保障\n"
        "表5-1 重点项目投资表\n"
        + tabbed(
            [
                ["序号", "项目名称", "建设性质", "建设内容", "实施年限", "估算投资", "责任部门"],
                ["（一）", "生态修复类", "", "", "", "", ""],
                ["1", "矿山复绿", "新建", "复绿35公顷", "2026～2028年", "3500万元", "自然资源局"],
                ["2", "石漠化治理", "续建", "治理12平方公里", "2026年", "1.5亿元", "林业局"],
                ["（二）", "能力建设类", "", "", "", "", ""],
                ["1", "监测站", "新建", "新建2座", "2027-2030", "800", "生态环境局"],
            ]
        )
        + "第六章 结语\n"
    )
    truth = Truth(
        {
            "title": "金竹市生态环境保护“十五五”规划",
            "issuer": "金竹市生态环境局",
            "area": "金竹市",
            "period": (2026, 2030),
        },
        projects=[
            ("1", "生态修复类", "矿山复绿", 2026, 2028, 3500),
            ("2", "生态修复类", "石漠化治理", 2026, 2026, 15000),
            ("1", "能力建设类", "监测站", 2027, 2030, None),
            ("1", "大气环境治理工程", "工业炉窑治理", None, None, None),
            ("2", "大气环境治理工程", "扬尘治理", None, None, None),
        ],
        said=["没有写明单位"],
    )
    return Sample("金竹市.txt", text.encode("utf-16"), truth)


def task_workbook() -> Sample:
    """A workbook of tasks and indicators split over two sheets, offices merged over rows, columns hidden."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "附件1"
    for row in (
        ["白鹭县国家生态文明建设示范区复核任务分解表"],
        ["任务领域", "序号", "重点任务", "工作措施", "完成时间", "牵头单位", "责任单位"],
        ["生态制度", "1", "落实河长制", "巡河常态化", dt.date(2026, 6, 30), "县水利局", "各乡镇"],
        [None, "2", "环境信息公开", "全部公开", "2026年12月底", None, "县生态环境局"],
        ["生态空间", "3", "守住红线", "不减少", "长期坚持", "县自然资源局", None],
    ):
        sheet.append(row)
    sheet.merge_cells("A3:A4")
    sheet.merge_cells("F3:F4")
    second = book.create_sheet("附件2")
    for row in (
        ["白鹭县国家生态文明建设示范区复核指标任务分解表"],
        ["领域", "任务", "序号", "指标名称", "指标值", "2026年目标", "指标属性", "主要负责单位", "完成期限"],
        [
            "生态安全",
            "（一）环境质量",
            "1",
            "环境空气质量\n（1）优良天数比例\n（2）PM2.5浓度",
            "完成上级规定的考核任务；保持稳定或持续改善",
            "（1）≥95%\n（2）≤28微克/立方米",
            "约束性",
            "县生态环境局",
            "2026年12月",
        ],
        [None, None, "2", "水环境质量", "不低于98%", "≥98%", "约束性", None, None],
    ):
        second.append(row)
    second.merge_cells("A3:A4")
    second.merge_cells("B3:B4")
    second.merge_cells("H3:H4")
    second.merge_cells("I3:I4")
    out = io.BytesIO()
    book.save(out)
    truth = Truth(
        {"title": "白鹭县国家生态文明建设示范区复核任务分解表", "area": "白鹭县"},
        [
            ("1", "", "环境空气质量", "", "assigned", None),
            ("1", "1", "优良天数比例", "", "", None),
            ("1", "2", "PM2.5浓度", "", "", None),
            ("2", "", "水环境质量", "%", ">=", 98),
        ],
        tasks=[
            ("1", "落实河长制", "2026-06-30", "县水利局、各乡镇"),
            ("2", "环境信息公开", "2026年12月底", "县水利局、县生态环境局"),
            ("3", "守住红线", "长期坚持", "县自然资源局"),
        ],
        also={
            ("tasks", 1, "category"): "生态制度",
            ("indicators", 1, "target_value_2026"): 95,
            ("indicators", 2, "target_value_2026"): 28,
            ("indicators", 3, "lead_departments"): "县生态环境局",
            ("indicators", 3, "deadline"): "2026年12月",
            ("indicators", 3, "domain"): "生态安全",
        },
    )
    return Sample("白鹭县.xlsx", out.getvalue(), truth)


SAMPLES: tuple[Callable[[], Sample], ...] = (
    nested_heads,
    money_above,
    workbook,
    gbk_tabs,
    markdown,
    pdf_text,
    prose_only,
    marked_up,
    summary_and_boxes,
    task_workbook,
)
