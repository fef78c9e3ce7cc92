// The page itself: words, cards, pickers, light and dark. Text goes in as text only, never as HTML.
const KEY_LINES = ["III.6.1", "III.6.3", "VII.1.1", "VII.1.1.a", "VII.2.4"];
const byId = (id) => document.getElementById(id);
const element = (tag, className, text) => Object.assign(document.createElement(tag), { className, textContent: text });
const withUnit = (value, line) => `${number(value)}${line.unit === "%" ? "%" : ""}`;

const card = (name, figure, ...more) => {
  const made = element("div", "card", "");
  made.append(element("div", "name", name), element("div", "figure", figure), ...more.filter(Boolean).map((text) => element("div", "more", text)));
  return made;
};

const showHead = () => {
  document.querySelectorAll("[data-word]").forEach((each) => { each.textContent = word(each.dataset.word); });
  document.querySelectorAll("[data-label]").forEach((each) => { each.setAttribute("aria-label", word(each.dataset.label)); });
  const period = FACTS.period[0];
  byId("period").textContent = tongue === VIETNAMESE ? period.label_vi : `${word(period.kind)} ${period.year}`;
  byId("coverage").textContent = say("coverage", FACTS.coverage[0]);
  byId("asof").textContent = say("asOf", period);
  byId("language").textContent = word("language");
  document.title = byId("period").parentElement.textContent;
};

const showCards = () => {
  const coverage = FACTS.coverage[0];
  const cards = [card(word("received"), `${coverage.received_count}/${coverage.expected_count}`, say("received", coverage))];
  cards[0].querySelector(".name").textContent = word("sentIn");
  for (const code of KEY_LINES) {
    const line = LINE.get(code);
    const figure = FACTS.province.find((each) => each.line === code);
    if (!line || figure?.value === undefined) continue;
    const change = figure.change !== undefined && !figure.is_break ? say("since", signed(figure.change), figure.before_period) : "";
    const made = card(`${code} ${label(line)}`, withUnit(figure.value, line), change, `${word("answered")}: ${figure.answered}/${coverage.expected_count}`);
    made.dataset.line = code;
    cards.push(made);
  }
  byId("cards").replaceChildren(...cards);
};

const showAgency = () => {
  const agency = AGENCY.get(byId("agency-pick").value);
  const late = agency.days_after_due;
  const cards = [card(word("state"), word(agency.status), late === undefined ? "" : say(late > 0 ? "late" : "early", Math.abs(late)))];
  if (agency.complete_percent !== undefined) cards.push(card(word("completeness"), `${number(agency.complete_percent)}%`));
  const figures = FACTS.figures.filter((figure) => figure.agency === agency.code);
  for (const code of KEY_LINES) {
    const figure = figures.find((each) => each.line === code);
    const line = LINE.get(code);
    if (figure?.value === undefined) continue;
    const made = card(`${code} ${label(line)}`, withUnit(figure.value, line),
      figure.median === undefined ? "" : say("medianIs", withUnit(figure.median, line)),
      figure.rank === undefined ? "" : say("place", figure.rank, figure.peers));
    made.dataset.line = code;
    cards.push(made);
  }
  byId("agency-cards").replaceChildren(...cards);
  const remarks = [];
  const held = FACTS.quarantine.filter((each) => each.agency === agency.code);
  if (!figures.length) remarks.push(word("noAgencyFigures"));
  if (held.length) remarks.push(say("heldOf", held.length));
  for (const [status, sentence] of [["doubtful", "doubtfulOf"], ["unreadable", "unreadableOf"]]) {
    const lines = figures.filter((figure) => figure.status === status).map((figure) => figure.line);
    if (lines.length) remarks.push(`${say(sentence, lines.length)}: ${lines.join(", ")}`);
  }
  for (const rule of FACTS.rules) if (rule.agency === agency.code) remarks.push(`${word(rule.severity)} ${rule.rule}: ${message(rule)}`);
  byId("agency-remarks").replaceChildren(...remarks.map((text) => element("li", "", text)));
  fillAgency();
};

const offer = (id, options, first) => {
  const select = byId(id);
  const held = select.options.length ? select.value : first;
  select.replaceChildren(...options.map(([value, text]) => new Option(text, value)));
  select.value = held ?? options[0]?.[0] ?? "";
};
const showPickers = () => {
  const agencies = FACTS.agencies.map((agency) => [agency.code, `${agency.name} (${agency.code})`]);
  const numeric = FACTS.lines.filter((line) => line.is_answerable && ["count", "percent", "flag"].includes(line.type)).map((line) => [line.code, `${line.code} ${label(line)}`]);
  const answerable = FACTS.lines.filter((line) => line.is_answerable).map((line) => [line.code, `${line.code} ${label(line)}`]);
  const sections = FACTS.lines.filter((line) => line.code === line.section).map((line) => [line.code, `${line.code}. ${label(line)}`]);
  offer("history-line", numeric, "III.6.1");
  offer("history-agency", [["", word("wholeProvince")], ...agencies], "");
  offer("agency-pick", agencies, (FACTS.agencies.find((agency) => agency.status === "accepted") ?? FACTS.agencies[0])?.code);
  offer("section-pick", [["", word("allSections")], ...sections], "");
  offer("compare-line", answerable, "III.6.1");
};

const show = async () => {
  document.documentElement.lang = tongue === VIETNAMESE ? "vi" : "en";
  showHead(); showPickers(); showCards(); showAgency(); fillTables();
  await drawCharts();
  document.documentElement.dataset.ready = document.documentElement.lang;
};

const dark = matchMedia("(prefers-color-scheme: dark)");
const setTheme = (isDark) => {
  document.documentElement.classList.toggle("dark", isDark);
  byId("theme").setAttribute("aria-pressed", String(isDark));
};
setTheme(dark.matches);
dark.addEventListener("change", (event) => setTheme(event.matches));
byId("theme").addEventListener("click", () => setTheme(!document.documentElement.classList.contains("dark")));
byId("print").addEventListener("click", () => print());
byId("language").addEventListener("click", () => { tongue = 1 - tongue; show(); });
byId("agency-pick").addEventListener("change", showAgency);
byId("section-pick").addEventListener("change", fillLines);
byId("compare-line").addEventListener("change", fillCompare);
for (const id of ["history-line", "history-agency"]) byId(id).addEventListener("change", drawHistory);
show();
