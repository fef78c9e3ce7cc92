// The charts. Colours are CSS variables, so that light, dark and print need no redrawing.
const CONFIG = {
  background: "transparent",
  font: '"Noto Sans", "Segoe UI", Roboto, "DejaVu Sans", sans-serif', // page.css's own: Vega measures labels by it
  view: { stroke: null },
  axis: {
    labelColor: "var(--ink)", titleColor: "var(--quiet)", gridColor: "var(--line)", domainColor: "var(--line)",
    tickColor: "var(--line)", labelFontSize: 12, titleFontSize: 12, titleFontWeight: "normal",
  },
  // One beneath the other where they would not fit side by side.
  legend: { columns: innerWidth < 600 ? 1 : 4, labelColor: "var(--ink)", titleColor: "var(--quiet)", orient: "top", labelFontSize: 12, labelLimit: innerWidth < 600 ? 180 : 700, title: null },
  header: { labelColor: "var(--ink)", titleColor: "var(--quiet)", labelFontSize: 12 },
};
const AGENCY = new Map(FACTS.agencies.map((agency) => [agency.code, agency]));
const LINE = new Map(FACTS.lines.map((line) => [line.code, line]));
const BLUE = "var(--blue)", ORANGE = "var(--orange)", RED = "var(--red)", GREY = "var(--quiet)";
const short = (code) => (AGENCY.get(code)?.name ?? code).replace(/^UBND /, "");

const vegaErrorsOnly = 1;
const draw = (id, title, spec) =>
  vegaEmbed(document.getElementById(id), { config: CONFIG, width: "container", autosize: { type: "fit-x", contains: "padding" }, ...spec, description: title },
    {
      ast: true, // no eval: the page's policy forbids it
      renderer: "svg", actions: false, logLevel: vegaErrorsOnly, tooltip: { theme: "custom" },
      formatLocale: { decimal: word("decimal"), thousands: word("thousands"), grouping: [3], currency: ["", ""] },
    });

const nothing = (id) => { document.getElementById(id).replaceChildren(Object.assign(document.createElement("p"), { className: "quiet", textContent: word("nothing") })); };

// Agencies down the side, the one with the highest weight first.
const byAgency = (values, weight) => ({
  field: "agency", type: "nominal", title: null,
  sort: [...values].sort((a, b) => weight(b) - weight(a)).map((row) => row.agency),
  axis: { labelLimit: innerWidth < 600 ? 130 : 210, labelPadding: 4, domain: false, ticks: false },
});
const rowsTall = (values) => 17 * new Set(values.map((row) => row.agency)).size;

const drawTimeliness = () => {
  const values = FACTS.agencies.filter((agency) => agency.is_received).map((agency) => ({
    agency: short(agency.code), days: agency.days_after_due, state: word(agency.status),
  }));
  if (!values.length) return nothing("chart-timeliness");
  const states = ["accepted", "quarantined", "withdrawn"].map(word);
  return draw("chart-timeliness", word("timeliness"), {
    data: { values }, height: rowsTall(values), mark: { type: "bar", minBandSize: 2 },
    encoding: {
      y: byAgency(values, (row) => row.days),
      x: { field: "days", type: "quantitative", title: word("days"), axis: { tickMinStep: 1, format: "d" } },
      color: { field: "state", type: "nominal", scale: { domain: states, range: [BLUE, RED, GREY] } },
      tooltip: [
        { field: "agency", title: word("agencyName") }, { field: "days", title: word("days") },
        { field: "state", title: word("state") },
      ],
    },
  });
};

const drawFailures = () => {
  const counted = new Map();
  for (const rule of FACTS.rules) {
    const key = rule.agency + "|" + rule.severity;
    counted.set(key, (counted.get(key) ?? 0) + 1);
  }
  const values = [...counted].map(([key, count]) => {
    const [agency, severity] = key.split("|");
    return { agency: short(agency), severity: word(severity), count };
  });
  const total = new Map();
  for (const row of values) total.set(row.agency, (total.get(row.agency) ?? 0) + row.count);
  if (!values.length) return nothing("chart-failures");
  return draw("chart-failures", word("failures"), {
    data: { values }, height: rowsTall(values), mark: "bar",
    encoding: {
      y: byAgency(values, (row) => total.get(row.agency)),
      x: { field: "count", type: "quantitative", title: word("count"), axis: { tickMinStep: 1, format: "d" } },
      color: { field: "severity", type: "nominal", scale: { domain: [word("error"), word("warning")], range: [RED, ORANGE] } },
      tooltip: [{ field: "agency", title: word("agencyName") }, { field: "severity", title: word("severity") }, { field: "count", title: word("count") }],
    },
  });
};

