// The two rule sets as SQL, run by DuckDB:  node duckdb.mjs flat40|events30 IN.ndjson OUT.csv THREADS
// Writes id,score,stage; the order of the lines is DuckDB's.
import { createRequire } from "node:module";
const { DuckDBInstance } = createRequire(process.env.DUCKDB_MODULES + "/")("@duckdb/node-api");
const [rules, input, output, threads] = process.argv.slice(2);

const rule = (points, condition) => `(CASE WHEN ${condition} THEN ${points} ELSE 0 END)`;
const sum = (list) => list.map(([points, condition]) => rule(points, condition)).join(" + ");
const among = (field, ...texts) => `${field} IN (${texts.map((text) => `'${text}'`).join(", ")})`;
const holds = (field, ...texts) => "(" + texts.map((text) => `${field} ILIKE '%${text}%'`).join(" OR ") + ")";
const freemail = "lower(split_part(email, '@', -1)) IN ('gmail.com','yahoo.com','hotmail.com','outlook.com','aol.com','icloud.com','gmx.de'," +
  "'web.de','mail.ru','protonmail.com','yandex.ru','live.com','msn.com','qq.com','163.com')";
const now = "TIMESTAMP '2026-11-22'";

function flat40() {
  const company = sum([[15, "employees >= 1000"], [12, "employees >= 200 AND employees < 1000"], [8, "employees >= 50 AND employees < 200"],
    [3, "employees >= 10 AND employees < 50"], [-5, "employees < 10"], [10, "annual_revenue >= 100000000"],
    [7, "annual_revenue >= 10000000 AND annual_revenue < 100000000"], [3, "annual_revenue >= 1000000 AND annual_revenue < 10000000"],
    [10, among("industry", "software", "saas", "fintech", "financial services", "insurance")],
    [6, among("industry", "manufacturing", "logistics", "retail", "healthcare")], [-5, among("industry", "education", "nonprofit", "government")],
    [8, among("country", "DE", "AT", "CH")], [5, among("country", "US", "GB", "CA", "FR", "NL", "SE")], [-30, among("country", "KP", "IR", "SY", "CU")],
    [5, "employees >= 500 AND industry = 'software' AND country IN ('US', 'DE')"], [-5, "company IS NULL"]]);
  const persona = sum([[15, "seniority = 'c_level'"], [12, "seniority = 'vp'"], [10, "seniority = 'director'"], [6, "seniority = 'manager'"],
    [-10, among("seniority", "intern", "student")], [6, holds("job_title", "chief", "founder")], [5, holds("job_title", "head of")],
    [6, holds("job_title", "marketing", "sales", "revenue", "growth")], [-8, holds("job_title", "assistant", "student", "intern")],
    [6, among("department", "marketing", "sales", "revenue operations")], [4, `department = 'it' AND ${among("seniority", "c_level", "vp", "director")}`],
    [-6, "job_title IS NULL AND seniority IS NULL"], [-8, freemail], [4, `email IS NOT NULL AND NOT (${freemail})`], [-10, "email IS NULL"]]);
  const intent = sum([[12, among("lead_source", "demo_request", "referral", "partner")], [6, among("lead_source", "webinar", "event", "content")],
    [-8, "lead_source = 'purchased_list'"], [4, holds("utm_campaign", "enterprise")], [3, "newsletter"], [10, "budget >= 50000"],
    [6, "budget >= 10000 AND budget < 50000"], [-3, "budget IS NULL AND NOT coalesce(lead_source IN ('demo_request', 'referral'), false)"],
    [4, `created_at >= ${now} - INTERVAL 30 DAY`]]);
  return `SELECT id, greatest(-20, least(50, ${company})) + greatest(-20, least(40, ${persona})) + greatest(-10, least(30, ${intent})) AS score FROM leads`;
}

