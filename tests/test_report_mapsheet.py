"""Map sheets: exact scale measured on the picture, only what is drawn in the legend, no missing character."""

import io
from pathlib import Path
from types import SimpleNamespace

import matplotlib as mpl
import numpy as np
import pytest
import shapely
from conftest import block, write_layer
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from PIL import Image
from report_county import material, with_landuse

from ecogeo.errors import UnusableFileError, UsageError
from ecogeo.report.mapsheet import SHEETS, can_draw, draw_sheet, find_font, fonts, rendered, sheet_bytes
from ecogeo.report.mapsheet.contents import draw_contents, view_of_sheet
from ecogeo.report.mapsheet.furniture import bar_length_m, convergence, wrapped
from ecogeo.report.mapsheet.page import Box, page_of, view_of
from ecogeo.report.mapsheet.painting import Entry


@pytest.fixture
def county(county_folder: Path) -> Path:
    with_landuse(county_folder)
    return county_folder


def test_the_scale_is_the_largest_round_one_that_fits() -> None:
    frame = Box(0, 0, 200, 100)
    shown = shapely.box(0, 0, 1000, 100)
    # 1000 m in the 152 mm that margins of 12 % leave take 1:6579, the next round scale is 1:10 000
    view = view_of(shown, "EPSG:4545", frame)  # type: ignore[arg-type]
    assert view.scale == 10_000
    assert (view.west, view.east) == (-500.0, 1500.0)  # 200 mm are 2000 m, the site in the middle
    assert (view.south, view.north) == (-450.0, 550.0)


def test_a_hundred_metres_are_fifty_millimetres_on_a_sheet_of_one_to_two_thousand(county: Path) -> None:
    made = material(county)
    case = made.chosen(["inside"])[0]
    page = page_of("A4")
    view = view_of_sheet(case, "present", made, page)
    assert view is not None
    assert view.scale == 2000
    with Image.open(io.BytesIO(sheet_bytes(made, case, "present", form="png"))) as picture:
        assert picture.size == (3507, 2480)
        assert picture.info["dpi"] == pytest.approx((300, 300), abs=0.02)
        pixels = np.asarray(picture.convert("RGB")).astype(int)
    per_mm = 300 / 25.4
    left, top = page.frame.left * per_mm, (page.height - page.frame.bottom - page.frame.height) * per_mm
    inner = pixels[int(top) : int(top + page.frame.height * per_mm), int(left) : int(left + page.frame.width * per_mm)]
    is_red = (np.abs(inner - (0xB9, 0x1C, 0x1C)) < 12).all(axis=2)
    rows, columns = np.flatnonzero(is_red.any(axis=1)), np.flatnonzero(is_red.any(axis=0))
    stroke = 3.2 * 0.55 / 72 * 300  # the outline's own width, half of it on each side
    assert columns[-1] - columns[0] + 1 == pytest.approx(50 * per_mm + stroke, abs=3)
    assert rows[-1] - rows[0] + 1 == pytest.approx(50 * per_mm + stroke, abs=3)


def entries(made: object, site: str, kind: str) -> list[Entry]:
    case = made.chosen([site])[0]  # type: ignore[attr-defined]
    view = view_of_sheet(case, kind, made, page_of("A4"))  # type: ignore[arg-type]
    assert view is not None
    axes = Figure().add_axes((0, 0, 1, 1))
    drawn = draw_contents(axes, made, case, kind, view, font=FontProperties(size=8))  # type: ignore[arg-type]
    return list(drawn.entries)


def legend(made: object, site: str, kind: str) -> list[str]:
    return [entry.label.zh for entry in entries(made, site, kind)]


def test_sheets_are_painted_in_the_styles_of_the_county(county: Path) -> None:
    land = '[landuse]\nclasses = [{ label = "我县耕地", values = ["01"], fill = "#654321" }]\n'
    own = '[redlines]\nedge = "#123456"\n' + land
    (county / "layers" / "styles.toml").write_text(own, "utf-8")
    made = material(county)
    assert [entry.paint.edge for entry in entries(made, "half", "overlay")][-1] == "#123456"
    fills = {entry.label.zh: entry.paint.fill for entry in entries(made, "half", "present")}
    assert fills["我县耕地"] == "#654321"
    assert fills["地类不明"] == "#FFFFFF", "what the county's own classes do not name"


def test_the_legend_has_what_is_drawn_and_nothing_else(county: Path) -> None:
    made = material(county)
    assert legend(made, "half", "overlay") == ["项目用地（涉及）", "重叠部分（按所画位置）", "生态保护红线"]
    assert "生态保护红线" not in legend(made, "outside", "overlay")
    assert legend(made, "half", "present") == ["项目用地", "耕地", "林地"]
    assert "林地" not in legend(made, "outside", "present")


def test_the_reach_of_a_vague_site_is_shown(county: Path) -> None:
    assert "可能范围" in legend(material(county), "near", "overlay")


@pytest.mark.parametrize("form", ["pdf", "png"])
def test_the_same_inputs_give_the_same_bytes(county: Path, form: str) -> None:
    first, second = material(county), material(county)
    sheets = [
        sheet_bytes(made, made.chosen(["half"])[0], "overlay", form=form, dpi=100)  # type: ignore[arg-type]
        for made in (first, second)
    ]
    assert sheets[0] == sheets[1]


def test_a_pdf_is_a_page_of_paper_with_its_font_in_it(county: Path) -> None:
    made = material(county)
    a3 = sheet_bytes(made, made.chosen(["half"])[0], "location", paper="A3")
    assert b"/MediaBox [ 0 0 1190.5" in a3  # 420 mm are 1190.55 points
    assert b"/FontFile2" in a3
    assert b"CreationDate" not in a3