const drawLine = (id, code, title) => {
  const values = FACTS.figures.filter((figure) => figure.line === code && figure.value !== undefined)
    .map((figure) => ({ agency: short(figure.agency), value: figure.value, shown: number(figure.value) }));
  if (!values.length) return nothing(id);
  const whole = FACTS.province.find((figure) => figure.line === code)?.value;
  const layer = [{
    mark: { type: "bar", color: BLUE },
    encoding: {
      y: byAgency(values, (row) => row.value), x: { field: "value", type: "quantitative", title: "%", scale: { domain: [0, Math.max(100, ...values.map((v) => v.value))] } },
      tooltip: [{ field: "agency", title: word("agencyName") }, { field: "shown", title: "%" }],
    },
  }];
  if (whole !== undefined) layer.push({
    data: { values: [{ value: whole, shown: number(whole), name: word("wholeProvince") }] },
    mark: { type: "rule", strokeDash: [4, 3], size: 2.5 },
    encoding: {
      x: { field: "value", type: "quantitative" },
      color: { field: "name", type: "nominal", scale: { range: ["var(--ink)"] }, legend: { symbolType: "stroke" } },
      tooltip: [{ field: "name", title: " " }, { field: "shown", title: "%" }],
    },
  });
  return draw(id, title, { data: { values }, height: rowsTall(values), layer });
};

// Counts and shares each have an axis of their own: a gap of 5 dossiers is not one of 5 %.
const drawGaps = (id, areShares) => {
  const values = FACTS.reconciliation.filter(
    (row) => row.difference !== undefined && !row.is_matching && (LINE.get(row.line).type === "percent") === areShares,
  ).map((row) => ({
    agency: short(row.agency), line: `${row.line} ${label(LINE.get(row.line))}`,
    reported: number(row.reported), recorded: number(row.recorded), difference: row.difference, shown: signed(row.difference),
  }));
  if (!values.length) return nothing(id);
  return draw(id, word(areShares ? "shareGaps" : "gaps"), {
    data: { values }, height: rowsTall(values), mark: "bar",
    encoding: {
      y: byAgency(values, (row) => row.difference),
      yOffset: { field: "line" },
      x: { field: "difference", type: "quantitative", title: word("difference"),
        ...(areShares ? {} : { scale: { type: "symlog" }, axis: { values: [-10000, -1000, -100, -10, 0, 10, 100, 1000, 10000], format: ",d" } }) },
      color: {
        field: "line", type: "nominal", legend: { columns: 1 },
        scale: { range: [BLUE, ORANGE, "var(--green)", "var(--purple)", RED, GREY] },
      },
      tooltip: [
        { field: "agency", title: word("agencyName") }, { field: "line", title: word("line") },
        { field: "reported", title: word("reported") }, { field: "recorded", title: word("recorded") },
        { field: "shown", title: word("difference") },
      ],
    },
  });
};

const drawHistory = () => {
  const code = document.getElementById("history-line").value;
  const agency = document.getElementById("history-agency").value;
  const values = FACTS.history.filter((row) => row.line === code && row.agency === agency).map((row) => ({
    period: row.period, kind: word(row.kind), value: row.value, to: row.to, shown: number(row.value), series: row.series,
  }));
  if (!values.length) return nothing("chart-history");
  return draw("chart-history", `${word("history")}: ${code}`, {
    data: { values }, height: 260, mark: { type: "line", point: { filled: true, size: 70 } },
    encoding: {
      x: { field: "period", type: "ordinal", sort: { field: "to" }, title: null, axis: { labelAngle: values.length > 8 ? -45 : 0 } },
      y: { field: "value", type: "quantitative", title: unitOf(LINE.get(code)) ?? null },
      color: { field: "kind", type: "nominal", scale: { domain: ["quarter_1", "half_year", "quarter_3", "year"].map(word), range: [GREY, "var(--green)", ORANGE, BLUE] } },
      detail: { field: "series" },
      tooltip: [{ field: "period", title: word("periodName") }, { field: "shown", title: word("value") }],
    },
  });
};

const drawCharts = () => Promise.all([
  drawTimeliness(), drawFailures(), drawLine("chart-on-time", "III.6.3", word("onTime")),
  drawLine("chart-level4", "VII.2.4", word("level4")),
  drawGaps("chart-gaps", false), drawGaps("chart-share-gaps", true), drawHistory(),
]);
