/** Words and figures as people read them; all by the browser's own Intl. */

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];
const DAY = 10; // letters of "2026-11-21"
const WEEK = 7 * 86_400; // s; older than this a date says more

/** A locale that Intl takes; what is not one becomes English. */
export function usableLocale(locale: string | undefined): string {
  try {
    return Intl.getCanonicalLocales(locale ?? "")[0] ?? "en";
  } catch {
    return "en";
  }
}

/** A time zone that Intl takes, or the browser's own. */
export function usableZone(zone: string | undefined): string | undefined {
  try {
    return zone ? new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone : undefined;
  } catch {
    return undefined;
  }
}

export class Formatter {
  private readonly numbers: Intl.NumberFormat;
  private readonly relative: Intl.RelativeTimeFormat;
  private readonly exactly: Intl.DateTimeFormat;
  private readonly days: Intl.DateTimeFormat;
  private readonly moments: Intl.DateTimeFormat;
  private readonly calendar: Intl.DateTimeFormat;
  private readonly locale: string;

  constructor(locale?: string, timeZone?: string) {
    this.locale = usableLocale(locale);
    const zone = usableZone(timeZone);
    this.numbers = new Intl.NumberFormat(this.locale);
    this.relative = new Intl.RelativeTimeFormat(this.locale, { numeric: "auto" });
    this.exactly = new Intl.DateTimeFormat(this.locale, { dateStyle: "medium", timeStyle: "long", timeZone: zone });
    this.days = new Intl.DateTimeFormat(this.locale, { dateStyle: "medium", timeZone: zone });
    this.moments = new Intl.DateTimeFormat(this.locale, { dateStyle: "medium", timeStyle: "short", timeZone: zone });
    this.calendar = new Intl.DateTimeFormat("en-CA", { dateStyle: "short", timeZone: zone }); // writes ISO 8601
  }

  number(value: number): string {
    return this.numbers.format(value);
  }

  /** An amount given as a decimal in text, exact to its last digit. */
  money(amount: string, currency: string): string {
    try {
      const style = { style: "currency", currency } as const;
      return new Intl.NumberFormat(this.locale, style).format(amount as Intl.StringNumericLiteral);
    } catch {
      return `${amount} ${currency}`; // not an ISO 4217 code
    }
  }

  /** "12.50 GBP" as the API writes it; anything else as it is. */
  amount(text: string): string {
    const [, number, currency] = /^(-?[\d.]+) ([A-Z]{3})$/.exec(text) ?? [];
    return number && currency ? this.money(number, currency) : text;
  }

  /** How long ago, or in how long; a date when that is more than a week. */
  ago(iso: string, now: number): string {
    const seconds = Math.round((Date.parse(iso) - now) / 1000);
    if (Number.isNaN(seconds)) return "";
    if (Math.abs(seconds) > WEEK) return this.days.format(new Date(iso));
    for (const [unit, size] of UNITS) {
      if (Math.abs(seconds) >= size) return this.relative.format(Math.trunc(seconds / size), unit);
    }
    return Math.abs(seconds) < 10 ? "just now" : this.relative.format(seconds, "second");
  }

  exact(iso: string): string {
    const time = new Date(iso);
    return Number.isNaN(time.getTime()) ? "" : this.exactly.format(time);
  }

  /** Date and time to the minute. */
  moment(iso: string): string {
    const time = new Date(iso);
    return Number.isNaN(time.getTime()) ? "" : this.moments.format(time);
  }

  /** A day of the calendar, "2026-11-21", which is no moment in any zone. */
  day(iso: string): string {
    const day = new Date(`${iso.slice(0, DAY)}T00:00:00Z`);
    if (Number.isNaN(day.getTime())) return "";
    return new Intl.DateTimeFormat(this.locale, { dateStyle: "medium", timeZone: "UTC" }).format(day);
  }

  /** The store's calendar so many days ago, as "2026-11-21". */
  calendarDay(now: number, daysAgo = 0): string {
    const day = new Date(`${this.calendar.format(now)}T00:00:00Z`);
    day.setUTCDate(day.getUTCDate() - daysAgo);
    return day.toISOString().slice(0, DAY);
  }

  /** A length of time in its two largest units. */
  duration(seconds: number): string {
    if (seconds < 60) return "less than a minute";
    const minutes = Math.round(seconds / 60);
    const parts: [number, string][] = [
      [Math.floor(minutes / 1440), "day"],
      [Math.floor(minutes / 60) % 24, "hour"],
      [minutes % 60, "minute"],
    ];
    const first = parts.findIndex(([count]) => count > 0);
    return parts
      .slice(first, first + 2)
      .filter(([count]) => count > 0)
      .map(([count, unit]) => new Intl.NumberFormat(this.locale, { style: "unit", unit, unitDisplay: "long" }).format(count))
      .join(" ");
  }
}

/** Whether an amount in text is nothing, in whatever decimals. */
export function isZero(amount: string): boolean {
  return !/[1-9]/.test(amount);
}

export function plural(count: number, one: string, many: string): string {
  return count === 1 ? one : many;
}

/** What somebody typed in with commas, semicolons or line breaks between, each thing once. */
export function listed(text: string): string[] {
  return [...new Set(text.split(/[,;\n]+/).map((one) => one.trim()).filter(Boolean))];
}