function events30() {
  const after = (days) => `e['at'] >= ${now} - INTERVAL ${days} DAY`;
  const count = (condition) => `len(list_filter(events, lambda e: ${condition}))`;
  const fit = sum([[15, "employees >= 1000"], [10, "employees >= 100 AND employees < 1000"], [-5, "employees < 10"],
    [10, among("industry", "software", "saas", "fintech", "financial services", "insurance")], [8, among("country", "DE", "AT", "CH", "US", "GB")],
    [7, "annual_revenue >= 10000000"], [12, among("seniority", "c_level", "vp", "director")], [6, "seniority = 'manager'"],
    [5, holds("job_title", "marketing", "sales", "growth")], [-8, freemail], [8, "budget >= 20000"],
    [-50, count("e['type'] = 'page_view' AND e.url = '/careers'") + " > 0"]]);
  const pricing = count(`e['type'] = 'page_view' AND e.url = '/pricing' AND ${after(30)}`), unsubscribed = count("e['type'] = 'unsubscribe'");
  const each = (points, most, type, days, more = "") => `${points} * least(${most}, ${count(`e['type'] = '${type}' AND ${after(days)}${more}`)})`;
  const interest = [sum([[10, `${pricing} >= 1`], [10, `${pricing} >= 3`], [8, count(`e['type'] = 'download' AND ${after(90)}`) + " > 0"],
    [5, count(`e['type'] = 'download' AND e.name ILIKE '%whitepaper%' AND ${after(90)}`) + " > 0"], [30, count(`e['type'] = 'demo_request' AND ${after(60)}`) + " > 0"],
    [6, count(`e['type'] = 'page_view' AND ${after(7)}`) + " >= 5"],
    [4, count(`e['type'] = 'page_view' AND (e.url = '/case-studies' OR starts_with(e.url, '/customers/')) AND ${after(90)}`) + " > 0"],
    [3, count(`e['type'] = 'page_view' AND contains(e.url, 'docs') AND ${after(30)}`) + " > 0"],
    [5, `len(list_distinct(list_transform(list_filter(events, lambda e: ${after(30)}), lambda e: e['type']))) >= 4`], [4, count(after(3)) + " > 0"],
    [-5, "len(events) = 0"], [-50, `${unsubscribed} > 0`], [3, `newsletter AND ${unsubscribed} = 0`]]),
    each(10, 3, "webinar", 90), each(8, 2, "form_submit", 30), each(2, 5, "email_click", 14), each(1, 5, "email_open", 30),
    each(1, 6, "page_view", 30, " AND starts_with(e.url, '/product')")].join(" + ");
  return `SELECT id, fit + CASE WHEN periods > 0 AND interest > 0 THEN CAST(floor(interest * pow(0.8, periods) + 0.5) AS INTEGER) ELSE interest END AS score FROM (
    SELECT id, greatest(-50, least(50, ${fit})) AS fit, greatest(-50, least(100, ${interest})) AS interest,
      coalesce(floor(epoch(${now} - list_max(list_transform(events, lambda e: e['at']))) / 2592000), 0) AS periods
    FROM (SELECT * REPLACE (coalesce(events, []) AS events) FROM leads))`;
}

const stages = rules === "flat40" ? [75, 50, 25, 5] : [80, 50, 20, 0];
const texts = ["id", "email", "job_title", "seniority", "department", "company", "industry", "country", "lead_source", "utm_campaign"];
const columns = texts.map((name) => `${name}: 'VARCHAR'`).concat(["employees: 'BIGINT'", "annual_revenue: 'DOUBLE'", "budget: 'BIGINT'", "newsletter: 'BOOLEAN'",
  "created_at: 'TIMESTAMP'"], rules === "events30" ? [`events: 'STRUCT("type" VARCHAR, "at" TIMESTAMP, url VARCHAR, name VARCHAR)[]'`] : []);
const connection = await (await DuckDBInstance.create(":memory:", { threads })).connect();
await connection.run(`COPY (WITH leads AS (SELECT * FROM read_json('${input}', format = 'newline_delimited', maximum_object_size = 268435456, columns = {${columns.join(", ")}})),
  scored AS (${rules === "flat40" ? flat40() : events30()})
  SELECT id, score, CASE ${["hot", "warm", "nurture", "cold"].map((name, at) => `WHEN score >= ${stages[at]} THEN '${name}'`).join(" ")} ELSE 'reject' END AS stage FROM scored)
  TO '${output}' (HEADER false, DELIMITER ',')`);