def test_every_kind_is_drawn_where_it_can_be(county: Path) -> None:
    made = material(county)
    kinds = {
        site: [kind for kind in SHEETS if can_draw(made.chosen([site])[0], kind)] for site in ("half", "near", "P2")
    }
    assert kinds == {"half": [*SHEETS], "near": ["location", "present", "overlay"], "P2": []}
    for site, named in kinds.items():
        for kind in named:
            assert sheet_bytes(made, made.chosen([site])[0], kind, form="png", dpi=72, lang="en").startswith(b"\x89PNG")
    with pytest.raises(UsageError, match="nothing drawn"):
        sheet_bytes(made, made.chosen(["P2"])[0], "overlay")


def test_a_character_the_font_lacks_stops_the_sheet(county: Path) -> None:
    columns: dict[str, list[object]] = {
        "site_id": ["x"], "name": ["$甲_\U000e0fff^$"], "accuracy_m": [0.0], "project_id": [""],
        "location_basis": ["line"],
    }  # fmt: skip
    write_layer(county, "sites.gpkg", columns, [block(1200, 1200, 100, 100)])
    made = material(county)
    with pytest.raises(UsageError, match="\U000e0fff"):
        sheet_bytes(made, made.chosen(["x"])[0], "location")


def test_fonts_are_looked_for_in_order(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    carried = fonts._carried_font()
    assert carried is not None
    monkeypatch.setattr(fonts, "_system_font", lambda: None)
    assert find_font() == carried
    assert find_font(carried) == carried
    monkeypatch.setattr(fonts, "_carried_font", lambda: None)
    with pytest.raises(UsageError, match="no font with Chinese"):
        find_font()
    broken = tmp_path / "x.ttf"
    broken.write_bytes(b"no font")
    with pytest.raises(UnusableFileError, match="no usable font"):
        find_font(broken)
    with pytest.raises(UnusableFileError, match="does not exist"):
        find_font(tmp_path / "none.ttf")
    latin = Path(mpl.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
    with pytest.raises(UnusableFileError, match="lacks the characters"):
        find_font(latin)


def test_a_later_face_of_a_collection_is_not_taken_for_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    carried = fonts._carried_font()
    assert carried is not None

    def entries(index: int) -> SimpleNamespace:
        entry = SimpleNamespace(name="Noto Sans CJK SC", fname=str(carried), weight=400, index=index)
        return SimpleNamespace(ttflist=[entry])

    monkeypatch.setattr(fonts.font_manager, "fontManager", entries(2))
    assert fonts._system_font.__wrapped__() is None  # drawn by its path, it would be the first face: a Japanese one
    monkeypatch.setattr(fonts.font_manager, "fontManager", entries(0))
    assert fonts._system_font.__wrapped__() == carried


def test_outlines_are_told_by_the_first_face(tmp_path: Path) -> None:
    kinds = {
        "ttf": b"\x00\x01\x00\x00" + bytes(12),
        "otf": b"OTTO" + bytes(12),
        "ttc": b"ttcf" + bytes(8) + (16).to_bytes(4, "big") + b"\x00\x01\x00\x00",
        "otc": b"ttcf" + bytes(8) + (16).to_bytes(4, "big") + b"OTTO",
    }
    for name, content in kinds.items():
        (tmp_path / name).write_bytes(content)
    assert [name for name in kinds if fonts._is_truetype(tmp_path / name)] == ["ttf", "ttc"]


def test_the_bar_is_round_and_fits() -> None:
    assert [bar_length_m(scale, 44.0) for scale in (500, 2000, 10_000, 400_000)] == [20.0, 80.0, 400.0, 10_000.0]


def test_convergence_is_that_of_the_meridian(county: Path) -> None:
    # Δλ · sin φ: 1.19° east of 108° at 24.23° N come to 0.489°
    made = material(county)
    view = view_of_sheet(made.chosen(["inside"])[0], "overlay", made, page_of("A4"))
    assert view is not None
    assert convergence(view) == pytest.approx(1.1925 * np.sin(np.radians(24.235)), abs=0.002)


def test_lines_are_broken_between_words_and_never_begin_with_a_stop() -> None:
    assert wrapped("version sample-1", 12.0, 9.0) == ["version", "sample-1"]
    assert all(line[0] not in "，。、）" for line in wrapped("甲乙丙丁，甲乙丙丁。甲乙丙丁、", 12.7, 9.0))
    assert "".join(wrapped("x" * 50, 12.0, 9.0)) == "x" * 50


def test_a_sheet_drawn_once_comes_out_the_same_in_every_form(county: Path) -> None:
    made = material(county)
    case = made.chosen(["half"])[0]
    sheet = draw_sheet(made, case, "overlay")
    forms = [rendered(sheet, "png", 150), rendered(sheet, "pdf"), rendered(sheet, "png", 100)]
    assert forms[1] == sheet_bytes(made, case, "overlay", form="pdf")
    assert forms[2] == sheet_bytes(made, case, "overlay", form="png", dpi=100)
    with Image.open(io.BytesIO(forms[0])) as picture:
        assert picture.size == (int(297 / 25.4 * 150), int(210 / 25.4 * 150))
        assert picture.mode == "RGB"
        assert set(picture.info) == {"dpi"}  # and nothing else is told: no tool, no place, no time
    assert not hasattr(sheet.figure.canvas, "renderer")  # the pixels are let go
