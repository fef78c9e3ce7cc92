// What the page says, in Vietnamese and English. Names of agencies and lines come from the data.
const WORDS = {
  skip: ["Đến nội dung", "To the content"],
  title: ["Thống kê cải cách hành chính – ", "Administrative reform statistics – "],
  language: ["English", "Tiếng Việt"],
  theme: ["Sáng / Tối", "Light / Dark"],
  print: ["In", "Print"],
  key: ["Số liệu chính", "Key figures"],
  charts: ["Biểu đồ", "Charts"],
  agency: ["Từng cơ quan", "One agency"],
  lines: ["Toàn tỉnh theo chỉ tiêu", "The province, line by line"],
  compare: ["So sánh các cơ quan", "Agencies compared"],
  held: ["Biểu bị tạm giữ", "Reports in quarantine"],
  heldMeaning: [
    "Biểu bị tạm giữ không được tính vào số liệu; nếu cơ quan có biểu trước đó đã được chấp nhận thì số liệu ấy vẫn dùng.",
    "A report in quarantine does not count; where the agency has an earlier accepted report, that one stays in use.",
  ],
  timeliness: ["Gửi báo cáo trước (−) hay sau (+) hạn, số ngày", "Reports before (−) or after (+) the due day, in days"],
  failures: ["Quy tắc kiểm tra không đạt, theo cơ quan", "Rules failed, by agency"],
  onTime: ["Tỷ lệ hồ sơ giải quyết đúng hạn (III.6.3), %", "Dossiers resolved on time (III.6.3), %"],
  level4: ["Tỷ lệ hồ sơ trực tuyến mức độ 4 (VII.2.4), %", "Dossiers handled online at level 4 (VII.2.4), %"],
  gaps: ["Báo cáo so với hệ thống ghi nhận: chênh lệch về số lượng", "Reported against recorded: differences in counts"],
  shareGaps: [
    "Báo cáo so với hệ thống ghi nhận: chênh lệch về tỷ lệ, điểm phần trăm",
    "Reported against recorded: differences in shares, percentage points",
  ],
  history: ["Diễn biến một chỉ tiêu", "History of one line"],
  line: ["Chỉ tiêu", "Line"],
  who: ["Của", "Of"],
  wholeProvince: ["Toàn tỉnh", "The whole province"],
  pickAgency: ["Chọn cơ quan", "Choose an agency"],
  section: ["Phần", "Section"],
  allSections: ["Tất cả", "All"],
  agencyName: ["Cơ quan", "Agency"],
  code: ["Mã", "Code"],
  unit: ["Đơn vị", "Unit"],
  value: ["Số liệu", "Figure"],
  change: ["So năm trước", "On last year"],
  answered: ["Cơ quan trả lời", "Agencies answering"],
  doubtful: ["Cần xem lại", "Doubtful"],
  median: ["Trung vị cùng cấp", "Peers' median"],
  rank: ["Hạng", "Rank"],
  note: ["Ghi chú", "Note"],
  reading: ["Cách đọc", "Reading"],
  received: ["Nhận lúc", "Received"],
  document: ["Số văn bản", "Document"],
  revision: ["Lần", "Revision"],
  source: ["Kênh", "Door"],
  reason: ["Lý do", "Reason"],
  state: ["Tình trạng", "State"],
  reported: ["Báo cáo", "Reported"],
  recorded: ["Ghi nhận", "Recorded"],
  difference: ["Chênh lệch", "Difference"],
  days: ["Số ngày", "Days"],
  count: ["Số quy tắc", "Rules"],
  severity: ["Mức", "Severity"],
  error: ["lỗi", "error"],
  warning: ["cảnh báo", "warning"],
  accepted: ["được chấp nhận", "accepted"],
  quarantined: ["bị tạm giữ", "in quarantine"],
  withdrawn: ["đã rút", "withdrawn"],
  missing: ["chưa gửi", "missing"],
  read_reported: ["", ""],
  read_doubtful: ["cần xem lại", "doubtful"],
  read_unreadable: ["không đọc được", "unreadable"],
  read_blank: ["để trống", "blank"],
  read_not_applicable: ["không phát sinh", "not applicable"],
  portal: ["Cổng dịch vụ công", "portal"],
  edoc: ["trục văn bản", "e-documents"],
  drop: ["thư mục", "folder"],
  error_problem: ["tệp có lỗi", "faults in the file"],
  failed_rule: ["số liệu mâu thuẫn", "contradicting figures"],
  unknown_agency: ["không rõ cơ quan", "unknown agency"],
  unknown_period: ["không rõ kỳ", "unknown period"],
  unknown_form: ["không rõ biểu", "unknown form"],
  year: ["Năm", "Year"],
  quarter_1: ["Quý I", "Quarter 1"],
  half_year: ["6 tháng", "Half year"],
  quarter_3: ["Quý III", "Quarter 3"],
  periodName: ["Kỳ", "Period"],
  yes: ["có", "yes"],
  no: ["không", "no"],
  completeness: ["Chỉ tiêu bắt buộc đã trả lời", "Mandatory lines answered"],
  sentIn: ["Thời hạn", "Timeliness"],
  nothing: ["Không có", "None"],
  noAgencyFigures: [
    "Không có số liệu được chấp nhận của cơ quan này trong kỳ.",
    "No accepted figures of this agency for the period.",
  ],
  search: ["Tìm:", "Search:"],
  rows: ["_TOTAL_ dòng", "_TOTAL_ rows"],
  filtered: [" (trong _MAX_)", " (of _MAX_)"],
  decimal: [",", "."],
  thousands: [".", ","],
  footer: [
    "Số liệu lấy nguyên từ kho dữ liệu đã công bố; trang này không tải gì từ bên ngoài.",
    "Figures stand as in the published warehouse; this page loads nothing from outside.",
  ],
};
const SENTENCES = {
  coverage: [
    (c) => `${c.accepted_count}/${c.expected_count} cơ quan có số liệu được chấp nhận; ${c.quarantined_count} bị tạm giữ; ` +
      `${c.expected_count - c.received_count} không có báo cáo`,
    (c) => `${c.accepted_count} of ${c.expected_count} agencies have accepted figures; ${c.quarantined_count} in quarantine; ` +
      `${c.expected_count - c.received_count} without a report`,
  ],
  asOf: [
    (p) => `Số liệu từ ${day(p.data_from)} đến ${day(p.data_to)}, hạn báo cáo ${day(p.due_on)}; theo đêm ${day(p.night_on)}`,
    (p) => `Figures from ${day(p.data_from)} to ${day(p.data_to)}, due ${day(p.due_on)}; as of the night of ${day(p.night_on)}`,
  ],
  received: [
    (c) => `${c.on_time_count} đúng hạn trong ${c.received_count} đã gửi`,
    (c) => `${c.on_time_count} on time of ${c.received_count} received`,
  ],
  early: [(n) => `trước hạn ${n} ngày`, (n) => `${n} days early`],
  late: [(n) => `sau hạn ${n} ngày`, (n) => `${n} days late`],
  heldOf: [(n) => `${n} biểu bị tạm giữ`, (n) => `${n} report(s) in quarantine`],
  doubtfulOf: [(n) => `${n} số liệu cần xem lại`, (n) => `${n} doubtful figure(s)`],
  unreadableOf: [(n) => `${n} chỉ tiêu không đọc được`, (n) => `${n} unreadable line(s)`],
  since: [(p, before) => `${p} so với ${before}`, (p, before) => `${p} on ${before}`],
  place: [(a, b) => `hạng ${a}/${b} cùng cấp`, (a, b) => `rank ${a} of ${b} peers`],
  medianIs: [(m) => `trung vị ${m}`, (m) => `median ${m}`],
};

