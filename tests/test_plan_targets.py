"""The language in which officials write targets and values."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecogeo.plan.item_lists import split_items, split_numbered
from ecogeo.plan.measures import conversion
from ecogeo.plan.standing import Base, aim_of, judge, reported_status, worst
from ecogeo.plan.targets import is_figure, parse_target, parse_value, unit_of


@pytest.mark.parametrize(
    ("text", "comparator", "value"),
    [
        ("≥20", ">=", 20.0),
        ("≥ 4.5 %", ">=", 4.5),
        ("＞=60", ">=", 60.0),
        ("﹥50", ">", 50.0),
        ("＞５０％", ">", 50.0),
        ("不低于35", ">=", 35.0),
        ("不低于 35", ">=", 35.0),
        ("达到80", ">=", 80.0),
        ("80以上", ">=", 80.0),
        ("90%及以上。", ">=", 90.0),
        ("≤30", "<=", 30.0),
        ("不超过1,200", "<=", 1200.0),
        ("30以下", "<=", 30.0),
        ("低于0.5", "<", 0.5),
        ("100", "=", 100.0),
        ("62.60", "=", 62.6),
        ("90 ^②", "=", 90.0),
        ("≥95[1]", ">=", 95.0),
        ("≥15平方米/人", ">=", 15.0),
        ("4.78万公顷", "=", 4.78),
        ("$\\geq 20\\%$", ">=", 20.0),
        ("达到**50%**以上", ">=", 50.0),
        ("达100%", ">=", 100.0),
        ("大于或等于60", ">=", 60.0),
        ("控制在30微克/立方米以内", "<=", 30.0),
        ("100（国控、省控断面）", "=", 100.0),
        ("≥80，持续改善", ">=", 80.0),
        ("≥95；保持稳定或持续改善", ">=", 95.0),
        ("≥1,200，并持续改善", ">=", 1200.0),
        ("[13.5]", "=", 13.5),
        ("〔≥18〕", ">=", 18.0),
        ("[18]", "=", 18.0),
        ("-3.2", "=", -3.2),
        ("不增加", "no_increase", None),
        ("总量不突破", "no_increase", None),
        ("稳步提高", "steady_or_better", None),
        ("逐年下降", "steady_or_better", None),
        ("完成年度审核计划", "in_place", None),
        ("基本消除", "in_place", None),
        ("全面实施", "in_place", None),
        ("控制在国家下达目标内", "assigned", None),
        ("≥80，另行通知", "wording", None),
        ("不降低", "no_decrease", None),
        ("面积不减少", "no_decrease", None),
        ("保持稳定或持续改善", "steady_or_better", None),
        ("完成上级规定的考核任务；保持稳定或持续改善", "assigned", None),
        ("完成上级管控目标", "assigned", None),
        ("达到自治区考核要求", "assigned", None),
        ("以国家下达 指标为准", "assigned", None),
        ("达到国家要 求", "assigned", None),
        ("制定实施", "in_place", None),
        ("全面推行", "in_place", None),
        ("配合建立", "in_place", None),
        ("有效开展", "in_place", None),
        ("面积不减少，性质不改变，功能不降低", "wording", None),
        ("不明显", "wording", None),
        ("编制河道岸线保护和利用规划", "wording", None),
        ("20左右", "about", 20.0),
        ("80-90", "between", 80.0),
        ("（1）≥90（2）≥95（3）≥80", "wording", None),
        ("不得低于35", ">=", 35.0),
        ("不得少于10个", ">=", 10.0),
        ("不应超过30", "<=", 30.0),
        ("≮90", ">=", 90.0),
        ("≯30", "<=", 30.0),
        ("力争达到90%", ">=", 90.0),
        ("约90%", "about", 90.0),
        ("达到30以下", "<=", 30.0),
        ("保持在95%以上", ">=", 95.0),
        ("降至30以下", "<=", 30.0),
        ("提高到85%", ">=", 85.0),
        ("≥30以下", "wording", None),
        ("完成率100%", "=", 100.0),
        ("完成率达到95%以上", ">=", 95.0),
        ("优良率≥90%", ">=", 90.0),
        ("总量控制在1.5亿立方米以内", "<=", 1.5),
        ("县级：90", "=", 90.0),
        ("建成5个", ">=", 5.0),
        ("100%全覆盖", "=", 100.0),
        ("全覆盖", "=", 100.0),
        ("40～50", "between", 40.0),
        ("40%—50%", "between", 40.0),
        ("控制在20%至30%", "between", 20.0),
        ("50-40", "wording", None),
        ("2023-2025", "wording", None),
        ("2025年", "wording", None),
        ("提高5个百分点", "rise", 5.0),
        ("较2020年下降13.5%", "fall", 13.5),
        ("下降13.5%", "fall", 13.5),
        ("累计下降18%以上", "fall", 18.0),
        ("年均增长6%左右", "rise_yearly", 6.0),
        ("年均下降3%", "fall_yearly", 3.0),
        ("翻一番", "rise", 100.0),
        ("只增不减", "no_decrease", None),
        ("不低于2020年水平", "no_decrease", None),
        ("只减不增", "no_increase", None),
        ("零增长", "no_increase", None),
        ("稳中有升", "steady_or_better", None),
        ("保持现状", "steady_or_better", None),
        ("达到国家标准", "assigned", None),
        ("完成能耗双控目标", "assigned", None),
        ("达标", "in_place", None),
        ("清零", "in_place", None),
        ("", "", None),
        ("—", "", None),
        ("－－", "", None),
    ],
)
def test_targets(text, comparator, value):
    target = parse_target(text)
    assert (target.comparator, target.value, target.text) == (comparator, value, text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.335，持续改善", 0.335),
        ("62.52%", 62.52),
        ("90", 90.0),
        ("100 ^① (按 52 个国家考核断面)", 100.0),
        ("100①（按断面）", 100.0),
        ("97.7 ^①", 97.7),
        ("97.7²", 97.7),
        ("[13.5]", 13.5),
        ("-3.2", -3.2),
        ("无劣V类水体", None),
        ("仅有一处黑臭水体，预计2024年底完成治理", None),
        ("2024年底完成治理", None),
        ("尚未统计", None),
        ("", None),
    ],
)
def test_values(text, value):
    assert parse_value(text) == value


@pytest.mark.parametrize(
    ("text", "count", "items"),
    [
        ("（1）≥90（2）≥95（3）≥80", 3, ("≥90", "≥95", "≥80")),
        ("（1）≥90\n（2）≥95（3）≥80", 3, ("≥90", "≥95", "≥80")),
        ("(1)40\n(2) 42", 2, ("40", "42")),
        ("（１）完成；\n（２）持续改善。", 2, ("完成", "持续改善")),
        ("≥95       \n不明显\n 不降低", 3, ("≥95", "不明显", "不降低")),
        ("%        —       \n%", 3, ("%", "—", "%")),
        ("≥43", 2, None),
        ("（1）≥90（2）≥95", 3, None),
        ("（1）≥90（3）≥95", 2, None),
        ("共（1）≥90（2）≥95", 2, None),
        ("①≥90②≥95③≥80", 3, ("≥90", "≥95", "≥80")),
        ("⑴≥90⑵≥95", 2, ("≥90", "≥95")),
        ("1.≥90\n2.≥95", 2, ("≥90", "≥95")),
        ("1）≥90；2）≥95", 2, ("≥90", "≥95")),
        ("≥90；≥95；≥80。", 3, ("≥90", "≥95", "≥80")),
        ("≥90/≥75/≥80", 3, ("≥90", "≥75", "≥80")),
        ("≥90、≥95", 3, None),
        ("≥80，力争90", 2, None),
        ("2025年达到60%，2030年达到70%", 2, None),
        ("完成上级规定的考核任务；保持稳定或持续改善", 2, None),
        ("1.5\n2.5", 2, ("1.5", "2.5")),
        ("95.2①", 1, None),
        ("≥90", 0, None),
        ("", 2, None),
    ],
)
def test_split_items(text, count, items):
    assert split_items(text, count) == items


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("≥15平方米/人", "平方米/人"),
        ("≥25%", "%"),
        ("4.78万公顷", "万公顷"),
        ("35μg/m³", "μg/m3"),
        ("100", ""),
        ("建立", ""),
    ],
)
def test_units_behind_targets(text, unit):
    assert parse_target(text).unit == unit


@pytest.mark.parametrize(
    ("name", "plain", "unit"),
    [
        ("设区城市细颗粒物 (PM2.5) 年平均浓度 (μg/m ³)", "设区城市细颗粒物 (PM2.5) 年平均浓度", "μg/m3"),
        ("减排量（万吨）", "减排量", "万吨"),
        ("示范区\n（个）", "示范区", "个"),
        ("提高幅度（综合利用率＞60%的地区）", "提高幅度（综合利用率＞60%的地区）", ""),
        ("水质（Ⅲ类）", "水质（Ⅲ类）", ""),
    ],
)
def test_units_behind_names(name, plain, unit):
    assert unit_of(name) == (plain, unit)


@pytest.mark.parametrize(
    ("text", "comparator", "value"),
    [
        ("比2020年提高3个百分点，达到85%", ">=", 85.0),
        ("从35%提高至50%以上", ">=", 50.0),
        ("达到和超过90", ">=", 90.0),
        ("新建12座", ">=", 12.0),
        ("十个以上", ">=", 10.0),
        ("两处", "=", 2.0),
        ("优于上年", "steady_or_better", None),
        ("较上年提升", "steady_or_better", None),
        ("不劣于现状", "no_decrease", None),
        ("全部完成", "in_place", None),
        ("一项制度", "wording", None),
        ("暂无数据", "", None),
        ("无", "wording", None),
    ],
)
def test_wordings_of_county_plans(text, comparator, value):
    target = parse_target(text)
    assert (target.comparator, target.value) == (comparator, value)


def test_numbers_that_do_not_run_are_no_list():
    assert split_numbered("年限（10）年") == ("年限（10）年", ())
    assert split_numbered("自然生态空间    （1）生态保护红线    （2）自然保护地") == (
        "自然生态空间",
        ("生态保护红线", "自然保护地"),
    )


@pytest.mark.parametrize(
    ("target", "current", "unit", "status"),
    [
        ("≥20", "20", "%", "met"),
        ("≥4.5", "3.48", "%", "not_met"),
        (">50", "50", "", "not_met"),
        ("≤30", "28", "", "met"),
        ("100", "95.1", "%", "not_met"),
        ("100", "100", "%", "met"),
        ("0", "1.2", "%", "not_met"),
        ("62.6", "63", "%", "text"),
        ("100", "120", "个", "text"),
        ("完成上级规定的考核任务", "完成上级规定的考核任务", "", "set_from_above"),
        ("完成上级规定的目标任务；保持稳定或持续改善", "0.335，持续改善", "吨标准煤/万元", "set_from_above"),
        ("完成上级管控目标", "未开展", "%", "not_met"),
        ("制定实施", "尚未制定", "", "not_met"),
        ("不降低", "尚未统计", "%", "no_data"),
        ("以国家下达指标为准", "国家核定数未出", "%", "no_data"),
        ("以国家下达指标为准", "—", "万吨", "no_data"),
        ("不降低", "", "%", "no_data"),
        ("—", "5", "%", "no_data"),
        ("≥60", "良好", "", "text"),
        ("建立", "配合建立", "", "text"),
        ("建立", "建立", "", "met"),
        ("保持稳定或持续改善", "保持稳定", "%", "met"),
        ("保持稳定或持续改善", "略有下降", "%", "text"),
        ("不降低", "62.5", "%", "no_data"),
    ],
)
def test_judge(target, current, unit, status):
    assert judge(parse_target(target), current, unit) == status


def test_whole_is_as_bad_as_its_worst_part():
    assert worst(["met", "set_from_above"]) == "set_from_above"
    assert worst(["no_data", "not_met", "met"]) == "not_met"
    assert worst(["text", "no_data"]) == "no_data"


NUMERIC = {">=", "<=", ">", "<", "=", "between", "about", "rise", "fall", "rise_yearly", "fall_yearly"}
NUMBERS = st.decimals(0, 10_000, places=2, allow_nan=False)
SIGNS = {"≥": ">=", "不低于": ">=", "﹥": ">", "不超过": "<=", "低于": "<", "": "="}


@given(
    NUMBERS,
    st.sampled_from(sorted(SIGNS)),
    st.sampled_from(["", " ", "\u3000", "\u00a0"]),
    st.sampled_from(["", "%", "③"]),
)
def test_any_number_with_any_sign(number, sign, blank, end):
    target = parse_target(f"{blank}{sign}{blank}{number}{blank}{end}{blank}")
    assert (target.comparator, target.value) == (SIGNS[sign], float(number))


@given(st.lists(NUMBERS, min_size=2, max_size=9), st.sampled_from(["", "\n", "；", "；\n"]))
def test_any_numbered_list_splits_into_its_items(numbers, between):
    text = between.join(f"（{place}）≥{number}" for place, number in enumerate(numbers, start=1))
    assert split_items(text, len(numbers)) == tuple(f"≥{number}" for number in numbers)


@given(
    NUMBERS, st.sampled_from(sorted(SIGNS)), st.sampled_from(["，持续改善", "；保持稳定", "（国控断面）", "②", "。"])
)
def test_words_behind_a_number_leave_it(number, sign, words):
    target = parse_target(f"{sign}{number}{words}")
    assert (target.comparator, target.value) == (SIGNS[sign], float(number))


@given(st.text(max_size=30), st.text(max_size=30))
def test_no_text_breaks_the_reader(target, current):
    parsed = parse_target(target)
    assert parsed.text == target
    assert (parsed.value is not None) == (parsed.comparator in NUMERIC)
    assert judge(parsed, current) in {"met", "not_met", "set_from_above", "no_data", "text"}
    assert split_items(target, 0) is None


@pytest.mark.parametrize(
    ("target", "current", "unit", "status"),
    [
        ("≥47800公顷", "4.78", "万公顷", "met"),
        ("≥47801公顷", "4.78", "万公顷", "not_met"),
        ("≥26平方公里", "2641", "公顷", "met"),
        ("≥27平方公里", "2641", "公顷", "not_met"),
        ("≤13000万立方米", "1.2", "亿立方米", "met"),
        ("≤11000万立方米", "1.2", "亿立方米", "not_met"),
        ("≥30亩", "2", "公顷", "met"),
        ("≤0.035毫克/立方米", "36微克/立方米", "", "not_met"),
        ("≥3公里", "2641", "公顷", "text"),
        ("≥50%", "2641", "公顷", "text"),
        ("≥50", "0.55", "%", "text"),
        ("≤5", "0.55", "%", "met"),
        ("≥1.5", "0.55", "%", "not_met"),
        ("≥10个", "12", "个/年", "met"),
        ("≥20%", "21", "—", "met"),
        (f"≥{'9' * 400}", "21", "", "text"),
    ],
)
def test_numbers_of_different_units_are_compared_in_one(target, current, unit, status):
    assert judge(parse_target(target), current, unit) == status


@given(st.sampled_from(["米", "公里", "亩", "万公顷", "亿立方米", "吨", "万元", "‰", "微克/立方米", "万吨/亿元"]))
def test_a_unit_converts_there_and_back(unit):
    for other in ["千米", "平方千米", "万立方米", "千克", "亿元", "%", "毫克/立方米", "吨/万元"]:
        there, back = conversion(unit, other), conversion(other, unit)
        assert (there is None and back is None) or (there and back and there * back == 1)


@pytest.mark.parametrize(
    ("target", "current", "unit", "name", "status"),
    [
        ("62.6", "62.5", "%", "森林覆盖率", "not_met"),
        ("62.6", "63", "%", "森林覆盖率", "met"),
        ("0", "0.5", "%", "劣V类水体比例", "not_met"),
        ("26", "25", "微克/立方米", "细颗粒物（PM2.5）年平均浓度", "met"),
        ("2", "3", "个", "融合发展示范区", "text"),
        ("约90", "88", "%", "城镇污水处理率", "text"),
        ("约90", "92", "%", "城镇污水处理率", "met"),
        ("40-50", "45", "%", "融合度", "met"),
        ("40-50", "39", "%", "融合度", "not_met"),
        ("40-50", "55", "%", "城镇污水处理率", "met"),
        ("40-50", "55", "%", "融合度", "not_met"),
        ("下降13.5%", "下降14%", "%", "单位GDP能耗", "met"),
        ("下降13.5%", "下降12%", "%", "单位GDP能耗", "not_met"),
        ("下降13.5%", "上升1%", "%", "单位GDP能耗", "not_met"),
        ("下降13.5%", "年均下降3%", "%", "单位GDP能耗", "text"),
        ("下降13.5%", "14", "%", "单位GDP能耗降低", "met"),
        ("下降13.5%", "-14", "%", "单位GDP能耗降低", "text"),
        ("下降13.5%", "0.335", "吨标准煤/万元", "单位GDP能耗", "no_data"),
        ("提高5个百分点", "62", "%", "覆盖率", "no_data"),
        ("建立", "已建立", "", "名录制度", "met"),
        ("制定实施", "未完成", "", "规划", "not_met"),
        ("制定实施", "√", "", "规划", "met"),
        ("达标", "合格", "", "水质", "met"),
    ],
)
def test_names_tell_which_way_is_good_and_what_is_a_change(target, current, unit, name, status):
    assert judge(parse_target(target), current, unit, name=name) == status


@pytest.mark.parametrize(
    ("target", "current", "unit", "base", "status"),
    [
        # 60 % and 5 points more are 65 %.
        ("提高5个百分点", "65", "%", Base("60", 2020), "met"),
        ("提高5个百分点", "64.9", "%", Base("60", 2020), "not_met"),
        # 5 % of 60 % are 3: 63 by itself, 65 in points; in between nobody can tell.
        ("提高5%", "62", "%", Base("60", 2020), "not_met"),
        ("提高5%", "64", "%", Base("60", 2020), "text"),
        ("提高5%", "65", "%", Base("60", 2020), "met"),
        # 0.4 less 10 % is 0.36.
        ("较2020年下降10%", "0.36", "吨标准煤/万元", Base("0.4", 2020), "met"),
        ("较2020年下降10%", "0.361", "吨标准煤/万元", Base("0.4", 2020), "not_met"),
        ("较2019年下降10%", "0.36", "吨标准煤/万元", Base("0.4", 2020), "no_data"),
        # 100 growing 10 % a year is 121 after two years.
        ("年均增长10%", "121", "亿元", Base("100", 2022), "met"),
        ("年均增长10%", "120.9", "亿元", Base("100", 2022), "not_met"),
        ("年均增长10%左右", "120.9", "亿元", Base("100", 2022), "text"),
        ("增加500亩", "133.34", "公顷", Base("100", 2020), "met"),
        ("增加500亩", "133.33", "公顷", Base("100", 2020), "not_met"),
        ("翻一番", "200", "亿元", Base("100", 2020), "met"),
        ("不降低", "62", "%", Base("62.5", 2022), "not_met"),
        ("不减少", "8.47万公顷", "平方公里", Base("847", 2020), "met"),
        ("不低于2020年水平", "63", "%", Base("62", 2021), "no_data"),
    ],
)
def test_changes_are_counted_from_a_base(target, current, unit, base, status):
    assert judge(parse_target(target), current, unit, base=base, year=2024) == status


@pytest.mark.parametrize(
    ("text", "status"),
    [
        *((text, "met") for text in ("是", "√", "已达标", "完成", "合格", "达到", "Yes", "符合要求")),
        *((text, "not_met") for text in ("否", "×", "未达标", "未完成", "不合格", "尚未达到")),
        *((text, None) for text in ("基本达标", "正在推进", "", "—", "部分完成")),
    ],
)
def test_statuses_as_offices_write_them(text, status):
    assert reported_status(text) == status


def test_what_is_wanted_in_the_unit_of_the_indicator():
    assert aim_of(parse_target("≥47800公顷"), "万公顷") == Fraction("4.78")
    assert aim_of(parse_target("下降10%"), "吨", base=Base("50", 2020)) == 45
    assert aim_of(parse_target("提高5%"), "%", base=Base("60", 2020)) is None, "it could be meant in two ways"
    assert aim_of(parse_target("下降10%"), "吨") is None
    assert aim_of(parse_target("≥3公里"), "公顷") is None


def test_years_and_units_of_a_target_are_kept():
    assert (parse_target("到2025年达到90%").year, parse_target("不低于2020年水平").base_year) == (2025, 2020)
    assert (parse_target("40%—50%").upper, parse_target("40%—50%").unit) == (50.0, "%")


def test_a_name_with_a_figure_is_no_figure():
    assert not is_figure("城镇污水处理率100%")
    assert parse_target("城镇污水处理率100%").value == 100


@given(NUMBERS, NUMBERS, st.sampled_from(["-", "～", "—", "至"]))
def test_any_two_numbers_are_a_span_only_upwards(least, most, dash):
    target = parse_target(f"{least}{dash}{most}个")
    if least < most:
        assert (target.comparator, target.value, target.upper) == ("between", float(least), float(most))
    else:
        assert target.comparator == "wording"


@given(st.decimals(1, 1000, places=1), st.decimals(1, 90, places=1), st.decimals(-5, 5, places=1))
def test_a_fall_by_so_much_is_met_exactly_from_there_on(base, share, off):
    aim = aim_of(parse_target(f"下降{share}%"), "吨", base=Base(str(base), 2020))
    assert aim == Fraction(base) * (1 - Fraction(share) / 100)
    now = Fraction(base) * (100 - Fraction(share)) / 100 + Fraction(off)
    if now == Fraction(str(float(now))) and now > 0:
        expected = "met" if off <= 0 else "not_met"
        assert judge(parse_target(f"下降{share}%"), f"{float(now):.12f}", "吨", base=Base(str(base), 2020)) == expected


@pytest.mark.parametrize(
    ("text", "comparator", "value", "unit"),
    [
        ("①90②95", "wording", None, ""),
        ("≥90①", ">=", 90.0, ""),
        ("〔-18〕", "fall", 18.0, "%"),
        ("-18%", "fall", 18.0, "%"),
        ("+5%", "rise", 5.0, "%"),
        ("-5", "=", -5.0, ""),
        ("≥3600小时", ">=", 3600.0, "小时"),
        ("28微克每立方米", "=", 28.0, "微克/立方米"),
        ("≥80，力争90", ">=", 80.0, ""),
        ("≥95%，且不退化", ">=", 95.0, "%"),
        ("80%（含）以上", ">=", 80.0, "%"),
        ("百分之八十以上", ">=", 80.0, "%"),
        ("八成以上", ">=", 80.0, "%"),
        ("由62%提高到65%", ">=", 65.0, "%"),
        ("由20降低至15", "<=", 15.0, ""),
        ("50±5", "between", 45.0, ""),
        ("达到或超过90%", ">=", 90.0, "%"),
        ("PM2.5≤30", "<=", 30.0, ""),
        ("$\\geqslant$95", ">=", 95.0, ""),
        ("≤[486]", "<=", 486.0, ""),
        ("不低于[35]", ">=", 35.0, ""),
        ("〔13.5〕左右", "about", 13.5, ""),
        ("3.0×10³", "=", 3000.0, ""),
        ("2.5×10^2", "=", 250.0, ""),
        ("91.2、68.6", "wording", None, ""),
    ],
)
def test_more_wordings_are_typed_or_left_to_a_reader(text, comparator, value, unit):
    found = parse_target(text)
    assert (found.comparator, found.value, found.unit) == (comparator, value, unit)
