// Words, numbers and dates in the language of the page. The words come from the server, in one block of data.

const data = JSON.parse(document.getElementById("words").textContent);
export const language = document.documentElement.lang;
const plural = new Intl.PluralRules(language);
const UNITS = ["kB", "MB", "GB", "TB"];
// Without a country, English dates would be American ones.
const locale = language === "en" ? "en-GB" : language;
const dayFormat = new Intl.DateTimeFormat(locale, { dateStyle: "medium" });
const languageNames = new Intl.DisplayNames([locale], { type: "language" });
const momentFormat = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });

function filled(text, values) {
  return text.replace(/%\((\w+)\)s/g, (_, name) => values[name] ?? "");
}

export function t(key, values = {}) {
  return filled(data.words[key] ?? key, values);
}

// Of a pair of forms the one for this number, which stands for `n`.
export function count(key, n, values = {}) {
  const [one, other] = data.counted[key];
  return filled(plural.select(n) === "one" ? one : other, { n: number(n), ...values });
}

// How long something still takes, as people say it.
export function timeLeft(seconds) {
  if (seconds < 60) return t("left.moment");
  return seconds < 7200 ? count("left.minutes", Math.round(seconds / 60)) : count("left.hours", Math.round(seconds / 3600));
}

export function number(value, digits = 0) {
  return value.toLocaleString(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

export function size(bytes) {
  let value = bytes && Math.max(bytes / 1024, 0.1);
  let unit = 0;
  for (; value >= 1024 && unit < UNITS.length - 1; unit += 1) value /= 1024;
  return `${number(value, value && value < 10 ? 1 : 0)}\u00a0${UNITS[unit]}`;
}

export const day = (iso) => dayFormat.format(new Date(iso));
export const moment = (iso) => momentFormat.format(new Date(iso));

const WITHIN = " › ";
const KNOWN = /^([A-Za-z]+)( \d+(?:-\d+)?)?( \(hidden\))?(: .*)?$/;

// A place with what parsers call things in the language of the page; headings stay as they are.
export const place = (text) => text.split(WITHIN).map((part) => part.replace(KNOWN, (whole, word, n = "", hidden = "", rest = "") => {
  const known = data.words[`place.${word}`];
  return known ? known + n + (hidden && ` (${t("place.hidden")})`) + rest : whole;
})).join(WITHIN);

// What is known of a code: its title and what to do about it.
export const trouble = (code) => data.troubles[code];

// What is said of a source whose version of the document answers no more.
export const replaced = ({ superseded, version: n, current_version: now }) => (superseded ? t("version.replaced", { n, now }) : "");

// Whether a source was read in a scan, and badly.
export const isPoor = ({ scan_confidence: sure = null }) => sure !== null && sure < data.poor_confidence;

// The title of a warning and what it means; some name pages: `ocr_failed:3,7-9`, or count words, too: `hidden_text:12:3`, or the
// code of a trouble: `not_read_again:parser_limit`.
export function warning(code) {
  const [name, ...about] = code.split(":");
  const [title, text] = data.warnings[name] ?? [name.replaceAll("_", " "), ""];
  const words = about.length > 1 ? [t("warning.words", { n: number(Number(about[0])) })] : [];
  const last = about.slice(-1).map((one) => data.troubles[one]?.[0] ?? one);
  return [title, [text, ...words, ...last].join(" ").trim()];
}

export const statusName = (code) => data.statuses[code] ?? code;
export const stageName = (code) => data.stages[code] ?? code;

export function languageName(code) {
  try {
    return languageNames.of(code) ?? code;
  } catch {
    return code;
  }
}