// Each table comes as its columns and rows; a missing value is undefined, as if the key were not there.
const FACTS = Object.fromEntries(
  Object.entries(JSON.parse(document.getElementById("facts").textContent)).map(([name, { columns, rows }]) => [
    name, rows.map((row) => Object.fromEntries(columns.map((column, at) => [column, row[at] ?? undefined]))),
  ]),
);
const VIETNAMESE = 0;
let tongue = document.documentElement.lang === "en" ? 1 : VIETNAMESE;
const word = (key) => (WORDS[key] ? WORDS[key][tongue] : key);
const say = (key, ...given) => SENTENCES[key][tongue](...given);
const label = (line) => (tongue === VIETNAMESE ? line.label_vi : line.label_en);
const unitOf = (line) => (tongue === VIETNAMESE ? line.unit : line.unit_en);
const message = (rule) => (tongue === VIETNAMESE ? rule.message_vi : rule.message_en);
const number = (value) =>
  value === undefined ? "" : value.toLocaleString(tongue === VIETNAMESE ? "vi-VN" : "en-GB", { maximumFractionDigits: 2 });
const signed = (value) => (value === undefined ? "" : (value > 0 ? "+" : "") + number(value));
const day = (iso) => (iso ? iso.slice(0, 10).split("-").reverse().join("/") : "");
