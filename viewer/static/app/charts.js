/* Draws the charts of a page from the figures it carries. Everything drawn is text or a shape, never markup, and nothing
   moves. Where this does not run, the tables alone show. */
(() => {
  "use strict";

  const FONT_PX = 15;
  const BAR_PX = 30;
  const AXIS_PX = 30;
  const DAYLIGHT_PX = 4;
  const MOST_NAME_PX = 340;
  const COURSE_PX = 260;

  const root = getComputedStyle(document.documentElement);
  const paint = (name) => root.getPropertyValue(`--${name}`).trim();
  const lang = document.documentElement.lang;
  const ink = paint("ink");
  const line = paint("line");
  const words = { fontFamily: paint("font"), fontSize: FONT_PX, color: ink };
  const haloed = { ...words, fontWeight: 700, textBorderColor: "#ffffff", textBorderWidth: 3 };
  const number = (value) => value.toLocaleString(lang, { maximumFractionDigits: 2 });

  const ruler = document.createElement("canvas").getContext("2d");
  ruler.font = `${FONT_PX}px ${paint("font")}`;
  const widthOf = (text) => Math.ceil(ruler.measureText(text).width);
  const widest = (texts) => Math.max(0, ...texts.map(widthOf));

  /** The width names may take beside the bars: as much as they need, at most two fifths of the chart. */
  const nameRoom = (names, width) => Math.min(widest(names) + 8, MOST_NAME_PX, Math.round(width * 0.4));

  /** A name that has not the room loses its middle: what tells it from its neighbours mostly stands at its end. */
  const shortened = (name, room) => {
    if (widthOf(name) <= room) {
      return name;
    }
    const letters = [...name];
    for (let kept = letters.length - 1; kept > 2; kept -= 1) {
      const head = Math.floor(kept * 0.4);
      const told = `${letters.slice(0, head).join("")}…${letters.slice(letters.length - (kept - head)).join("")}`;
      if (widthOf(told) <= room) {
        return told;
      }
    }
    return name;
  };

  const nameAxis = (names, room) => ({
    type: "category",
    data: names.map((name, place) => ({ value: String(place), name })),
    inverse: true,
    z: 5,
    axisTick: { show: false },
    axisLine: { lineStyle: { color: ink } },
    axisLabel: {
      ...words,
      interval: 0,
      width: room,
      overflow: "truncate",
      formatter: (place) => shortened(names[place], room - 2),
    },
  });

  const tooltip = {
    trigger: "axis",
    renderMode: "richText",
    confine: true,
    backgroundColor: "#ffffff",
    borderColor: ink,
    textStyle: { ...words, lineHeight: 22 },
    axisPointer: { type: "shadow", shadowStyle: { color: "rgba(15, 59, 76, 0.08)" } },
  };

  /** Horizontal stacked bars; counts are written into the parts that have room for them. */
  const stacked = (data, width) => {
    const room = nameRoom(data.bars, width);
    const totals = data.bars.map((_, place) => data.series.reduce((sum, one) => sum + one.sizes[place], 0));
    const most = Math.max(...totals);
    const across = width - room - widest(data.ends) - 40;
    const length = (size) => (size / most) * across;
    const hasRoom = (size) => size > 0 && length(size) > widthOf(number(size)) + DAYLIGHT_PX;
    const parts = data.series.map((one) => ({
      name: one.name,
      type: "bar",
      stack: "all",
      barWidth: "66%",
      itemStyle: { color: paint(one.paint), borderColor: "#ffffff" },
      label: {
        show: data.unit === "",
        fontFamily: words.fontFamily,
        fontSize: FONT_PX,
        fontWeight: 700,
        color: paint(`on-${one.paint}`) || "#ffffff",
        formatter: ({ value }) => (hasRoom(value) ? number(value) : ""),
      },
      emphasis: { disabled: true },
      data: one.sizes.map((size) => ({ value: size || "-", itemStyle: { borderWidth: length(size) > DAYLIGHT_PX ? 1 : 0 } })),
    }));
    const ends = {
      type: "bar",
      stack: "all",
      silent: true,
      data: data.bars.map(() => 0),
      label: { show: true, position: "right", ...haloed, formatter: ({ dataIndex }) => data.ends[dataIndex] },
    };
    return {
      height: data.bars.length * BAR_PX + AXIS_PX,
      option: {
        grid: { left: room + 12, right: widest(data.ends) + 24, top: 4, bottom: AXIS_PX - 4, containLabel: false },
        xAxis: {
          type: "value",
          max: most || 1,
          splitNumber: Math.max(2, Math.floor(across / 140)),
          minInterval: data.unit === "" ? 1 : 0,
          axisLabel: { ...words, hideOverlap: true, showMaxLabel: false, formatter: number },
          splitLine: { showMaxLine: false, lineStyle: { color: line } },
        },
        yAxis: nameAxis(data.bars, room),
        series: [...parts, ends],
        tooltip: {
          ...tooltip,
          formatter: (points) => {
            const place = points[0].dataIndex;
            const held = data.series.filter((one) => one.sizes[place] > 0);
            const lines = held.map((one) => `${one.name}  ${number(one.sizes[place])} ${data.unit}`);
            return [data.bars[place], ...lines].join("\n");
          },
        },
      },
    };
  };

  /** Bars from the first to the last year of a project; the present year is shaded. */
  const spans = (data, width) => {
    const years = Array.from({ length: data.last_year - data.first_year + 1 }, (_, place) => data.first_year + place);
    const names = data.bars.map((bar) => bar.name);
    const room = nameRoom(names, width);
    const step = (width - room - 24) / years.length;
    const written = (bar) => (bar.first_year === bar.last_year ? `${bar.first_year}` : `${bar.first_year}–${bar.last_year}`);
    const length = (bar) => bar.last_year - bar.first_year + 1;
    const scale = {
      type: "category",
      data: years.map(String),
      axisTick: { show: false },
      axisLabel: { ...words, interval: Math.max(0, Math.ceil((widthOf("2000") + 8) / step) - 1) },
    };
    const shades = years.map((year) => (year === data.this_year ? paint("this-year") : "rgba(0, 0, 0, 0)"));
    return {
      height: data.bars.length * BAR_PX + 2 * AXIS_PX,
      option: {
        grid: { left: room + 12, right: 12, top: AXIS_PX, bottom: AXIS_PX },
        xAxis: [
          { ...scale, position: "top" },
          { ...scale, position: "bottom" },
          {
            type: "value",
            max: years.length,
            interval: 1,
            axisLabel: { show: false },
            splitLine: { lineStyle: { color: line } },
            splitArea: { show: true, areaStyle: { color: shades } },
          },
        ],
        yAxis: nameAxis(names, room),
        series: [
          {
            type: "bar",
            xAxisIndex: 2,
            stack: "all",
            silent: true,
            itemStyle: { color: "rgba(0, 0, 0, 0)" },
            data: data.bars.map((bar) => bar.first_year - data.first_year),
          },
          {
            type: "bar",
            xAxisIndex: 2,
            stack: "all",
            barWidth: "70%",
            cursor: "pointer",
            emphasis: { disabled: true },
            data: data.bars.map((bar) => ({
              value: length(bar),
              itemStyle: { color: paint(bar.paint), borderColor: paint(`edge-${bar.paint}`), borderWidth: 2 },
              label: {
                show: length(bar) * step > widthOf(written(bar)) + DAYLIGHT_PX,
                fontFamily: words.fontFamily,
                fontSize: FONT_PX,
                color: paint(`on-${bar.paint}`),
                formatter: () => written(bar),
              },
            })),
          },
        ],
        tooltip: {
          ...tooltip,
          formatter: (points) => {
            const bar = data.bars[points[0].dataIndex];
            return `${bar.name}\n${written(bar)}  ${bar.phase}`;
          },
        },
      },
      open: (place) => data.bars[place].address && window.location.assign(data.bars[place].address),
    };
  };

  /** Values as a line, targets as hollow signs on a dashed one; a target is written where it is new. */
  const course = (data) => {
    const { years, values, targets } = data.trend;
    const first = years[0];
    const last = years[years.length - 1];
    const margin = (last - first) * 0.08;
    const isNew = (place) => targets.slice(0, place).filter((size) => size !== null).pop() !== targets[place];
    const drawn = (name, sizes, own) => ({
      name,
      type: "line",
      connectNulls: true,
      symbolSize: 11,
      emphasis: { disabled: true },
      label: { show: true, ...haloed, formatter: ({ value }) => (value[2] ? number(value[1]) : "") },
      data: years
        .map((year, place) => [year, sizes[place], sizes === values || isNew(place)])
        .filter(([, size]) => size !== null),
      ...own,
    });
    return {
      height: COURSE_PX,
      option: {
        grid: { left: 16, right: 16, top: 12, bottom: 10, containLabel: true },
        xAxis: {
          type: "value",
          min: first - margin,
          max: last + margin,
          minInterval: 1,
          axisLabel: { ...words, formatter: String, hideOverlap: true, showMinLabel: false, showMaxLabel: false },
          splitLine: { show: false },
        },
        yAxis: {
          type: "value",
          scale: true,
          boundaryGap: ["12%", "12%"],
          splitNumber: 3,
          axisLabel: { ...words, formatter: number, showMinLabel: false, showMaxLabel: false },
          splitLine: { lineStyle: { color: line } },
        },
        series: [
          drawn(data.value_name, values, {
            symbol: "circle",
            lineStyle: { color: paint("value"), width: 3 },
            itemStyle: { color: paint("value") },
          }),
          drawn(data.target_name, targets, {
            symbol: "diamond",
            lineStyle: { color: paint("target"), width: 2, type: "dashed" },
            itemStyle: { color: "#ffffff", borderColor: paint("target"), borderWidth: 2 },
          }),
        ],
        tooltip: {
          ...tooltip,
          axisPointer: { type: "line", lineStyle: { color: ink } },
          formatter: (points) =>
            [points[0].value[0], ...points.map((point) => `${point.seriesName}  ${number(point.value[1])}`)].join("\n"),
        },
      },
    };
  };

  const KINDS = { stacked, spans, course };

  const draw = (figure) => {
    const build = KINDS[figure.dataset.chart];
    const data = JSON.parse(figure.querySelector("script").textContent);
    const canvas = figure.querySelector(".chart-canvas");
    figure.hidden = false;
    let width = 0;
    let chart = null;
    const fit = () => {
      if (canvas.clientWidth === width || canvas.clientWidth === 0) {
        return;
      }
      width = canvas.clientWidth;
      const { height, option, open } = build(data, width);
      canvas.style.height = `${height}px`;
      if (chart === null) {
        chart = echarts.init(canvas, null, { renderer: "svg", width, height });
        if (open) {
          chart.on("click", ({ dataIndex }) => open(dataIndex));
        }
      } else {
        chart.resize({ width, height });
      }
      const aria = { enabled: true, label: { description: figure.dataset.description } };
      chart.setOption({ animation: false, textStyle: words, aria, ...option }, { notMerge: true });
    };
    fit();
    new ResizeObserver(fit).observe(canvas);
  };

  document.querySelectorAll("figure[data-chart]").forEach(draw);
  document.querySelectorAll("details[data-figures]").forEach((details) => {
    details.open = false;
  });
})();
