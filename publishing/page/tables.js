// The tables. Whatever people typed goes through asText: DataTables would take it for HTML otherwise.
const asText = DataTable.render.text();
const asNumber = (write) => (value, type) => (type === "display" || type === "filter" ? write(value) : (value ?? Number.NEGATIVE_INFINITY));
const textColumn = (title, data, className = "") => ({ title: word(title), data: (row) => row[data] ?? "", render: asText, className });
const numberColumn = (title, data, write = number) => ({
  title: word(title), data: (row) => row[data], render: asNumber(write), className: "dt-right", type: "num", defaultContent: "",
});
// By section and number as the form has them (I.9 before I.10), whatever the letters say.
const formOrder = new Map(FACTS.lines.map((line, place) => [line.code, place]));
const codeColumn = () => ({
  title: word("code"), data: (row) => row.code, className: "code dt-left",
  render: (value, type, row, meta) => (type === "sort" || type === "type" ? (formOrder.get(value) ?? -1) : asText.display(value, type, row, meta)),
});

const fill = (id, columns, data, order) => {
  if (DataTable.isDataTable(`#${id}`)) new DataTable(`#${id}`).destroy();
  document.getElementById(id).replaceChildren();
  return new DataTable(`#${id}`, {
    columns, data, order, paging: false, autoWidth: false,
    layout: { topStart: null, topEnd: "search", bottomStart: "info", bottomEnd: null },
    language: {
      search: word("search"), info: word("rows"), infoEmpty: word("nothing"), infoFiltered: word("filtered"),
      emptyTable: word("nothing"), zeroRecords: word("nothing"), decimal: tongue === VIETNAMESE ? "," : ".",
      aria: { orderable: "", orderableReverse: "", orderableRemove: "" },
    },
  });
};

const choiceText = (line, figure) => {
  if (figure.yes !== undefined) return `${figure.yes} ${word("yes")}, ${figure.no} ${word("no")}`;
  if (!figure.choices) return "";
  const names = new Map((line.choices ?? "").split(";").map((part) => part.split("=").map((side) => side.trim()).reverse()));
  return Object.entries(JSON.parse(figure.choices)).map(([choice, count]) => `${names.get(choice) ?? choice}: ${count}`).join(", ");
};

const fillLines = () => {
  const figures = new Map(FACTS.province.map((figure) => [figure.line, figure]));
  const section = document.getElementById("section-pick").value;
  const rows = FACTS.lines.filter((line) => line.is_answerable && (!section || line.section === section)).map((line) => {
    const figure = figures.get(line.code) ?? {};
    return { ...figure, code: line.code, label: label(line), unit: unitOf(line), told: choiceText(line, figure) };
  });
  fill("lines-table", [
    codeColumn(), textColumn("line", "label", "label"),
    { title: word("value"), data: (row) => row.value, type: "num", className: "dt-right", defaultContent: "",
      render: (value, type, row) => (type === "display" || type === "filter" ? row.told || number(value) : (value ?? Number.NEGATIVE_INFINITY)) },
    textColumn("unit", "unit"), numberColumn("change", "change", signed),
    numberColumn("answered", "answered"), numberColumn("doubtful", "doubtful", (value) => (value ? number(value) : "")),
  ], rows, [[0, "asc"]]);
};

const figureRows = (keep) => FACTS.figures.filter(keep).map((figure) => ({
  ...figure, name: AGENCY.get(figure.agency)?.name ?? figure.agency, code: figure.line, label: label(LINE.get(figure.line)),
  reading: word("read_" + figure.status), unit: unitOf(LINE.get(figure.line)),
}));
const figureColumn = () => ({
  title: word("value"), data: (row) => row.value, type: "num", className: "dt-right", defaultContent: "",
  render: (value, type, row, meta) => {
    if (type !== "display" && type !== "filter") return value ?? Number.NEGATIVE_INFINITY;
    return value === undefined ? asText.display(row.text ?? "", type, row, meta) : number(value);
  },
});
const rankColumn = () => ({
  title: word("rank"), data: (row) => row.rank, type: "num", className: "dt-right", defaultContent: "",
  render: (value, type, row) => (type === "display" || type === "filter" ? (value === undefined ? "" : `${value}/${row.peers}`) : (value ?? Number.POSITIVE_INFINITY)),
});
const peerColumns = () => [
  figureColumn(), numberColumn("median", "median"), rankColumn(), numberColumn("change", "change", signed),
  textColumn("reading", "reading"), textColumn("note", "note", "note"),
];

const fillAgency = () => {
  const code = document.getElementById("agency-pick").value;
  const rows = figureRows((figure) => figure.agency === code);
  fill("agency-table", [codeColumn(), textColumn("line", "label", "label"), ...peerColumns()], rows, [[0, "asc"]]);
};

const fillCompare = () => {
  const code = document.getElementById("compare-line").value;
  const rows = figureRows((figure) => figure.line === code);
  const told = new Set(rows.map((row) => row.agency));
  for (const agency of FACTS.agencies) if (!told.has(agency.code)) rows.push({ name: agency.name, agency: agency.code, reading: word(agency.status) });
  fill("compare-table", [textColumn("code", "agency", "code dt-left"), textColumn("agencyName", "name", "label"), ...peerColumns()], rows, [[2, "desc"]]);
};

const fillHeld = () => {
  const rows = FACTS.quarantine.map((held) => ({
    ...held, name: AGENCY.get(held.agency)?.name ?? word("unknown_agency"), door: word(held.source), received: held.received_at,
    why: FACTS.reasons.filter((reason) => reason.submission === held.submission)
      .map((reason) => (reason.rule ? `${reason.rule} ${message(reason)}: ${reason.left_text ?? ""}; ${reason.right_text ?? ""}` : message(reason)))
      .join("\n") || word(held.status_reason),
  }));
  fill("held-table", [
    textColumn("agencyName", "name", "label"), textColumn("document", "document_number"), numberColumn("revision", "revision"),
    textColumn("source", "door"), textColumn("received", "received"), textColumn("reason", "why", "why"),
  ], rows, [[0, "asc"]]);
};

const fillTables = () => { fillLines(); fillAgency(); fillCompare(); fillHeld(); };
