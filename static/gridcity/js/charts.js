// Charts by ECharts (window.echarts) from a json_script; the figures stand in a table beneath.
// Tooltips are drawn on the canvas, because markup ones carry inline style; bars open their list.

import { json } from "./dom.js";

const INKS = ["#0958d9", "#d48806", "#00838f", "#722ed1", "#5c6677", "#a8071a"];
const LAMPS = { green: "#389e0d", yellow: "#d48806", red: "#cf1322" };
// A pattern beside the colour: red and green are never told apart by colour alone.
const DECALS = [{ symbol: "none" }, { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [3, 4], rotation: 0.8 }, { symbol: "circle", symbolSize: 0.6 }];
const INK = "#465063";

function common(chart) {
  return {
    aria: { enabled: true, decal: { show: chart.series.length > 1 || chart.kind === "pie", decals: DECALS } },
    animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    animationDuration: 250,
    color: INKS,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: INK },
    tooltip: { renderMode: "richText", trigger: chart.kind === "pie" ? "item" : "axis", axisPointer: { type: "shadow" }, confine: true },
    legend: { show: chart.series.length > 1 || chart.kind === "pie", top: 0, itemWidth: 14, itemHeight: 10, textStyle: { color: INK } },
    grid: { left: 8, right: 16, top: chart.series.length > 1 ? 34 : 14, bottom: 6, containLabel: true },
  };
}

function cartesian(chart) {
  const across = chart.kind.endsWith("_across");
  const names = { type: "category", data: chart.categories, inverse: across, axisTick: { show: false }, axisLine: { lineStyle: { color: "#b9c2cf" } }, axisLabel: { color: INK, interval: across ? 0 : "auto" } };
  const values = { type: "value", minInterval: 1, splitLine: { lineStyle: { color: "#e8ecf2" } }, axisLabel: { color: INK } };
  const series = chart.series.map((one) => ({
    name: one.name, type: chart.kind === "line" ? "line" : "bar", data: one.data,
    stack: chart.kind.startsWith("stack") ? "all" : undefined, barMaxWidth: 26, symbolSize: 7,
    itemStyle: one.lamp ? { color: LAMPS[one.lamp] } : undefined,
    label: { show: chart.series.length === 1 && chart.categories.length <= 20 && chart.kind !== "line", position: across ? "right" : "top", color: INK },
  }));
  return { xAxis: across ? values : names, yAxis: across ? names : values, series };
}

function pie(chart) {
  const [only] = chart.series;
  const data = chart.categories.map((name, index) => ({ name, value: only.data[index] }));
  return { series: [{ name: only.name, type: "pie", radius: ["45%", "72%"], top: 24, data, label: { formatter: "{b} {c}", color: INK } }] };
}

export function start(place) {
  // What htmx brings holds no script, also none of data: there the figures stand on the place.
  const { gcChart, gcChartValues } = place.dataset;
  const chart = gcChartValues ? JSON.parse(gcChartValues) : json(gcChart);
  if (!chart || !window.echarts || !chart.categories.length) return;
  const drawn = window.echarts.init(place, null, { renderer: "canvas" });
  drawn.setOption({ ...common(chart), ...(chart.kind === "pie" ? pie(chart) : cartesian(chart)) });
  drawn.on("click", ({ seriesIndex, dataIndex }) => {
    const url = chart.series[seriesIndex]?.urls?.[dataIndex];
    if (url) location.assign(url);
  });
  drawn.on("mousemove", ({ seriesIndex, dataIndex }) => {
    drawn.getZr().setCursorStyle(chart.series[seriesIndex]?.urls?.[dataIndex] ? "pointer" : "default");
  });
  if (window.ResizeObserver) new ResizeObserver(() => drawn.resize()).observe(place);
}
